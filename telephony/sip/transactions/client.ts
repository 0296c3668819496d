import type { ReceivedResponse } from '../message/message.ts'
import { again, giveUpMs, type Timers, t4Ms } from '../timers.ts'

/** Our request, from being sent until its answer cannot come again. Told once: an answer that is final, or `failed`. */
export type ClientMachine = {
  receive(response: ReceivedResponse): void
  /** The connection broke. */
  fail(): void
  /** Nobody waits for it any more. */
  stop(): void
}

export type ClientParts = {
  reliable: boolean
  timers: Timers
  /** Sends the request, the first time and again. */
  send(): void
  onResponse(response: ReceivedResponse): void
  onFailed(because: 'timeout' | 'transport'): void
  onEnd(): void
}

/** trying → proceeding → completed → terminated [RFC 3261 17.1.2]. */
export function createClient({ reliable, timers, send, onResponse, onFailed, onEnd }: ClientParts): ClientMachine {
  let state: 'trying' | 'proceeding' | 'completed' | 'terminated' = 'trying'
  let stopSending = reliable ? () => {} : again(timers, send)
  let stopWaiting = timers.after(giveUpMs, () => end('timeout'))

  function end(because?: 'timeout' | 'transport'): void {
    if (state === 'terminated') return
    const unanswered = state !== 'completed'
    state = 'terminated'
    stopSending()
    stopWaiting()
    onEnd()
    if (because && unanswered) onFailed(because)
  }

  send()
  return {
    receive(response) {
      if (state === 'completed' || state === 'terminated') return
      if (response.status < 200) {
        // Still sent again, at the longest pause [17.1.2.2]: the final answer may have been lost.
        if (state === 'trying' && !reliable) {
          stopSending()
          stopSending = again(timers, send)
        }
        state = 'proceeding'
        return onResponse(response)
      }
      state = 'completed'
      stopSending()
      stopWaiting()
      stopWaiting = timers.after(reliable ? 0 : t4Ms, () => end())
      onResponse(response)
    },
    fail: () => end('transport'),
    stop: () => end(),
  }
}
