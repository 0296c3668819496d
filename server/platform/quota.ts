import type { Clock } from './clock.ts'

const namesMax = 10_000

/** So many of something in so long for each name; counted before it is judged, so that those of one moment are counted, too. */
export function quota({ now }: Clock, { max, withinMs }: { max: number; withinMs: number }) {
  const taken = new Map<string, { since: number; n: number }>()
  return {
    take(name: string): boolean {
      const time = now().getTime()
      const before = taken.get(name)
      const one = before && time - before.since < withinMs ? before : { since: time, n: 0 }
      one.n += 1
      if (taken.size >= namesMax) taken.clear()
      taken.set(name, one)
      return one.n <= max
    },
  }
}
