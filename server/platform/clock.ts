/** Time is handed in, so that a test can say what o'clock it is. */
export type Clock = { now(): Date }

export const systemClock: Clock = { now: () => new Date() }

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
