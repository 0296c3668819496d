import type { z } from 'zod'
import type { LookToReview, reviewLook } from '../contracts/access.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'

// More than a day of them; whoever has reviewed some sees the rest.
const listMax = 100

const unreviewed = `FROM audit u JOIN incident i ON i.id::text = u.subject_id JOIN account a ON a.id = u.account_id
  WHERE u.action = 'break-glass' AND u.subject_kind = 'incident' AND i.area_path LIKE ANY ($1)
    AND NOT EXISTS (SELECT 1 FROM look_review r WHERE r.audit_id = u.id)`

const scopeOf = (caller: Caller) => caller.pathsFor('supervise').map((path) => `${path}%`)

/** Looks through a broken glass that no leader has reviewed, oldest first: the longest unexplained is the most urgent. */
export async function looksToReview({ db }: Pick<Parts, 'db'>, caller: Caller): Promise<LookToReview[]> {
  const rows = await db.query<Omit<LookToReview, 'at' | 'id'> & { id: number; at: Date }>(
    `SELECT u.id, u.at, a.name AS "accountName", u.account_id = $2 AS own, u.reason, i.id AS "incidentId", i.number AS "incidentNumber",
       i.area_id AS "areaId" ${unreviewed} ORDER BY u.id LIMIT ${listMax}`,
    [scopeOf(caller), caller.id],
  )
  return rows.map((row) => ({ ...row, id: String(row.id), at: row.at.toISOString() }))
}

/** Reviewed, by another than who looked. Two leaders at once: the first one's review stands, the second finds it done. */
export async function reviewOneLook(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  caller: Caller,
  id: string,
  { note }: z.output<typeof reviewLook>,
): Promise<Record<string, never> | Refusal> {
  const [look] = await db.query<{ accountId: string }>(
    `SELECT u.account_id AS "accountId" ${unreviewed} AND u.id = $2`,
    [scopeOf(caller), id],
  )
  if (!look) return refuse('not-found', 'It has been reviewed already, or lies outside of your area.')
  if (look.accountId === caller.id) return refuse('own-look', 'Somebody else reviews your own look.')
  await db.query(
    'INSERT INTO look_review (audit_id, reviewed_by, reviewed_at, note) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [id, caller.id, clock.now(), note],
  )
  return {}
}
