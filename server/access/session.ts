import { createHash, randomBytes } from 'node:crypto'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { type Caller, type HeldRole, makeCaller } from './caller.ts'
import { type Desk, type DeskTries, lockMs, usernameOf } from './desk.ts'
import { admitPassword, passwordFits, spendTheSameTime } from './password.ts'

export const cookieName = 'yihu'
// A shift and its hand-overs; nobody stays signed in over a night off.
const sessionLastsMs = minutes(12 * 60)

// Often enough to see who has gone home; a write for each request would cost more than the request.
const seenWrittenEveryMs = minutes(1)

const digest = (value: string) => createHash('sha256').update(value).digest('hex')

type AccountRow = {
  id: string
  password_hash: string
  active: boolean
  failed_logins: number
  locked_until: Date | null
}

/**
 * A new session's cookie value, or `wrong-credentials` whatever was wrong: the name, the password, a locked account. At a
 * desk of theirs its own count decides, from anywhere else that of the account.
 */
export async function signIn(
  { db, clock }: Parts,
  { username, password, at }: { username: string; password: string; at: Desk | undefined },
  tries: DeskTries,
): Promise<{ cookie: string } | Refusal> {
  const rank = at?.knows(username) ? 'known' : 'stranger'
  await admitPassword(rank)
  const now = clock.now()
  const [account] = await db.query<AccountRow>(
    'SELECT id, password_hash, active, failed_logins, locked_until FROM account WHERE username = $1',
    [usernameOf(username)],
  )
  const no = refuse(
    'wrong-credentials',
    'Name or password is wrong, or the account rests after wrong tries. Try again in a minute, or ask your administrator.',
  )
  const desk = account && at?.knows(username) ? at.name : undefined
  const rests = (one: AccountRow) =>
    desk ? tries.rests(desk, one.id, now) : one.locked_until !== null && one.locked_until > now
  if (!account?.active || rests(account)) {
    await spendTheSameTime(password, rank)
    return no
  }
  if (!(await passwordFits(account.password_hash, password, rank))) {
    const failed = account.failed_logins + 1
    if (desk) tries.failed(desk, account.id, now)
    else
      await db.query('UPDATE account SET failed_logins = failed_logins + 1, locked_until = $2 WHERE id = $1', [
        account.id,
        lockMs(failed) ? after(now, lockMs(failed)) : null,
      ])
    return no
  }
  if (desk) tries.fits(desk, account.id)
  const cookie = randomBytes(32).toString('base64url')
  await db.transaction(async (tx) => {
    // What others try from elsewhere goes on being counted.
    if (!desk) await tx.query('UPDATE account SET failed_logins = 0, locked_until = NULL WHERE id = $1', [account.id])
    await tx.query('DELETE FROM session WHERE account_id = $1 AND expires_at < $2', [account.id, now])
    await tx.query(
      'INSERT INTO session (id, account_id, created_at, last_seen_at, expires_at) VALUES ($1, $2, $3, $3, $4)',
      [digest(cookie), account.id, now, after(now, sessionLastsMs)],
    )
  })
  return { cookie }
}

type SessionRow = {
  sessionId: string
  lastSeenAt: Date
  id: string
  username: string
  name: string
  locale: 'zh-CN' | 'en'
  roles: HeldRole[] | null
}

/** Who holds this cookie; undefined when nobody (any more). Read afresh each time: a withdrawn role is gone at once. */
export async function callerOf(
  parts: Pick<Parts, 'db' | 'clock'>,
  cookie: string | undefined,
): Promise<Caller | undefined> {
  if (!cookie) return undefined
  const id = digest(cookie)
  return (await callersOf(parts, [id])).get(id)
}

/** Who holds these sessions, by session; those that are over, or whose account was withdrawn, are left out. */
export async function callersOf(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  sessionIds: string[],
): Promise<Map<string, Caller>> {
  const now = clock.now()
  const rows = await db.query<SessionRow>(
    `SELECT s.id AS "sessionId", s.last_seen_at AS "lastSeenAt", a.id, a.username, a.name, a.locale,
       (SELECT json_agg(json_build_object('role', r.role, 'areaId', r.area_id, 'areaPath', area.path))
        FROM account_role r JOIN area ON area.id = r.area_id WHERE r.account_id = a.id) AS roles
     FROM session s JOIN account a ON a.id = s.account_id
     WHERE s.id = ANY ($1) AND s.expires_at > $2 AND a.active`,
    [sessionIds, now],
    'callers-of',
  )
  const unwritten = after(now, -seenWrittenEveryMs)
  const seen = rows.filter((row) => row.lastSeenAt < unwritten).map((row) => row.sessionId)
  // Nobody waits for it: a request is not slower for it, and one that is lost is written a minute later.
  if (seen.length > 0)
    void db
      .query('UPDATE session SET last_seen_at = $2 WHERE id = ANY ($1) AND last_seen_at < $3', [seen, now, unwritten])
      .catch(() => {})
  return new Map(
    rows.map(({ lastSeenAt: _, roles, ...row }) => [row.sessionId, makeCaller({ ...row, roles: roles ?? [] })]),
  )
}

/** The session is over, and so is whatever it listens to. */
export async function signOut({ db, realtime }: Pick<Parts, 'db' | 'realtime'>, caller: Caller): Promise<void> {
  await db.query('DELETE FROM session WHERE id = $1', [caller.sessionId])
  realtime.disconnect(`session:${caller.sessionId}`)
}

/** Sessions that ended by themselves, of everybody. */
export async function sweepSessions({ db, clock }: Pick<Parts, 'db' | 'clock'>): Promise<void> {
  await db.query('DELETE FROM session WHERE expires_at < $1', [clock.now()])
}
