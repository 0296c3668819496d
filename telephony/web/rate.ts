const windowMs = 60_000
// Names that have not been heard of for a minute are swept out when there are this many.
const sweepAbove = 1_000

/** Allows each name so many in any minute; asking counts. */
export function createRate(perMinuteMax: number): (name: string, nowMs: number) => boolean {
  const times = new Map<string, number[]>()
  return (name, nowMs) => {
    const recent = (times.get(name) ?? []).filter((at) => nowMs - at < windowMs)
    const allowed = recent.length < perMinuteMax
    if (allowed) recent.push(nowMs)
    times.set(name, recent)
    if (times.size > sweepAbove) {
      for (const [other, list] of times) if (nowMs - (list.at(-1) ?? 0) >= windowMs) times.delete(other)
    }
    return allowed
  }
}
