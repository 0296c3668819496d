import { v7 } from 'uuid'
import type { JobKind, Timer } from '../contracts/jobs.ts'
import { livingSql } from './alive.ts'
import type { Db, Tx } from './db.ts'

/** A job or a timer: written in the transaction of the change it follows from, deleted when its work is done. */
export type Entry = { id: string; kind: string; subject: string; dueAt: Date; attempts: number }

/** Hands a job on, or sets a timer when `dueAt` lies ahead. Nothing is sent before the transaction commits. */
export async function enqueue(tx: Tx, kind: JobKind, subject: string, dueAt: Date): Promise<void> {
  await enqueueAll(tx, [{ kind, subject, dueAt }])
}

/** Takes back a timer whose reason has gone. One that slips through finds nothing to do. */
export async function cancel(tx: Tx, kind: JobKind, subject: string): Promise<void> {
  await tx.query('DELETE FROM outbox WHERE subject = $1 AND kind = $2', [subject, kind], 'take-back')
}

const isSame = (a: Timer, b: Timer) => a.kind === b.kind && a.dueAt.getTime() === b.dueAt.getTime()

/** Keeps the timers of a subject in step with its state: what it has no reason for any more is taken back, what is new is set. */
export async function keepTimers(tx: Tx, subject: string, had: Timer[], needs: Timer[]): Promise<void> {
  const gone = had.filter((timer) => !needs.some((one) => isSame(one, timer)))
  const fresh = needs.filter((timer) => !had.some((one) => isSame(one, timer)))
  if (gone.length > 0)
    await tx.query(
      'DELETE FROM outbox WHERE subject = $1 AND kind = ANY ($2)',
      [subject, gone.map(({ kind }) => kind)],
      'take-back-all',
    )
  await enqueueAll(
    tx,
    fresh.map((timer) => ({ ...timer, subject })),
  )
}

async function enqueueAll(tx: Tx, entries: (Timer & { subject: string })[]): Promise<void> {
  if (entries.length === 0) return
  await tx.query(
    'INSERT INTO outbox (id, kind, subject, due_at) SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[])',
    [
      entries.map(() => v7()),
      entries.map(({ kind }) => kind),
      entries.map(({ subject }) => subject),
      entries.map(({ dueAt }) => dueAt),
    ],
    'hand-on',
  )
}

/** Not earlier than this after it was sent is a job thought lost and sent again. Longer than any job takes. */
export const resendAfterMs = 30_000

/** Claims up to `limit` due entries for sending, in the name of a process (`alive`). Two drainers never claim the same row. */
export function claimDue(db: Db, now: Date, limit: number, claimant: number | null = null): Promise<Entry[]> {
  return db.query<Entry>(
    `UPDATE outbox SET sent_at = $1, attempts = attempts + 1, claimed_by = $4 WHERE id IN (
       SELECT id FROM outbox WHERE (sent_at IS NULL AND due_at <= $1) OR sent_at < $2
       ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)
     RETURNING id, kind, subject, due_at AS "dueAt", attempts`,
    [now, new Date(now.getTime() - resendAfterMs), limit, claimant],
  )
}

/** What processes took that are no more is due again at once: their work may be half done, and every job may run twice. */
export async function giveBack(db: Pick<Db, 'query'>): Promise<number> {
  const rows = await db.query(
    `UPDATE outbox SET sent_at = NULL, claimed_by = NULL
     WHERE sent_at IS NOT NULL AND claimed_by IS NOT NULL AND claimed_by NOT IN (${livingSql}) RETURNING id`,
  )
  return rows.length
}

/** The work is done (or found to be done already). */
export async function done(db: Db, ids: string[]): Promise<void> {
  await db.query('DELETE FROM outbox WHERE id = ANY ($1)', [ids], 'outbox-done')
}

/** Not now: they come again then. */
export async function putOff(db: Db, ids: string[], dueAt: Date): Promise<void> {
  if (ids.length > 0) await db.query('UPDATE outbox SET sent_at = NULL, due_at = $2 WHERE id = ANY ($1)', [ids, dueAt])
}

/** The queue did not take them: they are due again at once, and nobody has tried them. */
export async function unclaim(db: Db, ids: string[]): Promise<void> {
  await db.query('UPDATE outbox SET sent_at = NULL, attempts = attempts - 1 WHERE id = ANY ($1)', [ids])
}

/** When the next timer is due; null without any. */
export async function nextDue(db: Db): Promise<Date | null> {
  const [row] = await db.query<{ due: Date | null }>('SELECT min(due_at) AS due FROM outbox WHERE sent_at IS NULL')
  return row?.due ?? null
}
