import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from '../../prisma/generated/client.ts'

/** One transaction; everything asked through it commits together or not at all. */
export type Tx = {
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>
  /** Runs after the commit, never after a rollback: pushes and kicks, which are hints. */
  afterCommit(work: () => void): void
}
export type Db = {
  query<T extends object>(text: string, values?: unknown[]): Promise<T[]>
  /** A statement that is parsed once for each connection; for the hot path. */
  prepared<T extends object>(name: string, text: string, values: unknown[]): Promise<T[]>
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  pool: pg.Pool
  close(): Promise<void>
}

// int8 is a JavaScript number here: our counters stay far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

// Longer than any statement of the product should take; a stuck one must not hold a connection for ever.
const statementLimitMs = 30_000
const connectionsMax = 16

/** The raw connection for the line from press to closure. Errors of idle connections are the pool's business, not a crash. */
export function connectDb(url: string): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    statement_timeout: statementLimitMs,
    keepAlive: true,
    idleTimeoutMillis: 60_000,
  })
  pool.on('error', () => {})
  return {
    pool,
    query: async (text, values) => (await pool.query(text, values)).rows,
    prepared: async (name, text, values) => (await pool.query({ name, text, values })).rows,
    transaction: (work) => inTransaction(pool, work),
    close: () => pool.end(),
  }
}

async function inTransaction<T>(pool: pg.Pool, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await pool.connect()
  const afterwards: (() => void)[] = []
  let broken: Error | undefined
  try {
    await client.query('BEGIN')
    const result = await work({
      query: async (text, values) => (await client.query(text, values)).rows,
      afterCommit: (then) => afterwards.push(then),
    })
    await client.query('COMMIT')
    for (const then of afterwards) then()
    return result
  } catch (error) {
    await client.query('ROLLBACK').catch((fault) => {
      broken = fault
    })
    throw error
  } finally {
    client.release(broken)
  }
}

/** Prisma for the files; the line does not go through it. */
export function connectPrisma(url: string): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg({ connectionString: url, max: 6 }) })
}

export type { PrismaClient }
