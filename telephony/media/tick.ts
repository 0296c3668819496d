import { frameMs } from './frame.ts'

export type Tick = {
  start(): void
  stop(): void
  /** Worst lateness since it was last asked, ms. */
  takeLagMs(): number
}

// 200 ms: as much as a listener's jitter buffer forgives. What is later than that is not worth sending in a burst.
const catchUpTicksMax = 10

/**
 * The one clock of the media process. Each tick is due 20 ms after the one before was due, not after it was done, so it
 * does not drift; after a stall it catches up a little, then skips, and says how many ticks were skipped.
 */
export function createTick(parts: {
  run(): void
  skipped(ticks: number): void
  now?: () => number
  later?: (ms: number, then: () => void) => () => void
}): Tick {
  const now = parts.now ?? (() => performance.now())
  const later =
    parts.later ??
    ((ms, then) => {
      const timer = setTimeout(then, ms)
      return () => clearTimeout(timer)
    })
  let cancel: (() => void) | undefined
  let due = 0
  let worst = 0

  function pass(): void {
    worst = Math.max(worst, now() - due)
    for (let run = 0; now() >= due && run < catchUpTicksMax; run++) {
      due += frameMs
      parts.run()
      if (!cancel) return // stopped from within
    }
    const behind = Math.floor((now() - due) / frameMs)
    if (behind > 0) {
      due += behind * frameMs
      parts.skipped(behind)
    }
    cancel = later(Math.max(0, due - now()), pass)
  }

  return {
    start() {
      if (cancel) return
      due = now() + frameMs
      cancel = later(frameMs, pass)
    },
    stop() {
      cancel?.()
      cancel = undefined
    },
    takeLagMs() {
      const lag = Math.max(0, worst)
      worst = 0
      return Math.round(lag * 10) / 10
    },
  }
}
