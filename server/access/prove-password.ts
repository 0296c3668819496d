import { whoAsks } from '../platform/asking.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { audit } from './audit.ts'
import { type Desk, type DeskTries, freeTries, lockMaxMs, lockStepMs, usernameOf } from './desk.ts'
import type { Place } from './hashing.ts'
import { admitPassword, passwordFits, spendTheSameTime } from './password.ts'

type AccountRow = { id: string; password_hash: string; active: boolean }

const no = refuse(
  'wrong-credentials',
  'Name or password is wrong, or the account rests after wrong tries. Try again in a minute, or ask your administrator.',
)

/**
 * The account whose password this is. At a desk of theirs its own count decides, from anywhere else that of the account; each try is
 * counted before it is judged, so that a hundred at the same moment are a hundred tries.
 */
export async function provePassword(
  parts: Parts,
  { username, password, at }: { username: string; password: string; at: Desk | undefined },
  tries: DeskTries,
): Promise<{ id: string } | Refusal> {
  const known = at?.knows(username) ?? false
  const place = await admitPassword(known ? 'known' : 'stranger')
  try {
    return await judge(parts, { username, password, desk: known ? at?.name : undefined }, place, tries)
  } finally {
    place.leave()
  }
}

async function judge(
  parts: Parts,
  { username, password, desk }: { username: string; password: string; desk: string | undefined },
  place: Place,
  tries: DeskTries,
): Promise<{ id: string } | Refusal> {
  const { db } = parts
  const [account] = await db.query<AccountRow>('SELECT id, password_hash, active FROM account WHERE username = $1', [
    usernameOf(username),
  ])
  const counted = account?.active && (await countTry(parts, account.id, desk, tries))
  if (!account || !counted) {
    await spendTheSameTime(password, place)
    return failed(parts, account?.id, tries)
  }
  if (!(await passwordFits(account.password_hash, password, place))) return failed(parts, account.id, tries)
  if (desk) tries.fits(desk, account.id)
  // What others try from elsewhere goes on being counted.
  else await db.query('UPDATE account SET failed_logins = 0, locked_until = NULL WHERE id = $1', [account.id])
  return { id: account.id }
}

/** False while it rests. */
async function countTry(
  { db, clock }: Parts,
  id: string,
  desk: string | undefined,
  tries: DeskTries,
): Promise<boolean> {
  const now = clock.now()
  if (desk) {
    if (tries.rests(desk, id, now)) return false
    tries.failed(desk, id, now)
    return true
  }
  const rows = await db.query(
    `UPDATE account SET failed_logins = failed_logins + 1, locked_until = CASE WHEN failed_logins + 1 < $3 THEN NULL
       ELSE $2::timestamptz + least($5::float8, $4::float8 * power(2, least(failed_logins + 1 - $3, 20))) * interval '1 millisecond' END
     WHERE id = $1 AND (locked_until IS NULL OR locked_until <= $2) RETURNING 1`,
    [id, now, freeTries, lockStepMs, lockMaxMs],
  )
  return rows.length > 0
}

async function failed(parts: Parts, accountId: string | undefined, tries: DeskTries): Promise<Refusal> {
  // Once a minute for each account and address: whoever tries a thousand must not fill the table.
  if (!tries.isNews(`${accountId ?? ''} ${whoAsks()?.address ?? ''}`, parts.clock.now())) return no
  // A name that is nobody's may be a password typed in the wrong field: it is not written down.
  const subject = accountId
    ? { subjectKind: 'account', subjectId: accountId }
    : { subjectKind: 'unknown-account', subjectId: '-' }
  await audit(parts, { accountId: null, action: 'sign-in-failed', ...subject })
  return no
}
