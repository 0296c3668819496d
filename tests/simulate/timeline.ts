export type Happening = () => Promise<void> | void

/** What is going to happen, in the order of virtual time; at one moment, in the order in which it was put there. */
export function makeTimeline() {
  const list: { at: number; what: Happening }[] = []
  return {
    at(time: number, what: Happening): void {
      let low = 0
      let high = list.length
      while (low < high) {
        const middle = (low + high) >> 1
        if ((list[middle] as { at: number }).at <= time) low = middle + 1
        else high = middle
      }
      list.splice(low, 0, { at: time, what })
    },
    next: (): number => list[0]?.at ?? Number.POSITIVE_INFINITY,
    /** Takes what is due by now. */
    due(now: number): Happening[] {
      const later = list.findIndex((one) => one.at > now)
      return list.splice(0, later < 0 ? list.length : later).map((one) => one.what)
    },
  }
}
