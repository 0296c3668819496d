import { giveUpMs, type Timers } from '../timers.ts'

/** Their request, from its arrival until it cannot come again: answered once, and the same again each time it comes. */
export type ServerMachine = {
  /** It came again. */
  receive(): void
  respond(status: number, bytes: Buffer): void
  /** INVITE only: their ACK for what was answered. */
  acknowledged(): void
  stop(): void
}

export type ServerParts = {
  reliable: boolean
  timers: Timers
  send(bytes: Buffer): void
  onEnd(): void
}

/** trying → proceeding → completed → terminated [RFC 3261 17.2.2]. */
export function createServer({ reliable, timers, send, onEnd }: ServerParts): ServerMachine {
  let state: 'trying' | 'completed' | 'terminated' = 'trying'
  let last: Buffer | undefined
  // Whoever is to answer may be waiting for a database; nobody waits for longer than the sender does.
  let stopWaiting = timers.after(giveUpMs, end)

  function end(): void {
    if (state === 'terminated') return
    state = 'terminated'
    stopWaiting()
    onEnd()
  }

  return {
    receive() {
      if (last) send(last)
    },
    respond(status, bytes) {
      if (state !== 'trying') return
      last = bytes
      send(bytes)
      if (status < 200) return
      state = 'completed'
      stopWaiting()
      stopWaiting = timers.after(reliable ? 0 : giveUpMs, end)
    },
    acknowledged() {},
    stop: end,
  }
}
