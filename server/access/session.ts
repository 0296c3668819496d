import { createHash, randomBytes } from 'node:crypto'
import { staleAfterMs } from '../contracts/realtime.ts'
import { askedBy, shortOf } from '../platform/asking.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Env } from '../platform/env.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { audit } from './audit.ts'
import { type Caller, type HeldRole, makeCaller } from './caller.ts'
import type { Desk, DeskTries } from './desk.ts'
import { provePassword } from './prove-password.ts'

/** Over TLS the browser itself sees to it that no other host and no open connection has set it [RFC 6265bis 4.1.3.2]. */
export const isSecure = ({ publicBaseUrl }: Pick<Env, 'publicBaseUrl'>): boolean =>
  publicBaseUrl?.startsWith('https:') ?? false
export const sessionCookie = (env: Pick<Env, 'publicBaseUrl'>): string => (isSecure(env) ? '__Host-yihu' : 'yihu')
// A shift and its hand-overs; nobody stays signed in over a night off.
const sessionLastsMs = minutes(12 * 60)

// Often enough to see who has gone home; a write for each request would cost more than the request.
const seenWrittenEveryMs = minutes(1)

const digest = (value: string) => createHash('sha256').update(value).digest('hex')

// Nobody sits there any more: whoever comes by could act in their name. Nothing of it for who is on duty and waits for a call.
export const idleEndsMs = minutes(60)
// Older than this, the password is asked for again before an account is changed.
const confirmedForMs = minutes(10)
const browserMax = 200

/** From where somebody signs in. */
export type From = { address: string; browser: string | undefined }

/** A new session's cookie value, or `wrong-credentials` whatever was wrong: the name, the password, a locked account. */
export async function signIn(
  parts: Parts,
  { username, password, at, from }: { username: string; password: string; at: Desk | undefined; from: From },
  tries: DeskTries,
): Promise<{ cookie: string } | Refusal> {
  const account = await provePassword(parts, { username, password, at }, tries)
  if (isRefusal(account)) return account
  const { db, clock } = parts
  const now = clock.now()
  const cookie = randomBytes(32).toString('base64url')
  const id = digest(cookie)
  await db.transaction(async (tx) => {
    await tx.query('DELETE FROM session WHERE account_id = $1 AND expires_at < $2', [
      account.id,
      after(now, -longestMs),
    ])
    await tx.query(
      `INSERT INTO session (id, account_id, created_at, last_seen_at, expires_at, address, browser, confirmed_at, before_at, before_address)
       SELECT $1, id, $3, $3, $4, $5, $6, $3, signed_in_at, signed_in_address FROM account WHERE id = $2`,
      [id, account.id, now, after(now, sessionLastsMs), from.address, from.browser?.slice(0, browserMax) ?? null],
    )
    await tx.query('UPDATE account SET signed_in_at = $2, signed_in_address = $3 WHERE id = $1', [
      account.id,
      now,
      from.address,
    ])
    await askedBy({ address: from.address, session: shortOf(id) }, () =>
      audit(
        { db: tx, clock },
        { accountId: account.id, action: 'sign-in', subjectKind: 'account', subjectId: account.id },
      ),
    )
  })
  return { cookie }
}

/** They are who they say: their password again, from the same session, before they change accounts; the shift begins anew. */
export async function confirmPassword(
  parts: Parts,
  caller: Caller,
  { password, at }: { password: string; at: Desk | undefined },
  tries: DeskTries,
): Promise<Refusal | undefined> {
  const account = await provePassword(parts, { username: caller.username, password, at }, tries)
  if (isRefusal(account)) return refuse('confirm-password', 'This is not your password. Try again.')
  const now = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    await tx.query('UPDATE session SET confirmed_at = $2, expires_at = $3, last_seen_at = $2 WHERE id = $1', [
      caller.sessionId,
      now,
      after(now, sessionLastsMs),
    ])
    const subject = { subjectKind: 'account', subjectId: caller.id }
    await audit({ db: tx, clock: parts.clock }, { accountId: caller.id, action: 'confirm-password', ...subject })
  })
}

