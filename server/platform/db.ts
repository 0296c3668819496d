import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../prisma/generated/client.ts'
import { isRefusal } from './refusal.ts'

/** One transaction; everything asked through it commits together or not at all. */
export type Tx = {
  /** With a name it is parsed once for each connection, and planned once where PostgreSQL finds that this pays. */
  query<T extends object>(text: string, values?: unknown[], name?: string): Promise<T[]>
  /** Runs after the commit, never after a rollback: pushes and kicks, which are hints. */
  afterCommit(work: () => void): void
}
export type Db = {
  query<T extends object>(text: string, values?: unknown[], name?: string): Promise<T[]>
  /** A statement that is parsed once for each connection; for the hot path. */
  prepared<T extends object>(name: string, text: string, values: unknown[]): Promise<T[]>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  pool: pg.Pool
  /** The same database by connections of their own, for what people look at: their lists never keep a call or a device waiting. */
  forPages(): Db
  /** Opens the connections that presses and calls keep; those that are lost are opened again within seconds. */
  keepOpen(): Promise<void>
  /** How busy the connections are, for the metrics. */
  pools(): { name: string; open: number; idle: number; waiting: number }[]
  close(): Promise<void>
}

// int8 is a JavaScript number here: our counters stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

// Longer than any statement of the product should take; a stuck one must not hold a connection for ever.
const statementLimitMs = 30_000
// A process that froze inside a transaction must not keep the others from what it locked.
const idleInTransactionMs = 10_000
// A press does not wait longer for an incident that somebody holds: it is refused, and sent again.
const pressLockMs = 2_000
// A device waits for its answer: rather a 503 after this, and it sends again, than no answer.
const connectLimitMs = 5_000
const answerLimitMs = 35_000
const connectionsMax = 12
// Calls, devices and jobs find these open after a quiet night: opening one takes hashing, and a moment that a call has not.
const connectionsKept = 2
// One commit of presses after the other, and who is asking. None is ever closed for being idle.
const plannedConnectionsMax = 4
const keptLookedAtEveryMs = 2_000
// Boards, files and lists of whoever is signed in.
const pagesConnectionsMax = 10
// Forms and lists of people, a few at a time.
const prismaConnectionsMax = 6
/** What a process of the scale-out profile opens, with the one by which it is seen to live (`alive`); compose.yaml gives PostgreSQL room for all of them and for their replacements. */
export const connectionsOfProcess =
  connectionsMax + plannedConnectionsMax + pagesConnectionsMax + prismaConnectionsMax + 1

/** The raw connection for the line from press to closure. Errors of idle connections are the pool's business, not a crash. */
export function connectDb(url: string): Db {
  const open = (max: number, min = 0, options?: string) => {
    const opened = new pg.Pool({
      connectionString: url,
      max,
      min,
      statement_timeout: statementLimitMs,
      idle_in_transaction_session_timeout: idleInTransactionMs,
      query_timeout: answerLimitMs,
      connectionTimeoutMillis: connectLimitMs,
      keepAlive: true,
      idleTimeoutMillis: 60_000,
      ...(options && { options }),
    })
    opened.on('error', () => {})
    return opened
  }
  const pool = open(connectionsMax, connectionsKept)
  const pagesPool = open(pagesConnectionsMax)
  // Planning the statement that stores a press takes six times as long as running it; here it is planned once, for tables
  // that are small today and large tomorrow (so by index), and for any number of presses: its steps are thought to yield one
  // row each, so that nested loops over them look cheap; with a hundred rows they are not.
  const planned = open(
    plannedConnectionsMax,
    plannedConnectionsMax,
    [
      'plan_cache_mode=force_generic_plan',
      'enable_seqscan=off',
      'enable_nestloop=off',
      'jit=off',
      `lock_timeout=${pressLockMs}`,
    ]
      .map((setting) => `-c ${setting}`)
      .join(' '),
  )
  const busy = (name: string, { totalCount, idleCount, waitingCount }: pg.Pool) => ({
    name,
    open: totalCount,
    idle: idleCount,
    waiting: waitingCount,
  })
  let timer: NodeJS.Timeout | undefined
  let closed = false
  const keep = async () => {
    if (closed) return
    await Promise.allSettled([fill(pool, connectionsKept), fill(planned, plannedConnectionsMax)])
  }
  const over = (one: pg.Pool): Omit<Db, 'forPages'> => ({
    pool: one,
    keepOpen: async () => {
      await keep()
      timer ??= setInterval(() => void keep(), keptLookedAtEveryMs).unref()
    },
    pools: () => [busy('line', pool), busy('alarms', planned), busy('pages', pagesPool)],
    query: async (text, values, name) => (await one.query(asked(text, values, name))).rows,
    prepared: async (name, text, values) => (await planned.query({ name, text, values })).rows,
    transaction: (work) => againOnDeadlock(() => inTransaction(one, work)),
    close: async () => {
      closed = true
      clearInterval(timer)
      await Promise.all([pool.end(), planned.end(), pagesPool.end()])
    },
  })
  const pages: Db = { ...over(pagesPool), forPages: () => pages }
  return { ...over(pool), forPages: () => pages }
}

/** Opens what is missing to `min`: the pool itself keeps that many, and opens none before it is asked. */
async function fill(pool: pg.Pool, min: number): Promise<void> {
  const missing = min - pool.totalCount
  if (missing <= 0) return
  // Idle ones are handed out first, so all are asked for at once.
  const given = await Promise.allSettled(Array.from({ length: missing + pool.idleCount }, () => pool.connect()))
  for (const one of given) if (one.status === 'fulfilled') one.value.release()
}

const deadlockTriesMax = 3

/** Two that waited for each other: PostgreSQL ended one of them with nothing done, so it is simply done again. */
async function againOnDeadlock<T>(work: () => Promise<T>, tries = deadlockTriesMax): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (tries > 1 && (error as { code?: string }).code === '40P01') return againOnDeadlock(work, tries - 1)
    throw error
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const afterwards: (() => void)[] = []
  let broken: Error | undefined
  // The pool does not listen to a client that is out: without this a lost connection would end the process.
  const lost = (error: Error) => {
    broken = error
  }
  client.on('error', lost)
  let result: T
  try {
    await client.query('BEGIN')
    result = await work({
      query: async (text, values, name) => (await client.query(asked(text, values, name))).rows,
      afterCommit: (then) => afterwards.push(then),
    })
    // A refusal changes nothing, whatever was written before it was found out.
    await client.query(isRefusal(result) ? 'ROLLBACK' : 'COMMIT')
    if (isRefusal(result)) return result
  } catch (error) {
    await client.query('ROLLBACK').catch(lost)
    throw error
  } finally {
    client.off('error', lost)
    client.release(broken)
  }
  // Committed: what follows are hints, and a fault in one of them takes nothing back.
  for (const then of afterwards) then()
  return result
}

const asked = (text: string, values: unknown[] | undefined, name: string | undefined): pg.QueryConfig => ({
  text,
  ...(values && { values }),
  ...(name && { name }),
})

/** Prisma for the files; the line does not go through it. */
export function connectPrisma(url: string): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: prismaConnectionsMax }) })
}

export type { PrismaClient }
