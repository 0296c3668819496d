/** Timers are handed in, so that a test can say how much time has passed. */
export type Timers = {
  /** Runs it once after so many ms; what is returned takes that back. */
  after(ms: number, run: () => void): () => void
}

// setTimeout runs at once what lies further ahead than this.
const delayMsMax = 2 ** 31 - 1

export const nodeTimers: Timers = {
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, delayMsMax))
    return () => clearTimeout(timer)
  },
}

// [RFC 3261, table 4] The estimate of a round trip, the longest pause between two sendings of the same, and how long the
// network may keep a message.
const t1Ms = 500
const t2Ms = 4_000
export const t4Ms = 5_000
/** After this nobody will answer any more. */
export const giveUpMs = 64 * t1Ms

/** Does it again at T1, doubled up to T2 where there is a longest pause, until it is stopped. */
export function again(timers: Timers, run: () => void, pauseMsMax = t2Ms): () => void {
  let pauseMs = t1Ms
  let stop = timers.after(pauseMs, next)
  function next(): void {
    pauseMs = Math.min(pauseMs * 2, pauseMsMax)
    stop = timers.after(pauseMs, next)
    run()
  }
  return () => stop()
}

/** All of them taken back at once, when the product stops. */
export function timersThatStop(timers: Timers): Timers & { stop(): void } {
  const running = new Set<() => void>()
  return {
    after(ms, run) {
      const cancel = timers.after(ms, () => {
        running.delete(cancel)
        run()
      })
      running.add(cancel)
      return () => {
        running.delete(cancel)
        cancel()
      }
    },
    stop() {
      for (const cancel of running) cancel()
      running.clear()
    },
  }
}
