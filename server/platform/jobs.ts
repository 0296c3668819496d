import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
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
import type { JobKind } from '../contracts/jobs.ts'
import { after, type Clock, seconds } from './clock.ts'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import { claimDue, done, type Entry, giveBack, nextDue, putOff, resendAfterMs, unclaim } from './outbox.ts'

/**
 * Background work of one kind, a batch of subjects at a time. It runs at least once, so it reads again before it acts. It
 * may answer the subjects that it could not look at now, because somebody is at work on them: they come again in a moment.
 */
export type Job = (subjects: string[]) => Promise<string[]> | Promise<void>
export type Jobs = Partial<Record<JobKind, Job>>

const queueName = 'line'
const drainMax = 500
const sweepEveryMs = 1_000
// The first row goes at once; in a storm the next ones go together, a few times a second: each hand-over and each job
// costs the same for one row as for a hundred.
const apartMs = 50
// A job that failed this often is told to a person; it stays in the outbox and is tried on.
export const attemptsTold = 5
const busyAgainMs = 1_000
const concurrency = 8
// A worker that died holds its jobs no longer than this in the queue; one that was only slow does them twice.
const holds = { lockDuration: 2_000, stalledInterval: 500, maxStalledCount: 1_000 }
// A queue that takes longer is as good as away; what it takes all the same is harmless twice.
const sendMsMax = 3_000
// One that was silent is not asked again for so long; the work goes on without it.
const silentMs = 10_000

type Batch = { kind: string; entries: { id: string; subject: string; attempts: number }[] }
export type Drainer = {
  kick(): void
  drain(): Promise<number>
  /** How this process does the work itself while the queue cannot be reached. */
  standIn(perform: (batch: Batch) => Promise<void>): void
  close(): Promise<void>
}

export type QueueConnection = {
  options: { connection: ConnectionOptions; prefix: string }
  ready(): boolean
  close(): Promise<void>
}

