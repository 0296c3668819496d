import { afterAll, beforeAll, expect, test } from 'vitest'
import { alarmTypes } from '../../server/contracts/vocabulary.ts'
import { evolve } from '../../server/incidents/evolve.ts'
import type { Fact } from '../../server/incidents/model.ts'
import { facts, load, lock, type Stored, save } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// The statement that stores a signal and the function that replays facts define "attached" twice; here they meet on the real database.
let centre: Centre
let ordinary: Awaited<ReturnType<typeof devicesIn>>
beforeAll(async () => {
  centre = await startCentre()
  // Of whom no signal is graver than it says.
  ordinary = (await devicesIn(centre)).filter(({ lineClass }) => lineClass > 2)
  if (ordinary.length === 0) ordinary = (await devicesIn(centre)).filter(({ lineClass }) => lineClass > 1)
  owner = (await centre.as('op01')).id
})
afterAll(() => centre.close())

const operator = '00000000-0000-7000-8000-00000000000a'
const later = (minutes: number) => new Date(centre.clock.now().getTime() + minutes * 60_000)
const by = { actor: 'system' }
/** What may have happened before the next signal comes: each state in which an incident can take one. */
const states: Record<string, () => Fact[]> = {
  waiting: () => [],
  'climbed to the last step': () =>
    [1, 2, 3, 4, 5].map((step) => ({ ...by, at: later(0), type: 'escalated', data: { step } })),
  'taken by the on-call telephone': () => [
    { ...by, at: later(0), type: 'on-call-accepted', data: { callId: 'c', areaId: 'a', name: '' } },
  ],
  'outside of the hours of its number': () => [
    { ...by, at: later(0), type: 'out-of-hours', data: { callId: 'c', until: later(60).toISOString() } },
  ],
  answered: () => [owned()],
  'put aside': () => [
    owned(),
    { ...by, at: later(0), type: 'held', data: { until: later(5).toISOString(), reason: 'x' } },
  ],
  'ringing at a colleague': () => [
    owned(),
    { ...by, at: later(0), type: 'transfer-offered', data: { from: operator, to: operator, reason: '' } },
  ],
  'waiting for its helper': () => [
    owned(),
    { ...by, at: later(0), type: 'dispatched', data: { promiseAt: later(20).toISOString(), needed: 1 } },
    { ...by, at: later(0), type: 'wave-sent', data: { wave: 1, assignments: 2, responderIds: [] } },
  ],
  'climbing the ladder': () => [
    owned(),
    {
      ...by,
      at: later(0),
      type: 'ladder-climbed',
      data: { step: 'call-back', rung: 0, until: later(1).toISOString(), callId: null, byHand: true },
    },
  ],
  'without an answer on the line': () => [
    {
      ...by,
      at: later(0),
      type: 'call-ended',
      data: { callId: 'c', because: 'abandoned', direction: 'in', talkedMs: 0 },
    },
  ],
}
function owned(): Fact {
  return { ...by, at: later(0), type: 'answered', data: { operatorId: owner, waitedMs: 0 } }
}
let owner = operator

/** Without what the database adds. */
const plain = (row: object) => ({ ...row, number: 0, version: 0, seq: 0 })
let next = 0

// One who has no fix, one who is near, one on the other side of the earth, and one who tells none.
const positions = [undefined, { lat: 0, lon: 0 }, { lat: 30.26, lon: 120.14 }, { lat: -33.86, lon: 151.2 }]

/** The signal comes in this state; false when it opened or attached nothing, which is another story. */
async function replayed(
  state: string,
  first: Record<string, unknown>,
  second: Record<string, unknown>,
): Promise<boolean> {
  const device = ordinary[next++ % ordinary.length] as (typeof ordinary)[number]
  await centre.db.query(`UPDATE incident SET status = 'closed' WHERE resident_id = $1`, [device.residentId])
  await centre.db.query('DELETE FROM device_fault WHERE device_id = $1', [device.id])
  const { incidentId } = (await centre.press(device, first)).body
  if (!incidentId) return false
  await centre.db.transaction(async (tx) => {
    const row = await lock(tx, incidentId)
    if (row) await save(tx, row, states[state]?.() ?? [])
  })
  const held = await load(centre.db, incidentId)
  if ((await centre.press(device, second)).body.incidentId !== incidentId) return false
  const after = await load(centre.db, incidentId)
  const last = (await facts(centre.db, incidentId)).at(-1)
  if (after?.version === held?.version) return false
  expect([last?.type, last?.holds]).toEqual(['attached', true])
  expect(plain(evolve(held as Stored, last as Fact)), `${state}: ${JSON.stringify([first, second])}`).toEqual(
    plain(after as Stored),
  )
  return true
}

test.each(Object.keys(states))(
  '%s: whatever signal comes, replaying the facts gives the row that it has made',
  async (state) => {
    let attached = 0
    for (const type of ['low-battery', 'button', 'fall'])
      for (const then of alarmTypes.filter((each) => each !== 'test')) {
        const position = positions[next % positions.length]
        if (await replayed(state, { type }, { type: then, ...(position && { position }) })) attached++
      }
    expect(attached).toBeGreaterThan(25)
  },
)
