import type { ReceivedResponse } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import { allowed, ask, type Stack, wordsIn } from '../stack.ts'
import { type Dialog, requestIn } from './dialog.ts'
import { askFor, dueMs, type Session, sessionIn } from './session.ts'

export type Refresh = {
  /** Theirs came, or the session was agreed on anew. */
  restart(session: Session, sdp: string): void
  /** An offer of ours is under way. */
  isAsking(): boolean
  stop(): void
}

// [RFC 3261 14.1] Who gave the Call-ID waits 2.1 to 4 s before it asks again, the other at most 2: they do not meet twice.
const glareMs = () => 2_100 + Math.floor(Math.random() * 1_900)

/** Keeps the session alive when that is ours to do, and notices when they do not. */
export function createRefresh(parts: {
  stack: Stack
  peer: SipPeer
  dialog: Dialog
  /** They take UPDATE, which touches no sound; else the same offer again. */
  update: boolean
  session: Session
  sdp: string
  onLost(): void
}): Refresh {
  const { stack, peer, dialog, update, onLost } = parts
  let { session, sdp } = parts
  let asking = false
  let stopped = false
  let cancel = wait(dueMs(session))

  function wait(ms: number): () => void {
    return stack.timers.after(ms, () => (session.refresher === 'us' ? send() : onLost()))
  }

  function send() {
    const flow = stack.wayTo(peer, dialog)
    if (!flow) return onLost()
    const method = update ? 'UPDATE' : 'INVITE'
    const body = update ? undefined : { type: 'application/sdp', content: sdp }
    const contact = ['contact', `<${stack.contact(flow)}>`] as const
    let request = requestIn(dialog, method, {
      headers: [contact, ...allowed, ...askFor(session.seconds, 'uac')],
      ...(body && { body }),
    })
    asking = true
    ask(stack, peer, flow, request, {
      nextSeq: () => ++dialog.localSeq,
      onAgain: (again) => {
        request = again
      },
      onResponse(response) {
        if (response.status < 200) return
        const ok = response.status < 300
        if (method === 'INVITE' && ok)
          stack.transactions.send(
            flow,
            requestIn(dialog, 'ACK', { cseq: response.cseq.number, headers: wordsIn(request) }),
          )
        asking = false
        if (!stopped) heard(response)
      },
      onFailed() {
        asking = false
        if (!stopped) onLost()
      },
    })
  }

  function heard(response: ReceivedResponse): void {
    cancel()
    const { status } = response
    if (status < 300) {
      session = sessionIn(response)
      cancel = wait(dueMs(session))
    } else if (status === 491) cancel = wait(glareMs())
    else if (status === 481 || status === 408) onLost()
    // They are there and do not like it; the sound tells when they are not any more.
    else cancel = wait(dueMs(session))
  }

  return {
    restart(next, nextSdp) {
      session = next
      sdp = nextSdp
      cancel()
      cancel = wait(dueMs(session))
    },
    isAsking: () => asking,
    stop() {
      stopped = true
      cancel()
    },
  }
}
