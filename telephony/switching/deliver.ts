import { isOperatorLeg, type VoiceEvent } from '../../server/contracts/voice.ts'
import type { Log } from '../ports.ts'
import type { Pending } from './pending.ts'

export type Delivery = {
  /** From now on they are handled; first comes what an earlier process could not tell. */
  onEvent(handler: (event: VoiceEvent) => Promise<void>): void
  /**
   * In order per key, tried again when the handler throws. That somebody called and that a call is over is never given up;
   * anything else is after the last try, with a line in the log.
   */
  tell(key: string, event: VoiceEvent): void
  /** In its turn, tried once; rejects when the handler does. For what is acknowledged to a caller who can dial again. */
  ask(key: string, event: VoiceEvent): Promise<void>
  /** Of how many legs something could not be told yet. */
  pending(): number
  /** Resolves when all that was told so far has been handled. */
  settled(): Promise<void>
  /** Tries no more; what must not be lost is on the disk then. */
  stop(): void
}

// A database that restarts is back within these; what still failed then is found by the server's own sweeps.
const againMs = [200, 500, 1_000, 2_000, 4_000]
// Whoever must be called back is waited for as long as it takes: often enough to be quick, seldom enough to disturb nobody.
const keptAgainMs = 15_000
// Longer than any commit; the caller hears nothing until then.
const askMsMax = 10_000
// A whole night without a database at a busy centre; the first are kept, for they have waited longest.
const keptMax = 2_000

/** Hands events to the server: those of one leg one after the other, each only when the one before is done. */
export function createDelivery(log: Log, disk?: Pending): Delivery {
  let handle: ((event: VoiceEvent) => Promise<void>) | undefined
  const lines = new Map<string, Promise<void>>()
  /** What may not be lost and is not handled yet, by key and in its order; `late` when it was tried in vain. */
  const kept = new Map<string, { events: VoiceEvent[]; late: boolean }>()
  const pauses = new Map<NodeJS.Timeout, () => void>()
  let stopped = false

  function inTurn(key: string, work: () => Promise<void>): Promise<void> {
    const mine = (lines.get(key) ?? Promise.resolve()).then(work)
    const tail = mine
      .catch(() => {})
      .then(() => {
        if (lines.get(key) === tail) lines.delete(key)
      })
    lines.set(key, tail)
    return mine
  }

  async function once(event: VoiceEvent): Promise<void> {
    if (!handle) throw new Error('nobody handles voice events')
    await handle(event)
  }

  function pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms)
      function done() {
        pauses.delete(timer)
        clearTimeout(timer)
        resolve()
      }
      pauses.set(timer, done)
    })
  }

  /** Somebody has to be called back by it, or waits on in the lists for ever. An operator's line is compared by the sweeps. */
  const isKept = (key: string, { type }: VoiceEvent): boolean =>
    (type === 'arrived' || type === 'leg-down') && !isOperatorLeg(key)

  function keep(key: string, event: VoiceEvent): boolean {
    const mine = kept.get(key)
    if (!isKept(key, event) || (!mine && kept.size >= keptMax)) return false
    if (mine) mine.events.push(event)
    else kept.set(key, { events: [event], late: false })
    if (mine?.late) disk?.write(key, mine.events)
    else if (stopped) isLate(key)
    return true
  }

  function letGo(key: string, event: VoiceEvent): void {
    const mine = kept.get(key)
    if (!mine) return
    mine.events = mine.events.filter((one) => one !== event)
    if (mine.events.length === 0) kept.delete(key)
    if (!mine.late) return
    if (mine.events.length === 0) disk?.remove(key)
    else disk?.write(key, mine.events)
  }

  function isLate(key: string): void {
    const mine = kept.get(key)
    if (!mine || mine.late) return
    mine.late = true
    disk?.write(key, mine.events)
  }

  async function untilHandled(key: string, event: VoiceEvent, isKept: boolean): Promise<void> {
    for (let attempt = 0; !stopped; attempt++) {
      try {
        await once(event)
        return letGo(key, event)
      } catch (error) {
        const fault = (error as Error).message
        const pauseMs = againMs[attempt] ?? (isKept ? keptAgainMs : undefined)
        if (pauseMs === undefined) return log.warn({ type: event.type, fault }, 'voice event given up')
        if (attempt === 0) log.warn({ type: event.type, fault }, 'voice event not handled, tried again')
        if (isKept) isLate(key)
        if (attempt === againMs.length)
          log.warn({ type: event.type, legs: lateLegs() }, 'voice event kept until it is handled')
        if (!stopped) await pause(pauseMs)
      }
    }
  }

  const lateLegs = () => [...kept.values()].filter(({ late }) => late).length

  function tell(key: string, event: VoiceEvent): void {
    const isKept = keep(key, event)
    void inTurn(key, () => untilHandled(key, event, isKept))
  }

  return {
    onEvent(handler) {
      handle = handler
      const left = disk?.left() ?? new Map<string, VoiceEvent[]>()
      if (left.size > 0) log.warn({ legs: left.size }, 'calls that could not be stored before the restart are told now')
      for (const [key, events] of left) {
        kept.set(key, { events: [], late: true })
        for (const event of events) tell(key, event)
      }
    },
    tell,
    ask(key, event) {
      return inTurn(key, async () => {
        let timer: NodeJS.Timeout | undefined
        const limit = new Promise<never>((_, reject) => {
          timer = setTimeout(reject, askMsMax, new Error(`${event.type} not handled in time`))
        })
        await Promise.race([once(event), limit]).finally(() => clearTimeout(timer))
      })
    },
    pending: lateLegs,
    async settled() {
      while (lines.size > 0) await Promise.all(lines.values())
    },
    stop() {
      stopped = true
      for (const key of kept.keys()) isLate(key)
      for (const done of [...pauses.values()]) done()
    },
  }
}
