import { v7 } from 'uuid'
import { after } from '../../platform/clock.ts'
import { enqueue } from '../../platform/outbox.ts'
import type { Parts } from '../../platform/parts.ts'
import type { StoredCall } from '../model.ts'
import { expiresAt } from '../timers.ts'

/** The recording of a call: the one that runs, a new one when it should run and none does, null when it should not. */
export async function recordingOf({ db, clock }: Parts, call: StoredCall, wanted: boolean): Promise<string | null> {
  const [running] = await db.query<{ id: string }>(
    'SELECT id FROM recording WHERE call_id = $1 AND ended_at IS NULL AND deleted_at IS NULL',
    [call.id],
  )
  if (!wanted) return null
  if (running) return running.id
  const id = v7()
  await db.query('INSERT INTO recording (id, call_id, started_at) VALUES ($1, $2, $3)', [id, call.id, clock.now()])
  return id
}

/** It is on the disk. From now its time of keeping runs, by the class of its incident; twice is once. */
export async function endRecording(
  { db, clock }: Parts,
  said: { recordingId: string; durationMs: number; bytes: number },
): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ class: number }>(
      `SELECT i.class FROM recording r JOIN call c ON c.id = r.call_id JOIN incident i ON i.id = c.incident_id
       WHERE r.id = $1 AND r.ended_at IS NULL FOR UPDATE OF r`,
      [said.recordingId],
    )
    if (!row) return
    const now = clock.now()
    const expires = expiresAt(now, row.class)
    await tx.query('UPDATE recording SET ended_at = $2, duration_ms = $3, bytes = $4, expires_at = $5 WHERE id = $1', [
      said.recordingId,
      now,
      said.durationMs,
      said.bytes,
      expires,
    ])
    await enqueue(tx, 'expire-recording', said.recordingId, expires)
  })
}

/** Whose recording it is. */
export async function callRecorded(db: Pick<Parts['db'], 'query'>, recordingId: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>('SELECT call_id AS id FROM recording WHERE id = $1', [recordingId])
  return row?.id
}

// The media process says the end of a recording within a moment; later nobody will.
const cutOffAfterMs = 10_000

/** Recordings that were cut off with their process: what is on the disk is kept, and its time of keeping runs. */
export async function endCutOff(parts: Parts): Promise<void> {
  const cut = await parts.db.query<{ id: string; ms: number }>(
    `SELECT r.id, (extract(epoch FROM coalesce(c.ended_at, $1) - r.started_at) * 1000)::int AS ms
     FROM recording r JOIN call c ON c.id = r.call_id WHERE r.ended_at IS NULL AND c.status = 'ended' AND c.ended_at < $2`,
    [parts.clock.now(), after(parts.clock.now(), -cutOffAfterMs)],
  )
  for (const { id, ms } of cut) await endRecording(parts, { recordingId: id, durationMs: ms, bytes: 0 })
}

/** The sound goes, the row that it was there and who removed it stays. Twice is once. */
export async function removeRecording(
  parts: Parts,
  recordingId: string,
  by: { accountId: string | null; reason: string },
): Promise<boolean> {
  await parts.recordings.remove(recordingId) // first: a row that says deleted must be true
  const rows = await parts.db.query(
    'UPDATE recording SET deleted_at = $2, deleted_by = $3, delete_reason = $4 WHERE id = $1 AND deleted_at IS NULL AND ended_at IS NOT NULL RETURNING id',
    [recordingId, parts.clock.now(), by.accountId, by.reason],
  )
  return rows.length > 0
}
