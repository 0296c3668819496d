/** Work that may wait: so many at once, so many waiting, and no more. */
export type Turns = { take<T>(work: () => Promise<T>): Promise<T | 'full'> }

export function turns(limits: { atOnceMax: number; waitingMax: number }): Turns {
  const waiting: (() => void)[] = []
  let under = 0
  return {
    async take(work) {
      if (under >= limits.atOnceMax) {
        if (waiting.length >= limits.waitingMax) return 'full'
        await new Promise<void>((go) => waiting.push(go))
      } else under++
      try {
        return await work()
      } finally {
        // The place goes to the next in line, and is free only when nobody waits.
        const next = waiting.shift()
        if (next) next()
        else under--
      }
    },
  }
}
