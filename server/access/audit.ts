import type { AuditAction } from '../contracts/vocabulary.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

type Subject = { subjectKind: string; subjectId: string }
type Entry = Subject & { accountId: string | null; action: AuditAction; reason?: string | null }
type Needs = Pick<Parts, 'clock'> & { db: Pick<Db, 'query'> }

// A screen asks for its file again at each change; within this time that is one look, so that real ones are found.
const sameLookMs = minutes(10)

/** Every look at a personal file leaves a row: who, when, which, why. Written before the file is shown. */
export async function audit({ db, clock }: Needs, entry: Entry): Promise<void> {
  await db.query(
    'INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason) VALUES ($1, $2, $3, $4, $5, $6)',
    [clock.now(), entry.accountId, entry.action, entry.subjectKind, entry.subjectId, entry.reason ?? null],
  )
}

/** A look, written at most once in ten minutes for each person and file, also when two requests come at the same moment. */
export async function auditLook({ db, clock }: Needs, entry: Subject & { accountId: string }): Promise<void> {
  const now = clock.now()
  await db.query(
    `WITH fresh AS (
       INSERT INTO last_look (account_id, subject_kind, subject_id, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id, subject_kind, subject_id) DO UPDATE SET at = $4 WHERE last_look.at <= $5 RETURNING 1)
     INSERT INTO audit (at, account_id, action, subject_kind, subject_id) SELECT $4, $1, 'look', $2, $3 FROM fresh`,
    [entry.accountId, entry.subjectKind, entry.subjectId, now, after(now, -sameLookMs)],
  )
}

/**
 * A list that names people was opened: one look for its opening, in ten minutes. Each further page is a row of its own, so
 * that somebody who reads a whole street through stands out. Whom the pages named is not written down.
 */
export async function auditList(
  needs: Needs,
  entry: { accountId: string; subjectKind: string },
  { cursor }: { cursor?: string | undefined },
): Promise<void> {
  const look = { ...entry, subjectId: entry.accountId }
  if (!cursor || Number(cursor) === 0) return auditLook(needs, look)
  await audit(needs, { ...look, action: 'look', reason: `from ${cursor}` })
}

/** Where and how to get in was shown to a responder: written the first time, whatever their page asks afterwards. */
export async function auditShown({ db, clock }: Needs, entry: Subject & { assignmentId: string }): Promise<void> {
  await db.query(
    `INSERT INTO audit (at, action, subject_kind, subject_id, reason) VALUES ($1, 'shown-to-responder', $2, $3, $4)
     ON CONFLICT (subject_id, reason) WHERE action = 'shown-to-responder' DO NOTHING`,
    [clock.now(), entry.subjectKind, entry.subjectId, `assignment ${entry.assignmentId}`],
  )
}

/** Has this person just given a reason to look at this without owning it? */
export async function brokeGlass({ db, clock }: Needs, entry: Subject & { accountId: string }): Promise<boolean> {
  const rows = await db.query(
    `SELECT 1 FROM audit WHERE subject_kind = $2 AND subject_id = $3 AND at > $4 AND account_id = $1 AND action = 'break-glass' LIMIT 1`,
    [entry.accountId, entry.subjectKind, entry.subjectId, after(clock.now(), -sameLookMs)],
  )
  return rows.length > 0
}
