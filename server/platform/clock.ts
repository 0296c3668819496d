/** Time is handed in, so that a test can say what o'clock it is. */
export type Clock = {
  now(): Date
  /** Time goes on from here, if it was seen already. */
  notBefore?(time: Date): void
  /** How far this clock is before the machine's; 0 when they are in step. */
  aheadMs?(): number
}

// While it is ahead it runs so much slower, until it is in step again: an hour takes sixteen.
const slowerBy = 1 / 16
/** What was seen lies further ahead than a clock is set back by summer time or by hand: then the earlier one was wrong. */
export const seenAheadMaxMs = 2 * 60 * 60_000

/**
 * The time of the centre: the machine's, but it never goes back. Were it set back by an hour, every timer would be put off
 * by that hour, and whoever waits would wait for it. When the machine's clock jumps forward this one does too; if that was
 * wrong and is put right, it stays ahead for long, and `aheadMs` says so.
 */
export function steadyClock(
  wall: () => number = Date.now,
  elapsed: () => number = () => performance.now(),
): Required<Clock> {
  let [time, at] = [wall(), elapsed()]
  const read = () => {
    const now = wall()
    const passed = elapsed() - at
    at += passed
    const ahead = time + passed > now
    // Not slower than it takes to meet the machine's clock.
    time = ahead ? Math.max(now, time + passed * (1 - slowerBy)) : now
    return time
  }
  return {
    now: () => new Date(read()),
    aheadMs: () => Math.max(0, read() - wall()),
    notBefore(seen) {
      if (seen.getTime() - read() <= seenAheadMaxMs) time = Math.max(time, seen.getTime())
    },
  }
}

/** A clock that a test sets forward. */
export function handedClock(start: Date): Clock & { forward(ms: number): void; set(time: Date): void } {
  let time = start
  return {
    now: () => new Date(time),
    forward: (ms) => {
      time = new Date(time.getTime() + ms)
    },
    set: (next) => {
      time = next
    },
  }
}

export const seconds = (n: number): number => n * 1000
export const minutes = (n: number): number => n * 60_000
export const after = (time: Date, ms: number): Date => new Date(time.getTime() + ms)
