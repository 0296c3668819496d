import { again, giveUpMs, t4Ms } from '../timers.ts'
import type { ServerMachine, ServerParts } from './server.ts'

/**
 * proceeding → completed (refused; sent again until the ACK) → confirmed → terminated [RFC 3261 17.2.1], or → accepted
 * [RFC 6026 7.1]. The 2xx is sent again here as well, on every transport [RFC 3261 13.3.1.4]: the ACK comes end to end, and
 * the call tells of it by `acknowledged`.
 */
export function createInviteServer(parts: ServerParts & { onUnacknowledged(accepted: boolean): void }): ServerMachine {
  const { reliable, timers, send, onEnd, onUnacknowledged } = parts
  let state: 'proceeding' | 'completed' | 'confirmed' | 'accepted' | 'terminated' = 'proceeding'
  let waits = true
  let last: Buffer | undefined
  let stopSending = () => {}
  let stopWaiting = () => {}

  function end(): void {
    if (state === 'terminated') return
    state = 'terminated'
    stopSending()
    stopWaiting()
    onEnd()
  }

  return {
    receive() {
      if (last && (state === 'proceeding' || state === 'completed')) send(last)
    },
    respond(status, bytes) {
      if (state !== 'proceeding') return
      last = bytes
      send(bytes)
      if (status < 200) return
      state = status < 300 ? 'accepted' : 'completed'
      if (state === 'accepted' || !reliable) stopSending = again(timers, () => send(bytes))
      stopWaiting = timers.after(giveUpMs, () => {
        const accepted = state === 'accepted'
        end()
        if (waits) onUnacknowledged(accepted)
      })
    },
    acknowledged() {
      if (!waits || (state !== 'completed' && state !== 'accepted')) return
      waits = false
      stopSending()
      // An accepted INVITE may still come again, late; it must not become a second call.
      if (state === 'accepted') return
      state = 'confirmed'
      stopWaiting()
      stopWaiting = timers.after(reliable ? 0 : t4Ms, end)
    },
    stop: end,
  }
}
