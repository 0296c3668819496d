import { keepUnitTimers } from '../alarms/unit-calls.ts'
import { operatorLegId } from '../contracts/voice.ts'
import { after } from '../platform/clock.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { sweepHosts } from './host-work.ts'
import { isTalking } from './machine.ts'
import type { StoredCall } from './model.ts'
import { endCutOff } from './sound/recordings.ts'
import { syncMedia } from './sound/sync-media.ts'
import { callColumns, legsOf } from './store.ts'
import { callTimersOf } from './timers.ts'
import { takeVoiceEvent } from './voice-events.ts'

// What is younger may still be on its way as an event.
const settledAfterMs = 15_000

/** Timers of calls without a row are set again; recordings that were cut off are ended. Runs in the worker role. */
export async function sweepCalls(parts: Parts): Promise<void> {
  await sweepHosts(parts)
  for (const call of await liveCalls(parts)) await keepTimers(parts, call)
  await endCutOff(parts)
  await keepUnitTimers(parts)
}

/**
 * What an event should have told and did not: each live call of this media host is held against the legs that telephony
 * really has. A leg that is gone is told as gone, one that is up as up.
 */
export async function compareCalls(parts: Parts): Promise<void> {
  const before = after(parts.clock.now(), -settledAfterMs)
  for (const call of await liveCalls(parts, parts.bus.id)) await compareLegs(parts, call, before)
  await compareOperators(parts, before)
}

const liveCalls = (parts: Parts, hostId: string | null = null): Promise<StoredCall[]> =>
  parts.db.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE status <> 'ended' AND ($1::uuid IS NULL OR media_host_id = $1)`,
    [hostId],
  )

async function keepTimers(parts: Parts, call: StoredCall): Promise<void> {
  for (const timer of callTimersOf(call)) {
    const [row] = await parts.db.query('SELECT 1 FROM outbox WHERE subject = $1 AND kind = $2 LIMIT 1', [
      call.id,
      timer.kind,
    ])
    if (!row) await parts.db.transaction((tx) => enqueue(tx, timer.kind, call.id, timer.dueAt))
  }
}

async function compareLegs(parts: Parts, call: StoredCall, before: Date): Promise<void> {
  const at = parts.clock.now()
  for (const leg of await legsOf(parts.db, call.id)) {
    if (leg.status === 'down' || leg.status === 'new' || 'operator' in leg.address) continue
    if ((leg.upAt ?? leg.createdAt) > before) continue
    const party = { kind: 'phone' as const, number: null }
    const is = parts.voice.legState(leg.legId)
    if (is === 'gone')
      await takeVoiceEvent(parts, { type: 'leg-down', callId: call.id, legId: leg.legId, party, because: 'lost', at })
    else if (is === 'up' && leg.status === 'early')
      await takeVoiceEvent(parts, { type: 'leg-up', callId: call.id, legId: leg.legId, party, at })
  }
  // Nobody is left at our end of it.
  if (isTalking(call) && call.operatorId) {
    const [row] = await parts.db.query<{ up: boolean; since: Date; hostId: string | null }>(
      'SELECT up, since, media_host_id AS "hostId" FROM operator_leg WHERE account_id = $1',
      [call.operatorId],
    )
    // Their line is elsewhere: what told them to open it here was lost.
    if (row?.up && row.hostId !== parts.bus.id) await syncMedia(parts, call.id)
    const gone = !row?.up && (!row || row.since < before)
    if (gone) await parts.db.transaction((tx) => enqueue(tx, 'operator-leg-lost', call.operatorId as string, at))
  }
}

async function compareOperators(parts: Parts, before: Date): Promise<void> {
  const rows = await parts.db.query<{ accountId: string; up: boolean }>(
    'SELECT account_id AS "accountId", up FROM operator_leg WHERE since < $1 AND media_host_id = $2',
    [before, parts.bus.id],
  )
  for (const { accountId, up } of rows) {
    const legId = operatorLegId(accountId)
    const is = parts.voice.legState(legId) === 'up'
    if (is === up) continue
    const told = { callId: null, legId, party: { kind: 'operator' as const, accountId }, at: parts.clock.now() }
    await takeVoiceEvent(parts, is ? { type: 'leg-up', ...told } : { type: 'leg-down', because: 'lost', ...told })
  }
}
