import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkToken } from '../../server/dispatch/link.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
type Row = { id: string; status: string; wave: number; responderId: string }
const assignments = () =>
  centre.db.query<Row>(
    'SELECT id, status, wave, responder_id AS "responderId" FROM assignment WHERE incident_id = $1 ORDER BY wave, id',
    [id],
  )
const say = (assignment: Row, what: string, body = {}) =>
  centre.ask('POST', `/r/${linkToken(centre.parts.seal, assignment.id)}/${what}`, body, {})
const told = (kind: string) =>
  centre.pushed.filter((push) => push.name === 'alert.raised' && (push.payload as { kind: string }).kind === kind)
    .length
const wavesSent = async () =>
  (await centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'wave-sent'`, [id])).length

beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const [device] = await devicesIn(centre)
  id = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {}, lowerBecause: '试' })
})
afterEach(() => centre.close())

test('with one helper on the way a second is asked for until somebody comes, wave after wave', async () => {
  await ana.post(`/incidents/${id}/dispatch`)
  await centre.work()
  await say((await assignments())[0] as Row, 'accept')
  await ana.post(`/incidents/${id}/dispatch`)
  await centre.work()
  const second = (await assignments()).filter((one) => one.status === 'requested')
  expect(second.length).toBeGreaterThan(0)
  for (const one of second) await say(one, 'decline', { reason: 'busy' })
  await centre.work()
  expect((await assignments()).some((one) => one.status === 'requested')).toBe(true)
  const third = (await assignments()).find((one) => one.status === 'requested') as Row
  await say(third, 'accept')
  expect((await assignments()).filter((one) => one.status === 'accepted')).toHaveLength(2)
})

test('sending again after three waves in vain asks three waves again', async () => {
  await ana.post(`/incidents/${id}/dispatch`)
  for (let i = 0; i < 14; i++) {
    await centre.pass(15)
    await ana.beat()
  }
  expect([await wavesSent(), told('waves-exhausted')]).toEqual([3, 1])
  await ana.post(`/incidents/${id}/dispatch`)
  for (let i = 0; i < 14; i++) {
    await centre.pass(15)
    await ana.beat()
  }
  expect(await wavesSent()).toBeGreaterThan(4)
})

test('helpers are asked on while the incident waits for another operator', async () => {
  await ana.post(`/incidents/${id}/dispatch`)
  await ana.post(`/incidents/${id}/requeue`)
  await centre.pass(61)
  expect(await wavesSent()).toBe(2)
})

test('when the promised time is over and nobody came, the leaders hear, again and again', async () => {
  await ana.post(`/incidents/${id}/dispatch`)
  await centre.work()
  await say((await assignments())[0] as Row, 'accept')
  for (let minute = 0; minute < 31; minute++) {
    await ana.beat()
    await centre.pass(45)
    await ana.beat()
    centre.clock.forward(15_000)
  }
  expect(told('promise-late')).toBeGreaterThanOrEqual(2)
  await say((await assignments()).find((one) => one.status === 'accepted') as Row, 'on-scene')
  const before = told('promise-late')
  centre.clock.forward(600_000)
  await ana.beat()
  await centre.work()
  expect(told('promise-late')).toBe(before)
})

test('nobody is sent whose provider was withdrawn or whose licence has run out', async () => {
  await centre.db.query('UPDATE provider SET active = false')
  const staff = await centre.db.query(
    `SELECT 1 FROM responder_skill s JOIN responder r ON r.id = s.responder_id WHERE r.provider_id IS NOT NULL`,
  )
  expect(staff).toEqual([])
  await centre.db.query(`UPDATE provider SET active = true, licence_until = '2020-01-01'`)
  const helpers = (await ana.get<{ items: { providerName: string | null }[] }>(`/incidents/${id}/helpers`)).body.items
  expect(helpers.filter((helper) => helper.providerName !== null)).toEqual([])
})
