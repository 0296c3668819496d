import { afterAll, beforeAll, expect, test } from 'vitest'
import type { StrangerView } from '../../server/contracts/strangers.ts'
import { noteStranger } from '../../server/devices/strangers.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('a device that we do not know stands with the leaders until one has looked, and again when it signals a day later', async () => {
  const leader = await centre.as('sup01')
  const list = async () => (await leader.get<{ items: StrangerView[] }>('/strangers')).body.items
  const alerts = async () =>
    (await leader.get<{ items: { kind: string; count: number }[] }>('/alerts')).body.items
      .filter((one) => one.kind === 'unknown-device')
      .map((one) => one.count)
  const signal = () =>
    noteStranger(centre.parts, { protocol: 'dc09', account: '9999', said: 'x', because: 'unknown-account' })
  expect([await list(), await alerts()]).toEqual([[], []])
  await signal()
  await signal()
  const [one] = await list()
  expect(one).toMatchObject({ account: '9999', because: 'unknown-account', count: 2 })
  expect(await alerts()).toEqual([1])
  expect((await (await centre.as('op01')).get('/strangers')).status).toBe(403)
  expect((await leader.post(`/strangers/${one?.id}/review`)).status).toBe(200)
  await signal()
  expect([await list(), await alerts()]).toEqual([[], []])
  centre.clock.forward(25 * 3_600_000)
  await signal()
  const again = (await (await centre.as('sup01')).get<{ items: StrangerView[] }>('/strangers')).body.items
  expect(again.map((each) => each.count)).toEqual([4])
})
