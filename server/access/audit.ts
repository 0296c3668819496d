import type { AuditAction } from '../contracts/vocabulary.ts'
import { whoAsks } from '../platform/asking.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Db } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

type Subject = { subjectKind: string; subjectId: string }
type Entry = Subject & { accountId: string | null; action: AuditAction; reason?: string | null }
type Needs = Pick<Parts, 'clock'> & { db: Pick<Db, 'query'> }

// A screen asks for its file again at each change; within this time that is one look, so that real ones are found.
const sameLookMs = minutes(10)

const from = () => [whoAsks()?.address ?? null, whoAsks()?.session ?? null]

/** Every look at a personal file leaves a row: who, when, which, why. Written before the file is shown. */
export async function audit({ db, clock }: Needs, entry: Entry): Promise<void> {
  await db.query(
    'INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason, address, session) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)',
    [clock.now(), entry.accountId, entry.action, entry.subjectKind, entry.subjectId, entry.reason ?? null, ...from()],
  )
}

/** A look, written at most once in ten minutes for each person and file, also when two requests come at the same moment. */
export async function auditLook({ db, clock }: Needs, entry: Subject & { accountId: string }): Promise<void> {
  const now = clock.now()
  await db.query(
    `WITH fresh AS (
       INSERT INTO last_look (account_id, subject_kind, subject_id, at) VALUES ($1, $2, $3, $4)
       ON CONFLICT (account_id, subject_kind, subject_id) DO UPDATE SET at = $4 WHERE last_look.at <= $5 RETURNING 1)
     INSERT INTO audit (at, account_id, action, subject_kind, subject_id, address, session) SELECT $4, $1, 'look', $2, $3, $6, $7 FROM fresh`,
    [entry.accountId, entry.subjectKind, entry.subjectId, now, after(now, -sameLookMs), ...from()],
  )
}

type Asked = { cursor?: string | undefined; q?: string | undefined; [filter: string]: unknown }
type Answer = { items: { id: string }[] }

/**
 * A list that names people: whom it named is written with the look, before it is shown. Opening it is one look in ten minutes; a
 * further page is a row of its own, and so is each search, with its words (sealed), so that who reads a whole street through by
 * short searches stands out.
 */
export async function auditList<A extends Answer>(
  needs: Needs & Pick<Parts, 'seal'>,
  entry: { accountId: string; subjectKind: string },
  { cursor, q, ...filters }: Asked,
  answer: A,
): Promise<A> {
  const subjectId = entry.accountId
  const page = cursor && Number(cursor) !== 0 ? `from ${cursor}` : null
  const named = answer.items.map(({ id }) => id)
  if (!q && !page) {
    // Another area, or another length of the list, names others: it is a look of its own.
    if (await isFreshLook(needs, { ...entry, subjectId: `${subjectId} ${JSON.stringify(filters)}` }))
      await insertList(needs, { ...entry, action: 'look', subjectId, named })
  } else {
    const words = q ? needs.seal.seal(q) : null
    await insertList(needs, { ...entry, action: q ? 'search' : 'look', subjectId, reason: page, words, named })
  }
  return answer
}

async function isFreshLook({ db, clock }: Needs, entry: Subject & { accountId: string }): Promise<boolean> {
  const now = clock.now()
  const fresh = await db.query(
    `INSERT INTO last_look (account_id, subject_kind, subject_id, at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (account_id, subject_kind, subject_id) DO UPDATE SET at = $4 WHERE last_look.at <= $5 RETURNING 1`,
    [entry.accountId, entry.subjectKind, entry.subjectId, now, after(now, -sameLookMs)],
  )
  return fresh.length > 0
}

type ListEntry = Entry & { words?: Uint8Array | null; named: string[] }
const insertList = ({ db, clock }: Needs, entry: ListEntry) =>
  db.query(
    `INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason, words, named, address, session)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
    [
      clock.now(),
      entry.accountId,
      entry.action,
      entry.subjectKind,
      entry.subjectId,
      entry.reason ?? null,
      entry.words ?? null,
      entry.named,
      ...from(),
    ],
  )

/** Where and how to get in was shown to a responder: written the first time, whatever their page asks afterwards. */
export async function auditShown({ db, clock }: Needs, entry: Subject & { assignmentId: string }): Promise<void> {
  await db.query(
    `INSERT INTO audit (at, action, subject_kind, subject_id, reason, address, session) VALUES ($1, 'shown-to-responder', $2, $3, $4, $5, $6)
     ON CONFLICT (subject_id, reason) WHERE action = 'shown-to-responder' DO NOTHING`,
    [clock.now(), entry.subjectKind, entry.subjectId, `assignment ${entry.assignmentId}`, ...from()],
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
