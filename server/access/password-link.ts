import { createHash, randomBytes } from 'node:crypto'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { audit } from './audit.ts'
import type { Caller } from './caller.ts'
import { hashPassword } from './password.ts'
import { refuseWeak } from './password-rule.ts'

// Until the person comes to their next shift; what lies in a mailbox for longer opens nothing.
const linkLastsMs = minutes(24 * 60)
const tokenBytes = 32

const idOf = (token: string) => createHash('sha256').update(token).digest()

/** A link for this person, shown once; the one before it opens nothing any more. Whoever makes it learns no password by it. */
export async function makePasswordLink(parts: Parts, caller: Caller, accountId: string) {
  const { db, clock, env } = parts
  const token = randomBytes(tokenBytes).toString('base64url')
  const expiresAt = after(clock.now(), linkLastsMs)
  await db.transaction(async (tx) => {
    await tx.query('DELETE FROM password_link WHERE account_id = $1 AND used_at IS NULL', [accountId])
    await tx.query(
      'INSERT INTO password_link (id, account_id, made_by, made_at, expires_at) VALUES ($1, $2, $3, $4, $5)',
      [idOf(token), accountId, caller.id, clock.now(), expiresAt],
    )
    const subject = { subjectKind: 'account', subjectId: accountId }
    await audit({ db: tx, clock }, { accountId: caller.id, action: 'make-password-link', ...subject })
  })
  const at = env.publicBaseUrl ?? `http://${env.host}:${env.port}`
  return { link: `${at}/password#${token}`, expiresAt: expiresAt.toISOString() }
}

const over = refuse('not-found', 'This link is used, or over. Ask your administrator for a new one.')

/** Good once, also when two come at the same moment; whatever was signed in with the old password ends. */
export async function usePasswordLink(
  parts: Parts,
  { token, password }: { token: string; password: string },
): Promise<{ username: string } | Refusal> {
  const { db, clock, realtime } = parts
  const id = idOf(token)
  type Owner = { accountId: string; username: string; name: string; madeBy: string }
  const [owner] = await db.query<Owner>(
    `SELECT a.id AS "accountId", a.username, a.name, l.made_by AS "madeBy" FROM password_link l JOIN account a ON a.id = l.account_id
     WHERE l.id = $1 AND l.used_at IS NULL AND l.expires_at > $2 AND a.active`,
    [id, clock.now()],
  )
  if (!owner) return over
  const weak = refuseWeak(password, owner, 'password')
  if (weak) return weak
  const passwordHash = await hashPassword(password)
  const { accountId, username, madeBy } = owner
  const done = await db.transaction(async (tx) => {
    const now = clock.now()
    const taken = await tx.query(
      'UPDATE password_link SET used_at = $2 WHERE id = $1 AND used_at IS NULL AND expires_at > $2 RETURNING 1',
      [id, now],
    )
    if (taken.length === 0) return over
    await tx.query(
      `UPDATE account SET password_hash = $2, failed_logins = 0, locked_until = NULL, password_changed_at = $3, password_changed_by = $4 WHERE id = $1`,
      [accountId, passwordHash, now, madeBy],
    )
    await tx.query('DELETE FROM session WHERE account_id = $1', [accountId])
    await audit(
      { db: tx, clock },
      { accountId: null, action: 'use-password-link', subjectKind: 'account', subjectId: accountId },
    )
    return { username }
  })
  realtime.disconnect(`account:${accountId}`)
  return done
}
