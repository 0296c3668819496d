import { addressesMax } from '../limits.ts'

/** So many at once, and then so many a second, for each key. */
export type RateLimit = { take(key: string): boolean }

export function createRateLimit(rate: { perSecond: number; burst: number }, now: () => Date): RateLimit {
  const rateLimit = new Map<string, { left: number; at: number }>()
  return {
    take(key) {
      const at = now().getTime()
      const before = rateLimit.get(key) ?? { left: rate.burst, at }
      const left = Math.min(rate.burst, before.left + ((at - before.at) / 1000) * rate.perSecond)
      // Put at the end, so that the one which was not seen for longest is the first to be forgotten.
      rateLimit.delete(key)
      rateLimit.set(key, { left: left >= 1 ? left - 1 : left, at })
      if (rateLimit.size > addressesMax) rateLimit.delete(rateLimit.keys().next().value as string)
      return left >= 1
    },
  }
}
