import type { Clock } from './clock.ts'

const windowMs = 60_000
// A gateway whose devices were all enrolled anew shows some old keys in a minute, and not more.
const wrongPerMinuteMax = 30
const addressesMax = 10_000

/**
 * Counts the wrong keys or links that an address shows at one door. It never refuses by itself: a right key is right from
 * whatever address, since a real device may stand behind the same one as a guesser. The door asks `many` to take a wrong
 * one more cheaply, and to say so.
 */
export function countGuesses({ now }: Clock) {
  const seen = new Map<string, { since: number; n: number }>()
  const fresh = (address: string) => {
    const one = seen.get(address)
    return one && now().getTime() - one.since < windowMs ? one : undefined
  }
  return {
    many: (address: string): boolean => (fresh(address)?.n ?? 0) >= wrongPerMinuteMax,
    wrong(address: string): void {
      const one = fresh(address) ?? { since: now().getTime(), n: 0 }
      one.n += 1
      seen.delete(address)
      seen.set(address, one)
      for (const oldest of seen.keys()) {
        if (seen.size <= addressesMax) break
        seen.delete(oldest)
      }
    },
  }
}
