import type { StrangerView } from '../contracts/strangers.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { offsetOf, pageOf } from '../residents/queries.ts'

type Row = Omit<StrangerView, 'firstAt' | 'lastAt'> & { firstAt: Date; lastAt: Date }
const columns = 'id, protocol, account, said, because, first_at AS "firstAt", last_at AS "lastAt", count'
const view = (row: Row): StrangerView => ({
  ...row,
  firstAt: row.firstAt.toISOString(),
  lastAt: row.lastAt.toISOString(),
})

/**
 * Whose account is one of ours is for who leads where that device is; what nobody knows may be anywhere, and is for who leads a whole
 * district: no street puts away what another waits for.
 */
export const isTheirs = (paths: string, district: string): string => `CASE
  WHEN EXISTS (SELECT 1 FROM device d WHERE d.protocol = stranger.protocol AND d.account = stranger.account)
  THEN EXISTS (SELECT 1 FROM device d JOIN area ON area.id = d.area_id
    WHERE d.protocol = stranger.protocol AND d.account = stranger.account AND area.path LIKE ANY (${paths}::text[]))
  ELSE ${district}::boolean END`
export const scopeOf = (paths: string[]): [string[], boolean] => [
  paths.map((path) => `${path}%`),
  paths.some((path) => path.split('/').filter(Boolean).length === 1),
]

/** Those that nobody has looked at, the newest first. */
export async function listStrangers(
  { db }: Pick<Parts, 'db'>,
  caller: Caller,
  asked: { cursor?: string | undefined; limit: number },
) {
  const offset = offsetOf(asked.cursor)
  const rows = await db.query<Row>(
    `SELECT ${columns} FROM stranger WHERE reviewed_at IS NULL AND ${isTheirs('$3', '$4')} ORDER BY last_at DESC, id LIMIT $1 OFFSET $2`,
    [asked.limit + 1, offset, ...scopeOf(caller.pathsFor('supervise'))],
  )
  return pageOf(rows.map(view), asked.limit, offset)
}

/** Who has looked at it stands with it; the first one stays. */
export async function reviewStranger(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  caller: Caller,
  id: string,
): Promise<StrangerView | Refusal> {
  const [row] = await db.query<Row>(
    `UPDATE stranger SET reviewed_at = coalesce(reviewed_at, $2), reviewed_by = coalesce(reviewed_by, $3) WHERE id = $1 AND ${isTheirs('$4', '$5')} RETURNING ${columns}`,
    [id, clock.now(), caller.id, ...scopeOf(caller.pathsFor('supervise'))],
  )
  return row ? view(row) : refuse('not-found')
}
