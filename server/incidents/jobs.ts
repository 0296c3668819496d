import type { JobKind } from '../contracts/jobs.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Jobs } from '../platform/jobs.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { commitFacts } from './change.ts'
import { checkClaim, endWrapUp, returnHeld } from './machine.ts'
import type { Decision } from './model.ts'
import { lock, lockFree, type Stored } from './store.ts'
import { timersOf } from './timers.ts'

// Few at a time: whoever answers one of them, and whoever presses meanwhile, waits for this lock.
const lockedMax = 20
// A command takes some milliseconds; what takes longer is looked at again by the next round.
const lockWaitMs = 500
const lockNotAvailable = '55P03'

/**
 * A timer has run out for these incidents. Each is read again and decided anew: one that was answered, closed or beaten
 * alive meanwhile yields no fact. A timer that is still needed and came early is set again, so that the wait never ends unwatched.
 * One that somebody else is changing at this moment is left for a second later.
 */
export function timerJob(
  parts: Parts,
  kind: JobKind,
  decide: (incident: Stored, now: Date) => Decision,
  also?: (tx: Tx, after: Stored, said: boolean) => Promise<void>,
) {
  const look = async (tx: Tx, incident: Stored): Promise<void> => {
    const now = parts.clock.now()
    const decision = decide(incident, now)
    if ('refused' in decision) return
    const saved = await commitFacts(parts, tx, incident, decision.facts)
    const next = timersOf(saved, now).find((timer) => timer.kind === kind)
    if (next && decision.facts.length === 0)
      await ensureTimer(tx, kind, saved.id, next.dueAt > now ? next.dueAt : after(now, 1_000))
    await also?.(tx, saved, decision.facts.length > 0)
  }
  /** Somebody is changing it: waited for alone, and not long. True when it is still in use. */
  const inUse = async (id: string): Promise<boolean> => {
    try {
      await parts.db.transaction(async (tx) => {
        await tx.query(`SET LOCAL lock_timeout = ${lockWaitMs}`)
        const incident = await lock(tx, id)
        if (incident) await look(tx, incident)
      })
      return false
    } catch (error) {
      if ((error as { code?: string }).code === lockNotAvailable) return true
      throw error
    }
  }
  return async (ids: string[]): Promise<string[]> => {
    const later: string[] = []
    for (let start = 0; start < ids.length; start += lockedMax) {
      const some = ids.slice(start, start + lockedMax)
      const looked = new Set<string>()
      await parts.db.transaction(async (tx) => {
        for (const incident of await lockFree(tx, some)) {
          looked.add(incident.id)
          await look(tx, incident)
        }
      })
      for (const id of some) if (!looked.has(id) && (await inUse(id))) later.push(id)
    }
    return later
  }
}

/** Sets the timer unless one that is not yet sent is there already. */
export async function ensureTimer(tx: Tx, kind: JobKind, subject: string, dueAt: Date): Promise<void> {
  const waiting = await tx.query('SELECT 1 FROM outbox WHERE subject = $1 AND kind = $2 AND sent_at IS NULL', [
    subject,
    kind,
  ])
  if (waiting.length === 0) await enqueue(tx, kind, subject, dueAt)
}

export function incidentJobs(parts: Parts) {
  return {
    'check-claim': timerJob(parts, 'check-claim', checkClaim),
    'return-held': timerJob(parts, 'return-held', returnHeld),
    'end-wrap-up': timerJob(parts, 'end-wrap-up', endWrapUp),
  } satisfies Jobs
}