/** BullMQ's connection: Redis through ioredis when configured, else its own schema on our PostgreSQL. */
export async function connectQueue(url: {
  database: string
  redis: string | undefined
  prefix: string
}): Promise<QueueConnection> {
  const { prefix } = url
  if (url.redis) {
    const redis = new Redis(url.redis, { maxRetriesPerRequest: null })
    redis.on('error', () => {})
    // It is one for the whole process, in which a centre on PostgreSQL may have run before.
    setDefaultBackendFactory()
    return {
      options: { connection: redis as unknown as ConnectionOptions, prefix },
      ready: () => redis.status === 'ready',
      close: async () => redis.disconnect(),
    }
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
  client.on('error', () => {}) // the pool does not listen to a client that is out
  try {
    await runMigrations(client)
  } finally {
    client.release()
  }
  return {
    options: { connection: pool as unknown as ConnectionOptions, prefix },
    ready: () => true,
    close: () => pool.end(),
  }
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
  reachable(): boolean
  metrics: Metrics
  /** This process's number (`alive`), under which it takes rows. */
  claimant?: number
}): Drainer {
  const { db, clock, log, queue, metrics, claimant } = parts
  let standIn: ((batch: Batch) => Promise<void>) | undefined
  let running: Promise<number> | undefined
  let looking = false
  let again = false
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let startedAt = Number.NEGATIVE_INFINITY
  let wakeAt = Number.POSITIVE_INFINITY
  let silentUntil = 0
  let giveBackAt = 0

  async function send(batch: Batch): Promise<void> {
    // The same rows sent again while their job still waits (the worker is away) do not pile up behind it. The job of a process
    // that died may be held for it by the queue: sent by another one it is another job.
    const jobId = createHash('sha1')
      .update(`${claimant} ${batch.entries.map((entry) => entry.id)}`)
      .digest('hex')
    const sent = queue.add(batch.kind, batch, { jobId, removeOnComplete: true, removeOnFail: true })
    const late = pause(sendMsMax, 'late', { ref: false })
    if ((await Promise.race([sent, late])) !== 'late') return
    silentUntil = performance.now() + silentMs
    throw new Error('the queue does not answer')
  }

  const reachable = () => parts.reachable() && performance.now() >= silentUntil

  /** To the queue; while it is away or silent the worker does it itself, each kind beside the others. Harmless twice. */
  async function hand(batch: Batch): Promise<void> {
    if (reachable()) {
      try {
        return await send(batch)
      } catch (error) {
        if (!standIn) throw error
      }
    }
    if (!standIn) throw new Error('the queue cannot be reached')
    void standIn(batch).catch((error: Error) => log.warn({ fault: error.message }, 'work without the queue failed'))
  }

  async function drain(): Promise<number> {
    // Somebody who can work takes them; claiming them here would only keep them from that.
    if (!reachable() && !standIn) return 0
    if (performance.now() >= giveBackAt) {
      giveBackAt = performance.now() + sweepEveryMs
      await giveBack(db)
    }
    const due = await claimDue(db, clock.now(), drainMax, claimant)
    try {
      for (const batch of byKind(due)) {
        const oldest = Math.min(
          ...due.filter((entry) => entry.kind === batch.kind).map((entry) => entry.dueAt.getTime()),
        )
        metrics.drainLag.observe({ kind: batch.kind }, Math.max(0, clock.now().getTime() - oldest) / 1000)
        await hand(batch)
      }
    } catch (error) {
      await unclaim(
        db,
        due.map((entry) => entry.id),
      )
      throw error
    }
    return due.length
  }

  /** Looks then, or earlier if that was planned. */
  function wake(inMs: number): void {
    const at = performance.now() + inMs
    if (closed || at >= wakeAt) return
    clearTimeout(timer)
    wakeAt = at
    timer = setTimeout(() => {
      wakeAt = Number.POSITIVE_INFINITY
      if (looking) again = true
      else void run()
    }, inMs)
  }
  const soon = () => wake(Math.max(0, startedAt + apartMs - performance.now()))

  async function run(): Promise<void> {
    looking = true
    startedAt = performance.now()
    let moved = 0
    let failed = false
    try {
      do {
        again = false
        running = drain()
        moved = await running
      } while (!closed && moved === drainMax)
    } catch (error) {
      failed = true
      if (!closed) log.warn({ fault: (error as Error).message }, 'outbox not drained; trying again')
    }
    running = undefined
    looking = false
    if (closed) return
    if (failed || !(reachable() || standIn)) return wake(sweepEveryMs)
    if (again) return soon()
    const next = await nextDue(db).catch(() => null)
    const waitMs = next ? next.getTime() - clock.now().getTime() : sweepEveryMs
    wake(Math.min(sweepEveryMs, Math.max(5, waitMs)))
  }
  soon()

  return {
    kick() {
      if (looking) again = true
      else soon()
    },
    drain,
    standIn(perform) {
      standIn = perform
    },
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

type Performing = {
  db: Db
  clock: Clock
  /** By kind; a row may be of a kind that only another version knows. */
  jobs: Readonly<Record<string, Job | undefined>>
  /** One failed; it is tried again. */
  onFailed?(kind: string, fault: Error): void
  /** It failed so often that a person must hear. */
  onTrouble(kind: string): void
}

/**
 * Does the work of one batch and deletes its outbox rows. When a batch fails, each of its subjects is tried alone, so that
 * one that cannot be done holds up no other; it stays in the outbox and comes again, later each time.
 */
export async function perform(parts: Performing, batch: Batch): Promise<void> {
  const job = parts.jobs[batch.kind]
  const subjects = [...new Set(batch.entries.map((entry) => entry.subject))]
  const idsOf = (some: string[]) =>
    batch.entries.filter((entry) => some.includes(entry.subject)).map((entry) => entry.id)
  try {
    if (!job) throw new Error(`no job of kind ${batch.kind}`)
    const later = (await job(subjects)) ?? []
    await done(parts.db, idsOf(subjects.filter((subject) => !later.includes(subject))))
    await putOff(parts.db, idsOf(later), after(parts.clock.now(), busyAgainMs))
  } catch (error) {
    if (subjects.length > 1) {
      for (const subject of subjects)
        await perform(parts, { ...batch, entries: batch.entries.filter((entry) => entry.subject === subject) })
      return
    }
    const attempts = Math.max(...batch.entries.map((entry) => entry.attempts))
    await putOff(parts.db, idsOf(subjects), after(parts.clock.now(), retryAfterMs(attempts)))
    parts.onFailed?.(batch.kind, error as Error)
    // No passing fault: a person hears, again and again as long as it lasts.
    if (attempts >= attemptsTold) parts.onTrouble(batch.kind)
  }
}

/** 1, 2, 4 … seconds, at most half a minute. */
const retryAfterMs = (attempts: number): number => Math.min(resendAfterMs, seconds(2 ** Math.max(0, attempts - 1)))

export function openQueue({ options }: QueueConnection): Queue<Batch> {
  const queue = new Queue<Batch>(queueName, options as QueueOptions)
  queue.on('error', () => {})
  return queue
}

export function startWorker(
  { options }: QueueConnection,
  outbox: Drainer,
  parts: {
    db: Db
    clock: Clock
    jobs: Performing['jobs']
    log: Logger
    metrics: Metrics
    onTrouble(kind: string): void
  },
): Worker<Batch> {
  const { log, metrics } = parts
  const onFailed = (kind: string, fault: Error) => {
    metrics.jobsFailed.inc({ kind })
    log.error({ kind, fault: fault.message, stack: fault.stack }, 'job failed; it stays in the outbox')
  }
  const work = async (batch: Batch) => {
    const end = metrics.jobTime.startTimer({ kind: batch.kind })
    await perform({ ...parts, onFailed }, batch)
    end()
  }
  outbox.standIn(work)
  const worker = new Worker<Batch>(queueName, (job) => work(job.data), { ...options, ...holds, concurrency })
  worker.on('error', (error) => log.warn({ fault: error.message }, 'worker'))
  worker.on('failed', (job, error) => onFailed(job?.data.kind ?? 'unknown', error))
  return worker
}
