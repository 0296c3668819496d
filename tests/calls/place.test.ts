import { afterAll, beforeAll, expect, test } from 'vitest'
import { placeInLine } from '../../server/calls/place.ts'
import type { Board } from '../../server/contracts/incidents.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

async function rings(number: string) {
  const ids = { callId: crypto.randomUUID(), legId: crypto.randomUUID() }
  const party = { kind: 'phone' as const, number }
  await centre.phone.say({ type: 'arrived', ...ids, party, line: '12349', locale: 'zh-CN' })
  await centre.phone.say({ type: 'leg-up', ...ids, party })
  await centre.phone.heardGreeting(ids.callId, ids.legId)
  await centre.settled()
  return ids
}

test('a caller behind six presses is not told that they are next; those behind them come before a battery', async () => {
  const devices = (await devicesIn(centre)).filter(({ lineClass }) => lineClass === 2)
  // Somebody is on duty, and busy with none of it yet.
  await (await centre.as('op01')).available()
  for (const device of devices.slice(0, 6)) {
    await centre.press(device)
    centre.clock.forward(1000)
  }
  const caller = await rings('+8613812340001')
  expect(centre.phone.playing.get(caller.legId)?.prompts).toContain('position-far')
  const [call] = await centre.db.query<{ incident: string }>('SELECT incident_id AS incident FROM call WHERE id = $1', [
    caller.callId,
  ])
  expect(await placeInLine(centre.db, call?.incident as string, centre.clock.now())).toBe(7)
  // A life comes before them, a battery does not, and neither does what came in while its number was closed.
  await centre.press(devices[7] as { key: string }, { type: 'fall' })
  await centre.press(devices[8] as { key: string }, { type: 'low-battery' })
  expect(await placeInLine(centre.db, call?.incident as string, centre.clock.now())).toBe(8)
})

test('the place that is told is the place on the board, for each who waits', async () => {
  const lead = await centre.as('sup01')
  const board = (await lead.get<Board>('/board')).body
  const waiting = board.items
    .filter((row) => row.status === 'waiting')
    .sort((a, b) => (a.rankAt < b.rankAt ? -1 : a.rankAt > b.rankAt ? 1 : a.id < b.id ? -1 : 1))
  expect(waiting.length).toBeGreaterThan(8)
  const told = await Promise.all(waiting.map((row) => placeInLine(centre.db, row.id, centre.clock.now())))
  expect(told).toEqual(waiting.map((_, i) => i + 1))
})
