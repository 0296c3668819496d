import { randomInt } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import type { Logger } from './log.ts'

const againMs = 1_000
// Of the two halves of an advisory lock's key: that it is about a living process.
const lockClass = 891_201

/**
 * Keeps a session of the database that holds a lock of this process's number for as long as it lives. The lock goes with the
 * process, however it ends, at once: the others see by it (`livingSql`) whose work is to be given back.
 */
export async function stayAlive(url: string, log: Logger): Promise<{ number: number; stop(): Promise<void> }> {
  const number = randomInt(1, 2 ** 31)
  let client: pg.Client | undefined
  let ended = false

  async function hold(): Promise<void> {
    const opened = new pg.Client({ connectionString: url, keepAlive: true })
    // What it does is waiting to be lost: after that it is taken anew, and what was given back meanwhile is done twice.
    opened.on('error', () => {})
    await opened.connect()
    await opened.query('SELECT pg_advisory_lock($1, $2)', [lockClass, number]).catch(async (error: Error) => {
      await opened.end().catch(() => {})
      throw error
    })
    opened.once('end', () => void again())
    client = opened
  }
  async function again(): Promise<void> {
    client = undefined
    while (!ended && !client) {
      await pause(againMs, undefined, { ref: false })
      if (ended) return
      await hold().catch((error: Error) => log.warn({ fault: error.message }, 'not seen alive by the other processes'))
    }
  }

  await hold()
  return {
    number,
    async stop() {
      ended = true
      await client?.end()
    },
  }
}

/** The numbers of the processes that live, as a subquery. */
export const livingSql = `SELECT objid::int FROM pg_locks WHERE locktype = 'advisory' AND classid = ${lockClass} AND objsubid = 2 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
