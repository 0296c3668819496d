import { shortOf } from '../platform/asking.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { audit } from './audit.ts'
import type { Caller } from './caller.ts'
import type { Desk, DeskTries } from './desk.ts'
import { hashPassword } from './password.ts'
import { refuseWeak } from './password-rule.ts'
import { provePassword } from './prove-password.ts'

type Row = {
  endsAt: Date
  beforeAt: Date | null
  beforeAddress: string | null
  changedAt: Date | null
  by: string | null
}

/** When this session ends, and what the person should know to see whether somebody else acts in their name. */
export async function sessionOf({ db }: Parts, caller: Caller) {
  const [row] = await db.query<Row>(
    `SELECT s.expires_at AS "endsAt", s.before_at AS "beforeAt", s.before_address AS "beforeAddress",
       CASE WHEN a.password_changed_at > s.before_at AND a.password_changed_at < s.created_at THEN a.password_changed_at END AS "changedAt", by.name AS by
     FROM session s JOIN account a ON a.id = s.account_id LEFT JOIN account by ON by.id = a.password_changed_by WHERE s.id = $1`,
    [caller.sessionId],
  )
  if (!row) throw new Error('the session has just ended')
  const { endsAt, beforeAt, beforeAddress, changedAt, by } = row
  return {
    endsAt: endsAt.toISOString(),
    before: beforeAt && { at: beforeAt.toISOString(), address: beforeAddress },
    passwordChanged: changedAt && { at: changedAt.toISOString(), by },
  }
}

/** With the old one, so that an open page is not enough; the other sessions end, for somebody else may have one. */
export async function changePassword(
  parts: Parts,
  caller: Caller,
  { old, password, at }: { old: string; password: string; at: Desk | undefined },
  tries: DeskTries,
): Promise<Record<string, never> | Refusal> {
  const weak = refuseWeak(password, caller, 'password')
  if (weak) return weak
  const account = await provePassword(parts, { username: caller.username, password: old, at }, tries)
  if (isRefusal(account))
    return refuse('invalid', 'The old password is not right.', [{ path: 'old', message: 'wrong-password' }])
  const passwordHash = await hashPassword(password)
  const { db, clock } = parts
  await db.transaction(async (tx) => {
    await tx.query(
      'UPDATE account SET password_hash = $2, password_changed_at = $3, password_changed_by = NULL WHERE id = $1',
      [caller.id, passwordHash, clock.now()],
    )
    await tx.query('DELETE FROM password_link WHERE account_id = $1 AND used_at IS NULL', [caller.id])
    const entry = {
      accountId: caller.id,
      action: 'change-password',
      subjectKind: 'account',
      subjectId: caller.id,
    } as const
    await audit({ db: tx, clock }, entry)
  })
  await endSessions(parts, caller)
  return {}
}

export async function ownSessions({ db }: Parts, caller: Caller) {
  const rows = await db.query<{ id: string; at: Date; seen: Date; address: string | null; browser: string | null }>(
    'SELECT id, created_at AS at, last_seen_at AS seen, address, browser FROM session WHERE account_id = $1 ORDER BY last_seen_at DESC LIMIT 50',
    [caller.id],
  )
  return rows.map(({ id, at, seen, address, browser }) => ({
    id: shortOf(id),
    own: id === caller.sessionId,
    createdAt: at.toISOString(),
    lastSeenAt: seen.toISOString(),
    address,
    browser,
  }))
}

/** One of their own, or all but the one from which they ask; what hangs on them ends at once. */
export async function endSessions(
  { db, clock, realtime }: Parts,
  caller: Caller,
  short?: string,
): Promise<{ ended: number }> {
  const ended = await db.transaction(async (tx) => {
    const rows = await tx.query<{ id: string }>(
      `DELETE FROM session WHERE account_id = $1 AND id <> $2 AND ($3::text IS NULL OR id LIKE $3 || '%') RETURNING id`,
      [caller.id, caller.sessionId, short ?? null],
    )
    for (const { id } of rows)
      await audit(
        { db: tx, clock },
        {
          accountId: caller.id,
          action: 'end-session',
          subjectKind: 'account',
          subjectId: caller.id,
          reason: shortOf(id),
        },
      )
    return rows
  })
  for (const { id } of ended) realtime.disconnect(`session:${id}`)
  return { ended: ended.length }
}