/** Was the password typed in this session lately? Else whoever found an open page could give themselves what they like. */
export async function mustConfirm({ db, clock }: Parts, caller: Caller): Promise<Refusal | undefined> {
  const rows = await db.query('SELECT 1 FROM session WHERE id = $1 AND confirmed_at > $2', [
    caller.sessionId,
    after(clock.now(), -confirmedForMs),
  ])
  return rows.length > 0
    ? undefined
    : refuse('confirm-password', 'Enter your own password again, then send it once more.')
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

// Available, and their console says that it is there.
const onDuty = (seen: string) =>
  `EXISTS (SELECT 1 FROM presence p WHERE p.account_id = a.id AND p.status IN ('available', 'on-call', 'wrap-up') AND p.seen_at > ${seen})`
// A page that is open asks many times in this; no longer is a session one at which somebody sits.
const sitsThereMs = minutes(5)
// One that somebody in need holds open outlives its end; longer than this nobody works.
const longestMs = minutes(24 * 60)
/**
 * Whoever has somebody in need in hand, or a caller on the line, is not cut off at the session where they sit; it ends after that. Another
 * one of theirs, at a desk left open yesterday, ends as it should. `seen` and `born`: since when it must have been used, and begun.
 */
const inHand = (seen: string, born: string) => `(s.last_seen_at > ${seen} AND s.created_at > ${born}
  AND (EXISTS (SELECT 1 FROM incident i WHERE i.owner_id = a.id AND i.status IN ('triage', 'response', 'wrap-up'))
  OR EXISTS (SELECT 1 FROM call c WHERE c.operator_id = a.id AND c.status <> 'ended')))`

/** Who holds these sessions, by session; those that are over, or whose account was withdrawn, are left out. */
export async function callersOf(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  sessionIds: string[],
  { used = true }: { used?: boolean } = {},
): Promise<Map<string, Caller>> {
  const now = clock.now()
  const rows = await db.query<SessionRow>(
    `SELECT s.id AS "sessionId", s.last_seen_at AS "lastSeenAt", a.id, a.username, a.name, a.locale,
       (SELECT json_agg(json_build_object('role', r.role, 'areaId', r.area_id, 'areaPath', area.path))
        FROM account_role r JOIN area ON area.id = r.area_id WHERE r.account_id = a.id) AS roles
     FROM session s JOIN account a ON a.id = s.account_id
     WHERE s.id = ANY ($1) AND a.active AND ((s.expires_at > $2 AND (s.last_seen_at > $3 OR ${onDuty('$4')})) OR ${inHand('$5', '$6')})`,
    [
      sessionIds,
      now,
      after(now, -idleEndsMs),
      after(now, -staleAfterMs),
      after(now, -sitsThereMs),
      after(now, -longestMs),
    ],
    'callers-of',
  )
  const unwritten = after(now, -seenWrittenEveryMs)
  const seen = rows.filter((row) => row.lastSeenAt < unwritten).map((row) => row.sessionId)
  // Nobody waits for it: a request is not slower for it, and one that is lost is written a minute later.
  if (used && seen.length > 0)
    void db
      .query('UPDATE session SET last_seen_at = $2 WHERE id = ANY ($1) AND last_seen_at < $3', [seen, now, unwritten])
      .catch(() => {})
  return new Map(
    rows.map(({ lastSeenAt: _, roles, ...row }) => [row.sessionId, makeCaller({ ...row, roles: roles ?? [] })]),
  )
}

/** The session is over, and so is whatever it listens to. */
export async function signOut(
  { db, realtime, clock }: Pick<Parts, 'db' | 'realtime' | 'clock'>,
  caller: Caller,
): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query('DELETE FROM session WHERE id = $1', [caller.sessionId])
    const entry = { accountId: caller.id, action: 'sign-out', subjectKind: 'account', subjectId: caller.id } as const
    await audit({ db: tx, clock }, entry)
  })
  realtime.disconnect(`session:${caller.sessionId}`)
}

/** Sessions that ended by themselves, of everybody. */
export async function sweepSessions({ db, clock }: Pick<Parts, 'db' | 'clock'>): Promise<void> {
  const now = clock.now()
  await db.query(
    `DELETE FROM session s USING account a WHERE a.id = s.account_id AND (s.expires_at < $1 OR s.last_seen_at < $2) AND NOT ${inHand('$4', '$5')}
       AND NOT (s.expires_at > $1 AND ${onDuty('$3')})`,
    [now, after(now, -idleEndsMs), after(now, -staleAfterMs), after(now, -sitsThereMs), after(now, -longestMs)],
  )
}
