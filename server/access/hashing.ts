import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'

/** What the thread is asked: a new hash with `cost`, or whether the password fits `hashed`. */
export type Asked = { password: string; hashed?: string; cost?: object }
/** `known`: somebody signed in, or at a browser where they have signed in before; strangers come after them. */
export type Rank = 'known' | 'stranger'
/** A place in the line; whoever has one is not refused any more. It is given back when nothing was asked. */
export type Place = { ask<Done>(asked: Asked): Promise<Done>; leave(): void }
type Entry = { asked: Asked; resolve(done: unknown): void; reject(fault: Error): void }

// A hash takes some 30 ms: whoever is let into the line has an answer within two seconds.
const waitingMax: Record<Rank, number> = { known: 60, stranger: 30 }

// Who tries again at once gets no more tries for it: a refusal takes its time, for as many as cost nothing to keep.
// Each its own: hundreds that came together would come back together, and be one long turn for whoever presses.
const refusedAfterMs = { least: 4_000, spread: 4_000 }
const keptWaitingMax = 2_000

/** The line is full; answered with 429 after a pause, so that the page says to try again in a minute. */
export class TooManyPasswords extends Error {
  readonly statusCode = 429
  constructor() {
    super('too many passwords are waiting to be checked')
  }
}

/**
 * Passwords are hashed one at a time on a thread of their own, and a short line waits for it: however many strangers try to
 * sign in at once, it takes one core at the most, and that at a lower priority.
 */
export function hashingLine(
  start: () => Pick<Worker, 'on' | 'postMessage' | 'ref' | 'unref'> = startThread,
  later: (ms: number) => Promise<unknown> = (ms) => pause(ms, undefined, { ref: false }),
) {
  const lines: Record<Rank, Entry[]> = { known: [], stranger: [] }
  let thread: ReturnType<typeof start> | undefined
  let under: Entry | undefined
  const kept: Record<Rank, number> = { known: 0, stranger: 0 }
  let keptWaiting = 0
  const isFull = (rank: Rank) => lines[rank].length + kept[rank] >= waitingMax[rank]

  function next(): void {
    under = lines.known.shift() ?? lines.stranger.shift()
    // Idle, it keeps no process from ending.
    if (!under) return void thread?.unref()
    thread ??= listen(start())
    thread.ref()
    thread.postMessage(under.asked)
  }
  function listen(one: ReturnType<typeof start>) {
    const lost = (fault: Error) => {
      if (thread !== one) return
      thread = undefined
      under?.reject(fault)
      next()
    }
    one.on('message', ({ done, fault }: { done?: unknown; fault?: string }) => {
      if (fault === undefined) under?.resolve(done)
      else under?.reject(new Error(fault))
      next()
    })
    one.on('error', lost)
    one.on('exit', (code) => lost(new Error(`the thread that hashes passwords ended with ${code}`)))
    return one
  }

  const wait = <Done>(asked: Asked, rank: Rank) =>
    new Promise<unknown>((resolve, reject) => {
      lines[rank].push({ asked, resolve, reject })
      if (!under) next()
    }) as Promise<Done>

  function place(rank: Rank): Place {
    let holds = true
    kept[rank]++
    const leave = () => {
      if (holds) kept[rank]--
      holds = false
    }
    return {
      leave,
      ask(asked) {
        leave()
        return wait(asked, rank)
      },
    }
  }

  return {
    /** A place for a try of this rank, taken before anything is looked up for it; throws, in its own time, when there is none. */
    async admit(rank: Rank): Promise<Place> {
      if (!isFull(rank)) return place(rank)
      if (keptWaiting < keptWaitingMax) {
        keptWaiting++
        await later(refusedAfterMs.least + Math.random() * refusedAfterMs.spread)
        keptWaiting--
      }
      throw new TooManyPasswords()
    },
    ask<Done>(asked: Asked, rank: Rank): Promise<Done> {
      return isFull(rank) ? Promise.reject(new TooManyPasswords()) : wait(asked, rank)
    },
  }
}

// Bundled, the thread lies beside dist/server/main.js; from source it is the file beside this one.
const bundled = import.meta.dirname.endsWith(join('dist', 'server'))
const startThread = () => new Worker(new URL(`./hashing-thread.${bundled ? 'js' : 'mjs'}`, import.meta.url))
