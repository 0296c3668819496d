import { randomBytes, timingSafeEqual } from 'node:crypto'
import { after } from '../platform/clock.ts'
import type { Seal } from '../platform/seal.ts'

/**
 * A desk is a browser at which somebody has signed in before; it shows a cookie that we signed, with whose desk it is. Wrong
 * passwords from elsewhere make an account rest for browsers at which it has never signed in: whoever tries names from
 * outside must not be able to keep a whole shift from its desks. A desk has its own count for each of its accounts, and its
 * own share of tries a minute; for the accounts of others it is like any stranger.
 */
export type Desk = { name: string; knows(username: string): boolean }

export const deskCookie = 'yihu-desk'
export const deskLastsSeconds = 365 * 24 * 60 * 60

const nameBytes = 16
const signBytes = 16
// People who share one seat over all shifts; who has not sat there for longest is forgotten.
const peopleMax = 40
const signature = (seal: Seal, words: string) => seal.sign(`desk:${words}`).subarray(0, signBytes).toString('base64url')
/** As the sign-in takes it; also what was sent, before its shape is known. */
export const usernameOf = (sent: unknown): string => String(sent).trim().toLowerCase()
// By the name, so that the limit of tries a minute can tell whose they are before anything is looked up; sealed, so that the
// cookie does not tell who sits there.
const markOf = (seal: Seal, username: string) =>
  seal
    .sign(`desk-person:${usernameOf(username)}`)
    .toString('base64url')
    .slice(0, 8)

/** The cookie's name and people, when we made it. */
function read(seal: Seal, cookie: string | undefined): { name: string; people: string[] } | undefined {
  const [name = '', people = '', signed = ''] = (cookie ?? '').split('.')
  const [given, right] = [Buffer.from(signed), Buffer.from(signature(seal, `${name}.${people}`))]
  if (!name || given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return { name, people: people.split('~').filter(Boolean) }
}

export function deskOf(seal: Seal, cookie: string | undefined): Desk | undefined {
  const desk = read(seal, cookie)
  return desk && { name: desk.name, knows: (username) => desk.people.includes(markOf(seal, username)) }
}

/** The cookie of a desk, new or known, at which this account has just signed in. */
export function deskWith(seal: Seal, cookie: string | undefined, username: string): string {
  const { name, people } = read(seal, cookie) ?? { name: randomBytes(nameBytes).toString('base64url'), people: [] }
  const mine = markOf(seal, username)
  const words = `${name}.${[mine, ...people.filter((one) => one !== mine)].slice(0, peopleMax).join('~')}`
  return `${words}.${signature(seal, words)}`
}

export const freeTries = 5
export const lockStepMs = 60_000
export const lockMaxMs = 30 * 60_000
// More desks than any centre has; the ones that were used longest ago are forgotten.
const rememberedMax = 10_000

/** How long an account rests after this many wrong passwords in a row: none up to five, then doubling. */
export function lockMs(failedLogins: number): number {
  if (failedLogins < freeTries) return 0
  return Math.min(lockMaxMs, lockStepMs * 2 ** (failedLogins - freeTries))
}

/** The wrong passwords of each desk for each account, kept in this process. */
export function deskTries() {
  const tries = new Map<string, { failed: number; until: Date }>()
  const written = new Map<string, Date>()
  const keyOf = (desk: string, accountId: string) => `${desk} ${accountId}`
  return {
    rests: (desk: string, accountId: string, now: Date): boolean =>
      (tries.get(keyOf(desk, accountId))?.until ?? now) > now,
    failed(desk: string, accountId: string, now: Date): void {
      const key = keyOf(desk, accountId)
      const failed = (tries.get(key)?.failed ?? 0) + 1
      tries.delete(key) // last in the order of the map, which is that of forgetting
      tries.set(key, { failed, until: after(now, lockMs(failed)) })
      for (const oldest of tries.keys()) {
        if (tries.size <= rememberedMax) break
        tries.delete(oldest)
      }
    },
    fits: (desk: string, accountId: string): void => void tries.delete(keyOf(desk, accountId)),
    /** Has this failure not been written down within the minute? */
    isNews(failure: string, now: Date): boolean {
      if ((written.get(failure) ?? now) > now) return false
      if (written.size >= rememberedMax) written.clear()
      written.set(failure, after(now, lockStepMs))
      return true
    },
  }
}
export type DeskTries = ReturnType<typeof deskTries>
