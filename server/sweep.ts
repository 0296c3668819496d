import { sweepSessions } from './access/session.ts'
import { compareCalls, sweepCalls } from './incidents/call-sweep.ts'
import { sweepLedger } from './incidents/ledger.ts'
import { after } from './platform/clock.ts'
import { resendAfterMs } from './platform/outbox.ts'
import type { Parts } from './platform/parts.ts'
import { sweepOffers } from './queue/jobs.ts'

const sweepEveryMs = 5_000
/** Three sweeps missed: no worker is alive anywhere. */
export const workerGoneAfterMs = 15_000 + sweepEveryMs

/** The continuous self-check: ledger, lost timers, and the figures that only the database knows. Runs in the worker role. */
export const startSweeps = (parts: Parts): (() => void) => everyFewSeconds(parts, () => sweep(parts))

/** What only a media host can know of its calls. */
export const startCallSweep = (parts: Parts): (() => void) => everyFewSeconds(parts, () => compareCalls(parts))

function everyFewSeconds(parts: Parts, work: () => Promise<void>): () => void {
  let busy = false
  const timer = setInterval(async () => {
    if (busy) return
    busy = true
    try {
      await work()
    } catch (error) {
      parts.log.warn({ fault: (error as Error).message }, 'sweep failed; trying again')
    }
    busy = false
  }, sweepEveryMs)
  return () => clearInterval(timer)
}

export async function sweep(parts: Parts): Promise<void> {
  await parts.db.query('UPDATE system SET worker_seen_at = $1', [parts.clock.now()])
  await sweepLedger(parts)
  await sweepOffers(parts)
  await sweepCalls(parts)
  await sweepSessions(parts)
  await measure(parts)
}

async function measure({ db, clock, metrics }: Parts): Promise<void> {
  const now = clock.now()
  const [outbox] = await db.query<{ due: number }>(
    'SELECT count(*)::int AS due FROM outbox WHERE (sent_at IS NULL AND due_at <= $1) OR sent_at < $2',
    [now, after(now, -resendAfterMs)],
  )
  metrics.outboxDepth.set(outbox?.due ?? 0)
  const waiting = await db.query<{ class: number; n: number; oldest: Date }>(
    `SELECT class, count(*)::int AS n, min(queued_at) AS oldest FROM incident WHERE status = 'waiting' GROUP BY class`,
  )
  metrics.waiting.reset()
  metrics.oldestWaiting.reset()
  for (const row of waiting) {
    metrics.waiting.set({ class: String(row.class) }, row.n)
    metrics.oldestWaiting.set({ class: String(row.class) }, (now.getTime() - row.oldest.getTime()) / 1000)
  }
}
