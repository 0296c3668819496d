import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { letGoEnded, sweepHosts } from '../../server/calls/host-work.ts'
import { loadCall } from '../../server/calls/store.ts'
import { NobodyThere } from '../../server/platform/bus.ts'
import type { Parts } from '../../server/platform/parts.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

/** A call at another media host that was last heard of so many seconds ago, and an operator whose line is there. */
async function callElsewhere(secondsAgo: number): Promise<{ callId: string; hostId: string; operatorId: string }> {
  const hostId = randomUUID()
  await centre.db.query(
    `INSERT INTO media_host (id, seen_at, legs_max) VALUES ($1, now() - $2 * interval '1 second', 10)`,
    [hostId, secondsAgo],
  )
  const { callId } = await centre.phone.dial(null)
  await centre.db.query('UPDATE call SET media_host_id = $2 WHERE id = $1', [callId, hostId])
  const { id: operatorId } = await centre.as('op01')
  await centre.phone.headset(operatorId)
  await centre.db.query('UPDATE operator_leg SET media_host_id = $2 WHERE account_id = $1', [operatorId, hostId])
  return { callId, hostId, operatorId }
}
const statusOf = async (callId: string) => (await loadCall(centre.db, callId))?.status
const partsWith = (ask: () => Promise<never>): Parts => ({ ...centre.parts, bus: { ...centre.parts.bus, ask } })

test('a media host that nobody hears of is gone: its calls are lost and called back, its operators’ lines are down', async () => {
  const { callId, operatorId } = await callElsewhere(3)
  await sweepHosts(centre.parts) // no other process listens: certain
  const call = await loadCall(centre.db, callId)
  expect(call).toMatchObject({ status: 'ended', endedBecause: 'media-lost' })
  const [incident] = await centre.db.query<{ callBack: string }>(
    'SELECT call_back AS "callBack" FROM incident WHERE id = $1',
    [call?.incidentId],
  )
  expect(incident?.callBack).toBe('media-lost')
  expect(await centre.db.query('SELECT up FROM operator_leg WHERE account_id = $1', [operatorId])).toEqual([
    { up: false },
  ])
  const jobs = await centre.db.query('SELECT 1 FROM outbox WHERE kind = $1 AND subject = $2', [
    'operator-leg-lost',
    operatorId,
  ])
  expect(jobs).toHaveLength(1)
})

test('one that answers keeps its calls, however long the database was away', async () => {
  const { callId } = await callElsewhere(120)
  const parts = partsWith(async () => true as never)
  await sweepHosts(parts)
  await sweepHosts(parts)
  expect(await statusOf(callId)).not.toBe('ended')
})

test('one that does not answer is given a second sweep to say that it is there', async () => {
  const { callId, hostId } = await callElsewhere(60)
  const parts = partsWith(async () => {
    throw new Error('no answer to ping')
  })
  await sweepHosts(parts)
  expect(await statusOf(callId)).not.toBe('ended')
  await centre.db.query('UPDATE media_host SET seen_at = now() WHERE id = $1', [hostId])
  await sweepHosts(parts)
  expect(await statusOf(callId)).not.toBe('ended')
  await centre.db.query(`UPDATE media_host SET seen_at = now() - interval '1 minute' WHERE id = $1`, [hostId])
  await sweepHosts(parts)
  await sweepHosts(parts)
  expect(await statusOf(callId)).toBe('ended')
})

test('a host that was thought gone lets go whom it still has on a line', async () => {
  const { callId, legId } = await centre.phone.dial(null)
  await centre.db.query('DELETE FROM media_host WHERE id = $1', [centre.parts.bus.id])
  const away = { ...centre.parts, bus: { ...centre.parts.bus, id: randomUUID() } }
  await sweepHosts(away) // a worker elsewhere ends the call; nobody can tell this host
  expect(await statusOf(callId)).toBe('ended')
  expect(centre.phone.hungUp).not.toContain(legId)
  await letGoEnded(centre.parts)
  expect(centre.phone.hungUp).toContain(legId)
})

test('nobody of another name listens within one process, and says so', async () => {
  await expect(centre.parts.bus.ask(randomUUID(), 'ping', null)).rejects.toThrow(NobodyThere)
})
