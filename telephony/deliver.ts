import type { VoiceEvent } from '../server/contracts/voice.ts'
import type { Log } from './media-process.ts'

export type Delivery = {
  onEvent(handler: (event: VoiceEvent) => Promise<void>): void
  /** In order per key, tried again when the handler throws; given up after the last try, with a line in the log. */
  tell(key: string, event: VoiceEvent): void
  /** In its turn, tried once; rejects when the handler does. For what is acknowledged to a caller who can dial again. */
  ask(key: string, event: VoiceEvent): Promise<void>
  /** Resolves when all that was told so far has been handled. */
  settled(): Promise<void>
}

// A database that restarts is back within these; what still failed then is found by the server's own sweeps.
const againMs = [200, 500, 1_000, 2_000, 4_000]
// Longer than any commit; the caller hears nothing until then.
const askMsMax = 10_000

/** Hands events to the server: those of one leg one after the other, each only when the one before is done. */
export function createDelivery(log: Log): Delivery {
  let handle: ((event: VoiceEvent) => Promise<void>) | undefined
  const lines = new Map<string, Promise<void>>()

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

  async function untilHandled(event: VoiceEvent): Promise<void> {
    for (const [attempt, pauseMs] of [...againMs, null].entries()) {
      try {
        return await once(event)
      } catch (error) {
        const fault = (error as Error).message
        if (pauseMs === null) return log.warn({ type: event.type, fault }, 'voice event given up')
        if (attempt === 0) log.warn({ type: event.type, fault }, 'voice event not handled, tried again')
        await new Promise((resolve) => setTimeout(resolve, pauseMs))
      }
    }
  }

  return {
    onEvent(handler) {
      handle = handler
    },
    tell: (key, event) => void inTurn(key, () => untilHandled(event)),
    ask(key, event) {
      return inTurn(key, async () => {
        let timer: NodeJS.Timeout | undefined
        const limit = new Promise<never>((_, reject) => {
          timer = setTimeout(reject, askMsMax, new Error(`${event.type} not handled in time`))
        })
        await Promise.race([once(event), limit]).finally(() => clearTimeout(timer))
      })
    },
    async settled() {
      while (lines.size > 0) await Promise.all(lines.values())
    },
  }
}
