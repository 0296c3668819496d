import type { Clock } from './clock.ts'

const windowMs = 60_000
// A gateway whose devices were all enrolled anew shows some old keys in a minute, and not more.
const wrongPerMinuteMax = 30
const addressesMax = 10_000

/**
 * Counts the wrong keys or links that an address shows at one door. It never refuses by itself: a right key is right from
 * whatever address, since a real device may stand behind the same one as a guesser. Each is counted as wrong before it is looked up,
 * and given back when it was right, so that a hundred at the same moment are a hundred; `many` lets the door take a wrong one more
 * cheaply, and say so.
 */
export function countFailedAttempts({ now }: Clock) {
  const seen = new Map<string, { since: number; n: number }>()
  const fresh = (address: string) => {
    const one = seen.get(address)
    return one && now().getTime() - one.since < windowMs ? one : undefined
  }
  const count = (address: string, by: 1 | -1): number => {
    const one = fresh(address) ?? { since: now().getTime(), n: 0 }
    one.n = Math.max(0, one.n + by)
    seen.delete(address)
    seen.set(address, one)
    for (const oldest of seen.keys()) {
      if (seen.size <= addressesMax) break
      seen.delete(oldest)
    }
    return one.n
  }
  return {
    /** A key is shown. */
    begin(address: string): { many: boolean; right(): void } {
      const many = count(address, 1) > wrongPerMinuteMax
      return { many, right: () => void count(address, -1) }
    },
  }
}
