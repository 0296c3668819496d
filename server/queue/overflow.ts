import { v7 } from 'uuid'
import { changeCall } from '../calls/change.ts'
import type { StoredCall } from '../calls/model.ts'
import { insertLeg, legsOf } from '../calls/store.ts'
import { callTimersOf, thirdRingsMs } from '../calls/timers.ts'
import { alertLeaders } from '../incidents/change.ts'
import { ensureTimer } from '../incidents/jobs.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { toE164 } from '../platform/phone.ts'
import { isAttended, overflowBecause } from './choose.ts'
import { loadOperators } from './store.ts'

/**
 * Somebody waits on the line of a number that rings through. If nobody is on duty, or they have waited too long, the number
 * outside is rung into the call; where there is none they are asked for a message, unless it is about a life. The leaders
 * hear of it, and the incident waits on as it did: an operator may answer at any time.
 */
export async function checkOverflow(parts: Parts, callId: string): Promise<void> {
  const now = parts.clock.now()
  await changeCall(parts, {
    callId,
    decide: async (call, incident, tx) => {
      const due = callTimersOf(call).find(({ kind }) => kind === 'check-overflow')
      if (!due) return null
      if (due.dueAt > now) {
        await ensureTimer(tx, 'check-overflow', callId, due.dueAt)
        return null
      }
      // Somebody talks with them: an on-call telephone has taken it.
      const legs = await legsOf(tx, callId)
      if (legs.some(({ side, status }) => side === 'third' && status === 'up')) return { say: 'look-later' }
      const operators = await loadOperators(tx, after(now, -claimStaleAfterMs))
      const waited = {
        class: incident.class,
        waitedMs: now.getTime() - (call.waitingSince ?? call.offeredAt).getTime(),
        overflowAfterMs: minutes(call.overflowMinutes ?? 0),
      }
      const because = overflowBecause(waited, isAttended(incident.areaPath, operators))
      if (!because) return { say: 'look-later' }
      const number = await ringOutside(parts, tx, call)
      tx.afterCommit(() => alertLeaders(parts, incident, because === 'nobody-live' ? because : 'caller-waits'))
      return { say: 'overflow', because, number, offer: incident.class > 1 }
    },
  })
}

/** Rings the number outside into the call as a third, with the limit that every third has; null when that cannot be. */
async function ringOutside(parts: Parts, tx: Tx, { id: callId, line }: StoredCall): Promise<string | null> {
  const [row] = await tx.query<{ number: string | null }>(
    'SELECT overflow_number AS number FROM hotline WHERE active AND number = ANY ($1) LIMIT 1',
    [[line, toE164(line) ?? line]],
  )
  const number = row?.number ?? null
  // A number of many lines: that one caller talks there keeps no other from it.
  if (number === null || !(await parts.voice.reaches({ phone: number }))) return null
  const legId = v7()
  const now = parts.clock.now()
  await insertLeg(tx, { callId, legId, side: 'third', address: { phone: number }, label: number, status: 'new' }, now)
  await enqueue(tx, 'place-leg', callId, now)
  await enqueue(tx, 'end-leg', `${callId}|${legId}`, after(now, thirdRingsMs({ phone: number })))
  return number
}
