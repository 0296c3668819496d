import type { ReceivedResponse } from '../message/message.ts'
import { again, giveUpMs } from '../timers.ts'
import type { ClientMachine, ClientParts } from './client.ts'

/**
 * calling → proceeding → completed (refused: acknowledged here) or accepted (acknowledged by who asked; more of these may
 * come, from other telephones that were rung at once) → terminated [RFC 3261 17.1.1, RFC 6026 7.2].
 */
export function createInviteClient(
  parts: ClientParts & { acknowledge(response: ReceivedResponse): void },
): ClientMachine {
  const { reliable, timers, send, acknowledge, onResponse, onFailed, onEnd } = parts
  let state: 'calling' | 'proceeding' | 'completed' | 'accepted' | 'terminated' = 'calling'
  // Timer A is not bounded by T2: a telephone that did not say 100 within 32 s is not there.
  const stopSending = reliable ? () => {} : again(timers, send, Number.POSITIVE_INFINITY)
  let stopWaiting = timers.after(giveUpMs, () => end('timeout'))

  function end(because?: 'timeout' | 'transport'): void {
    if (state === 'terminated') return
    const unanswered = state === 'calling' || state === 'proceeding'
    state = 'terminated'
    stopSending()
    stopWaiting()
    onEnd()
    if (because && unanswered) onFailed(because)
  }

  function linger(next: 'completed' | 'accepted', ms: number): void {
    state = next
    stopSending()
    stopWaiting()
    stopWaiting = timers.after(ms, () => end())
  }

  send()
  return {
    receive(response) {
      const waits = state === 'calling' || state === 'proceeding'
      const { status } = response
      if (status < 200) {
        if (!waits) return
        state = 'proceeding'
        stopSending()
        stopWaiting() // from here on it rings for as long as who asked lets it
        onResponse(response)
      } else if (status < 300) {
        if (waits) linger('accepted', giveUpMs)
        if (state === 'accepted') onResponse(response)
      } else if (waits || state === 'completed') {
        acknowledge(response)
        if (!waits) return
        linger('completed', reliable ? 0 : giveUpMs)
        onResponse(response)
      }
    },
    fail: () => end('transport'),
    stop: () => end(),
  }
}
