import {
  type ConnectionOptions,
  createPostgresBackend,
  Queue,
  type QueueOptions,
  runMigrations,
  setDefaultBackendFactory,
  Worker,
} from 'bullmq'
import { Redis } from 'ioredis'
import pg from 'pg'
import type { Clock } from './clock.ts'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { claimDue, done, type Entry, nextDue, unclaim } from './outbox.ts'

/** Background work of one kind, a batch of subjects at a time. It runs at least once, so it reads again before it acts. */
export type Job = (subjects: string[]) => Promise<void>
export type Jobs = Record<string, Job>

const queueName = 'line'
const drainMax = 500
const sweepEveryMs = 1_000
// A job that failed this often is told to a person; it stays in the outbox and is tried on.
const attemptsTold = 5
const concurrency = 8

type Batch = { kind: string; entries: { id: string; subject: string; attempts: number }[] }
export type Drainer = { kick(): void; drain(): Promise<number>; close(): Promise<void> }

/** BullMQ's connection: Redis through ioredis when configured, else its own schema on our PostgreSQL. */
export async function connectQueue(url: {
  database: string
  redis: string | undefined
}): Promise<{ connection: ConnectionOptions; close(): Promise<void> }> {
  if (url.redis) {
    const redis = new Redis(url.redis, { maxRetriesPerRequest: null })
    redis.on('error', () => {})
    return { connection: redis as unknown as ConnectionOptions, close: async () => redis.disconnect() }
  }
  setDefaultBackendFactory(createPostgresBackend)
  const pool = new pg.Pool({
    connectionString: url.database,
    options: '-c search_path=bullmq',
    keepAlive: true,
    max: 12,
  })
  pool.on('error', () => {})
  const client = await pool.connect()
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
  return { connection: pool as unknown as ConnectionOptions, close: () => pool.end() }
}

/**
 * Moves due outbox rows to BullMQ, right after a commit (`kick`) and every second. Rows of one kind go as one job, so that
 * a storm of alarms costs a few jobs and not thousands. A row is deleted only when its work is done: if the queue forgets
 * a job, or the worker dies with it, the row is sent again.
 */
export function startDrainer(parts: {
  db: Db
  clock: Clock
  log: Logger
  queue: Queue<Batch>
  metrics: Metrics
}): Drainer {
  const { db, clock, log, queue, metrics } = parts
  let running: Promise<number> | undefined
  let again = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function drain(): Promise<number> {
    const due = await claimDue(db, clock.now(), drainMax)
    if (due.length > 0) {
      const batches = byKind(due)
      try {
        for (const batch of batches) {
          const oldest = Math.min(
            ...due.filter((entry) => entry.kind === batch.kind).map((entry) => entry.dueAt.getTime()),
          )
          metrics.drainLag.observe({ kind: batch.kind }, Math.max(0, clock.now().getTime() - oldest) / 1000)
          await queue.add(batch.kind, batch, { removeOnComplete: true, removeOnFail: true })
        }
      } catch (error) {
        await unclaim(
          db,
          due.map((entry) => entry.id),
        )
        throw error
      }
    }
    return due.length
  }

  async function run(): Promise<void> {
    clearTimeout(timer)
    let moved = 0
    try {
      do {
        again = false
        running = drain()
        moved = await running
      } while (!closed && (again || moved === drainMax))
    } catch (error) {
      if (!closed) log.warn({ fault: (error as Error).message }, 'outbox not drained; trying again')
    }
    running = undefined
    if (closed) return
    const next = await nextDue(db).catch(() => null)
    const waitMs = next ? next.getTime() - clock.now().getTime() : sweepEveryMs
    if (!closed) timer = setTimeout(() => void run(), Math.min(sweepEveryMs, Math.max(5, waitMs)))
  }
  timer = setTimeout(() => void run(), 0)

  return {
    kick() {
      if (running) again = true
      else void run()
    },
    drain,
    async close() {
      closed = true
      clearTimeout(timer)
      await running?.catch(() => 0)
    },
  }
}

function byKind(entries: Entry[]): Batch[] {
  const kinds = new Map<string, Batch>()
  for (const { id, kind, subject, attempts } of entries) {
    const batch = kinds.get(kind) ?? { kind, entries: [] }
    batch.entries.push({ id, subject, attempts })
    kinds.set(kind, batch)
  }
  return [...kinds.values()]
}

/** Does the work of one batch and deletes its outbox rows. A batch that throws stays in the outbox and comes again. */
export async function perform(
  parts: { db: Db; jobs: Jobs; onTrouble(kind: string): void },
  batch: Batch,
): Promise<void> {
  const job = parts.jobs[batch.kind]
  if (!job) throw new Error(`no job of kind ${batch.kind}`)
  if (batch.entries.some((entry) => entry.attempts === attemptsTold)) parts.onTrouble(batch.kind)
  await job([...new Set(batch.entries.map((entry) => entry.subject))])
  await done(
    parts.db,
    batch.entries.map((entry) => entry.id),
  )
}

export function openQueue(connection: ConnectionOptions): Queue<Batch> {
  const queue = new Queue<Batch>(queueName, { connection } as QueueOptions)
  queue.on('error', () => {})
  return queue
}

export function startWorker(
  connection: ConnectionOptions,
  parts: { db: Db; jobs: Jobs; log: Logger; metrics: Metrics; onTrouble(kind: string): void },
): Worker<Batch> {
  const worker = new Worker<Batch>(
    queueName,
    async (job) => {
      const end = parts.metrics.jobTime.startTimer({ kind: job.data.kind })
      await perform(parts, job.data)
      end()
    },
    { connection, concurrency },
  )
  worker.on('error', (error) => parts.log.warn({ fault: error.message }, 'worker'))
  worker.on('failed', (job, error) => {
    parts.metrics.jobsFailed.inc({ kind: job?.data.kind ?? 'unknown' })
    parts.log.error({ kind: job?.data.kind, fault: error.message }, 'job failed; it stays in the outbox')
  })
  return worker
}
