import { afterEach, beforeEach, expect, test } from 'vitest'
import type { OfferView, PresenceView } from '../../server/contracts/queue.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let devices: Awaited<ReturnType<typeof devicesIn>>
beforeEach(async () => {
  centre = await startCentre()
  devices = (await devicesIn(centre)).filter(({ lineClass, language }) => lineClass === 2 && language === 'zh')
})
afterEach(() => centre.close())

test('one operator on duty whose helper is on the way is rung with the next press, and the one behind it rings when that is taken', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const [first, second, third] = devices.slice(0, 3) as unknown as [{ key: string }, { key: string }, { key: string }]
  const { incidentId } = (await centre.press(first)).body
  await ana.post(`/incidents/${incidentId}/answer`)
  await ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  const ringing = async () => (await ana.get<{ items: OfferView[] }>('/offers')).body.items.map((one) => one.incidentId)
  const two = (await centre.press(second)).body.incidentId
  await centre.work()
  // They work on it: an ordinary one waits.
  expect(await ringing()).toEqual([])
  expect((await ana.post(`/incidents/${incidentId}/dispatch`)).status).toBe(200)
  await centre.work()
  expect(await ringing()).toEqual([two])
  const { items } = (await ana.get<{ items: PresenceView[] }>('/presence')).body
  expect(items.find((one) => one.id === ana.id)?.status).toBe('available')
  const three = (await centre.press(third)).body.incidentId
  await ana.post(`/incidents/${two}/answer`)
  await ana.post(`/incidents/${two}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${two}/dispatch`)
  await centre.work()
  expect(await ringing()).toEqual([three])
})
