import { after } from '../platform/clock.ts'
import { attemptsTold } from '../platform/jobs.ts'
import { resendAfterMs } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'

type Counted = { label: string; n: number }

/**
 * The figures that only the database knows, each by an index however long the centre has been running. Every worker process
 * tells the same ones, so a dashboard takes their maximum and not their sum.
 */
export async function measure(parts: Parts): Promise<void> {
  await measureOutbox(parts)
  await measureQueue(parts)
  await measureHelp(parts)
}

async function measureOutbox({ db, clock, metrics }: Parts): Promise<void> {
  const now = clock.now()
  const [outbox] = await db.query<{ due: number; oldest: Date | null }>(
    'SELECT count(*)::int AS due, min(due_at) AS oldest FROM outbox WHERE (sent_at IS NULL AND due_at <= $1) OR sent_at < $2',
    [now, after(now, -resendAfterMs)],
  )
  metrics.outboxDepth.set(outbox?.due ?? 0)
  metrics.outboxOldest.set(outbox?.oldest ? secondsSince(outbox.oldest, now) : 0)
  const failing = await db.query<Counted>(
    `SELECT kind AS label, count(*)::int AS n FROM outbox WHERE attempts >= ${attemptsTold} GROUP BY kind`,
  )
  metrics.jobsStuck.reset()
  for (const { label, n } of failing) metrics.jobsStuck.set({ kind: label }, n)
}

async function measureQueue({ db, clock, metrics }: Parts): Promise<void> {
  const now = clock.now()
  const waiting = await db.query<{ class: number; n: number; oldest: Date }>(
    `SELECT class, count(*)::int AS n, min(waiting_since) AS oldest FROM incident WHERE status = 'waiting' GROUP BY class`,
  )
  metrics.waiting.reset()
  // Every class is told, also when nobody waits: a series that ends would keep its last value in an alert for minutes.
  for (const one of [1, 2, 3, 4, 5]) metrics.oldestWaiting.set({ class: String(one) }, 0)
  for (const row of waiting) {
    metrics.waiting.set({ class: String(row.class) }, row.n)
    metrics.oldestWaiting.set({ class: String(row.class) }, secondsSince(row.oldest, now))
  }
  const [calls] = await db.query<{ waiting: number; oldest: Date | null; backs: number }>(
    `SELECT count(*)::int AS waiting, min(waiting_since) AS oldest,
       (SELECT count(*)::int FROM incident WHERE call_back IS NOT NULL AND status <> 'closed') AS backs
     FROM call WHERE status IN ('offered', 'queued', 'ringing') AND direction = 'in'`,
  )
  metrics.callsWaiting.set(calls?.waiting ?? 0)
  metrics.oldestCall.set(calls?.oldest ? secondsSince(calls.oldest, now) : 0)
  metrics.callBacks.set(calls?.backs ?? 0)
}

async function measureHelp({ db, clock, metrics }: Parts): Promise<void> {
  const now = clock.now()
  const assignments = await db.query<Counted>(
    `SELECT status AS label, count(*)::int AS n FROM assignment WHERE status IN ('requested', 'accepted', 'en-route', 'on-scene') GROUP BY status`,
  )
  for (const status of ['requested', 'accepted', 'en-route', 'on-scene'])
    metrics.assignments.set({ status }, assignments.find(({ label }) => label === status)?.n ?? 0)
  const [late] = await db.query<{ promises: number; followUps: number }>(
    `SELECT (SELECT count(*)::int FROM incident i WHERE i.status IN ('response', 'waiting') AND i.promise_at < $1
         AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.incident_id = i.id AND s.status IN ('on-scene', 'cleared'))) AS promises,
       (SELECT count(*)::int FROM follow_up WHERE done_at IS NULL AND due_at < $1) AS "followUps"`,
    [now],
  )
  metrics.promisesLate.set(late?.promises ?? 0)
  metrics.followUpsOverdue.set(late?.followUps ?? 0)
}

const secondsSince = (time: Date, now: Date): number => Math.max(0, (now.getTime() - time.getTime()) / 1000)
