import type pg from 'pg'
import type { Db } from './db.ts'
import type { Logger } from './log.ts'

const againMsUsual = 5_000

/**
 * Work that only one process of a centre may do at a time, such as holding our place at a broker. Whoever has the lock of this
 * name in the database does it; it goes with the session, so when that process dies another takes over within seconds. What comes
 * back ends it.
 */
export function asLeader(
  db: Pick<Db, 'pool'>,
  name: string,
  begin: () => { stop(): Promise<void> },
  log: Logger,
  againMs = againMsUsual,
) {
  let ended = false
  let timer: NodeJS.Timeout | undefined
  let session: pg.PoolClient | undefined
  let work: { stop(): Promise<void> } | undefined

  async function lose(): Promise<void> {
    const [given, running] = [session, work]
    session = work = undefined
    await running?.stop()
    // Its lock must not outlive it in the pool.
    given?.release(true)
  }

  async function attempt(): Promise<void> {
    try {
      session = await db.pool.connect()
      const { rows } = await session.query('SELECT pg_try_advisory_lock(hashtext($1)) AS got', [`yihu:${name}`])
      if (rows[0]?.got && !ended) {
        session.once('error', () => {
          log.warn({ name }, 'the session that lets this process alone do it is gone; another takes over')
          void lose().finally(again)
        })
        work = begin()
        return
      }
    } catch {} // no database; again in a moment
    // Whatever came of it, no session is kept that does nothing.
    await lose()
    again()
  }
  const again = () => {
    if (!ended) timer = setTimeout(() => void attempt(), againMs)
  }
  void attempt()
  return async () => {
    ended = true
    clearTimeout(timer)
    await lose()
  }
}
