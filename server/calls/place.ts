import type { Db } from '../platform/db.ts'

/**
 * The place in the line, from 1: how many matters of their district are taken before this one, whether somebody called, wrote or
 * pressed. It is the order in which the desk sees and is rung by them (`rank_at`: class, then the wait), and the one answer for
 * every voice, page and message that tells somebody their place. Who is answered already, or waits at their own operator, is next.
 */
export async function placeInLine(db: Pick<Db, 'query'>, incidentId: string, now: Date): Promise<number> {
  const [row] = await db.query<{ ahead: number }>(
    `SELECT count(*)::int AS ahead FROM incident mine JOIN incident i ON (i.rank_at, i.id) < (mine.rank_at, mine.id)
     WHERE mine.id = $1 AND mine.status = 'waiting' AND i.status = 'waiting' AND (i.quiet_until IS NULL OR i.quiet_until <= $2)
       AND split_part(i.area_path, '/', 2) = split_part(mine.area_path, '/', 2)`,
    [incidentId, now],
  )
  return 1 + (row?.ahead ?? 0)
}
