import { randomBytes, timingSafeEqual } from 'node:crypto'
import { after } from '../platform/clock.ts'
import type { Seal } from '../platform/seal.ts'

/**
 * A desk is a browser at which somebody has signed in before; it shows a cookie that we signed. Wrong passwords from
 * unknown browsers make an account rest for unknown browsers only: whoever tries names from outside must not be able to
 * keep a whole shift from its desks. A desk has its own count for each account, and its own share of tries a minute.
 */
export const deskCookie = 'yihu-desk'
export const deskLastsSeconds = 365 * 24 * 60 * 60

const nameBytes = 16
const signBytes = 16
const signature = (seal: Seal, name: string) => seal.sign(`desk:${name}`).subarray(0, signBytes)

export function newDesk(seal: Seal): string {
  const name = randomBytes(nameBytes).toString('base64url')
  return `${name}.${signature(seal, name).toString('base64url')}`
}

/** The desk that a cookie names; undefined when we did not make it. */
export function deskOf(seal: Seal, cookie: string | undefined): string | undefined {
  const [name, signed] = (cookie ?? '').split('.')
  const given = Buffer.from(signed ?? '', 'base64url')
  if (!name || given.length !== signBytes) return undefined
  return timingSafeEqual(signature(seal, name), given) ? name : undefined
}

const freeTries = 5
const lockStepMs = 60_000
const lockMaxMs = 30 * 60_000
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
  }
}
export type DeskTries = ReturnType<typeof deskTries>
