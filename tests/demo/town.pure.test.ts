import { expect, test } from 'vitest'
import { accounts } from '../../prisma/demo/accounts.ts'
import { catalogue } from '../../prisma/demo/catalogue.ts'
import { makeDistrict } from '../../prisma/demo/district.ts'
import { demoTown, streets } from '../../prisma/demo/town.ts'
import { catalogueForm } from '../../server/contracts/catalogue.ts'
import { toE164 } from '../../server/platform/phone.ts'

const now = new Date('2026-11-24T00:00:00Z')
const district = makeDistrict(1, now)
type Corners = [number, number][]
const shapes = (kind: string) =>
  demoTown().features.filter((one) => one.properties.kind === kind && one.geometry.type === 'Polygon')
const lies = ({ lat, lon }: { lat: number; lon: number }, corners: Corners) =>
  lon > Math.min(...corners.map(([x]) => x)) &&
  lon < Math.max(...corners.map(([x]) => x)) &&
  lat > Math.min(...corners.map(([, y]) => y)) &&
  lat < Math.max(...corners.map(([, y]) => y))
const outlines = (kind: string) => shapes(kind).map((one) => (one.geometry.coordinates as Corners[])[0] as Corners)

test('the town is the same on every call, with nine communities, blocks, parks, streets and a river', () => {
  expect(demoTown()).toEqual(demoTown())
  const count = (kind: string) => demoTown().features.filter((one) => one.properties.kind === kind).length
  expect([count('community'), count('river')]).toEqual([9, 1])
  expect(Math.min(count('park'), count('street'))).toBeGreaterThan(5)
  expect(count('block') + count('park')).toBe(24 * 24)
})
test('every household lies in a block of its own community, and none in a park', () => {
  const blocks = outlines('block')
  const parks = outlines('park')
  const communities = new Map(
    outlines('community').map((corners, i) => [shapes('community')[i]?.properties.name, corners]),
  )
  for (const home of district.households) {
    expect(lies(home, communities.get(home.area) ?? [])).toBe(true)
    expect([blocks.some((block) => lies(home, block)), parks.some((park) => lies(home, park))]).toEqual([true, false])
  }
})
test('every number is of the fictional block, valid in form and given out once', () => {
  const numbers = [
    ...district.residents.flatMap((one) => [one.phone, ...one.contacts.map((contact) => contact.phone)]),
    ...district.providers.map((one) => one.phone),
    ...district.responders.map((one) => one.phone),
    ...district.areas.map((one) => one.onCallPhone),
  ].filter((phone) => phone !== null)
  expect(numbers.filter((phone) => !/^\+86199000\d{5}$/.test(phone))).toEqual([])
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const phone of numbers.slice(0, 200)) expect(toE164(phone)).toBe(phone)
})
test('each service fits the contract and has two to five questions, each with an answer for every key', () => {
  for (const item of catalogue) {
    expect(catalogueForm.safeParse(item).error).toBeUndefined()
    expect([item.code, item.questions.length >= 2 && item.questions.length <= 5]).toEqual([item.code, true])
    expect(new Set(item.questions.map((question) => question.id)).size).toBe(item.questions.length)
  }
  expect(new Set(catalogue.map((item) => item.code)).size).toBe(catalogue.length)
  expect(new Set(catalogue.map((item) => item.class))).toEqual(
    new Set(['public', 'convenience', 'voluntary', 'emergency']),
  )
})
test('the first operator knows the whole district and the last only the last street', () => {
  const areasOf = (username: string) => accounts.find((one) => one.username === username)?.areas
  expect(areasOf('op01')).toEqual(['district'])
  expect(areasOf('op12')).toEqual([streets.at(-1)?.name])
  expect(accounts.filter((one) => one.role === 'operator')).toHaveLength(12)
})
test('some devices are in every state, and about six in ten responders are on duty', () => {
  expect(new Set(district.devices.map((one) => one.state))).toEqual(
    new Set(['registered', 'in-service', 'in-test', 'out-of-service']),
  )
  const share = district.responders.filter((one) => one.onDuty).length / district.responders.length
  expect(share).toBeGreaterThan(0.5)
  expect(share).toBeLessThan(0.7)
})
