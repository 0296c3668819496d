import type { Parts } from '../platform/parts.ts'

type Row = {
  id: number
  at: Date
  accountId: string | null
  accountName: string | null
  action: string
  subjectKind: string
  subjectId: string
  reason: string | null
  address: string | null
  session: string | null
  words: Buffer | null
  named: number
}
type Asked = { subjectId?: string | undefined; action?: string | undefined; limit: number; cursor?: string | undefined }

// Where the subject of a row lies now. CASE looks at the kind before it takes the id for a uuid.
const areaOfSubject = `CASE u.subject_kind
  WHEN 'area' THEN u.subject_id::uuid
  WHEN 'resident' THEN (SELECT area_id FROM resident WHERE id = u.subject_id::uuid)
  WHEN 'household' THEN (SELECT area_id FROM household WHERE id = u.subject_id::uuid)
  WHEN 'device' THEN (SELECT area_id FROM device WHERE id = u.subject_id::uuid)
  WHEN 'provider' THEN (SELECT area_id FROM provider WHERE id = u.subject_id::uuid)
  WHEN 'responder' THEN (SELECT area_id FROM responder WHERE id = u.subject_id::uuid)
  WHEN 'incident' THEN (SELECT area_id FROM incident WHERE id = u.subject_id::uuid)
  WHEN 'call' THEN (SELECT i.area_id FROM call c JOIN incident i ON i.id = c.incident_id WHERE c.id = u.subject_id::uuid)
  WHEN 'recording' THEN (SELECT i.area_id FROM recording r JOIN call c ON c.id = r.call_id JOIN incident i ON i.id = c.incident_id
    WHERE r.id = u.subject_id::uuid) END`

// Whose subject is who opened it: an account, or a list as one person saw it.
const ofAccount = `(u.subject_kind IN ('account', 'follow-up') OR u.subject_kind LIKE '%-list')`

/**
 * Who looked at what, newest first: rows whose subject lies in one of these areas, an account (and the lists that it opened) wherever it holds a role.
 * What has no area of its own (the catalogue) is for those who read the audit of a whole district.
 */
export async function listAudit(
  { db, seal }: Pick<Parts, 'db' | 'seal'>,
  paths: string[],
  { subjectId, action, limit, cursor }: Asked,
) {
  const before = cursor ? Number(cursor) : null
  const district = paths.some((path) => path.split('/').filter(Boolean).length === 1)
  const rows = await db.query<Row>(
    `SELECT u.id, u.at, u.account_id AS "accountId", a.name AS "accountName", u.action, u.subject_kind AS "subjectKind",
       u.subject_id AS "subjectId", u.reason, u.address, u.session, u.words, coalesce(cardinality(u.named), 0) AS named
     FROM audit u LEFT JOIN account a ON a.id = u.account_id
     CROSS JOIN LATERAL (SELECT ${areaOfSubject} AS area_id) place
     WHERE ($1::text IS NULL OR u.subject_id = $1) AND ($2::bigint IS NULL OR u.id < $2) AND ($6::text IS NULL OR u.action = $6)
       AND CASE WHEN ${ofAccount} THEN EXISTS (
             SELECT 1 FROM account_role r JOIN area s ON s.id = r.area_id
             WHERE r.account_id = u.subject_id::uuid AND s.path LIKE ANY ($4))
           WHEN place.area_id IS NULL THEN $5::boolean
           ELSE EXISTS (SELECT 1 FROM area s WHERE s.id = place.area_id AND s.path LIKE ANY ($4)) END
     ORDER BY u.id DESC LIMIT $3`,
    [subjectId ?? null, before, limit + 1, paths.map((path) => `${path}%`), district, action ?? null],
  )
  const items = rows.slice(0, limit).map((row) => ({
    ...row,
    id: String(row.id),
    at: row.at.toISOString(),
    words: row.words && seal.open(row.words),
  }))
  return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null }
}
