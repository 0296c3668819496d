import { comeAgain, ringMsMax } from '../limits.ts'
import { sdpIn } from '../message/body.ts'
import { wordsOf } from '../message/headers.ts'
import { headers, type ReceivedRequest, tagOf } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import { allowed, type Stack } from '../stack.ts'
import { randomToken } from '../transactions/keys.ts'
import type { ServerTransaction } from '../transactions/table.ts'
import type { CallEnd, IncomingCall } from './call.ts'
import { calledIn, callerOf } from './caller.ts'
import { dialogKey, dialogOfRequest } from './dialog.ts'
import { createDialogUsage, type DialogUsage, newEnd } from './dialog-usage.ts'
import { agreeOn, type Session, sessionRefused } from './session.ts'

export type Arriving = {
  call: IncomingCall
  /** They take it back. */
  cancel(): void
  /** Their connection broke before it was answered. */
  gone(): void
}

type Fit =
  | { status: number; headers?: [string, string][] }
  | { sdp: string; session: Session; sessionHeaders: ReceivedRequest['headers'] }

/** What cannot become a call is said at once, and nobody is rung for it. */
function suit(request: ReceivedRequest): Fit {
  const wanted = wordsOf(headers(request, 'require')).filter((word) => word !== 'timer')
  if (wanted.length) return { status: 420, headers: [['unsupported', wanted.join(', ')]] }
  const offer = sdpIn(request)
  if (offer === 'unknown') return { status: 415, headers: [['accept', 'application/sdp']] }
  // Without an offer we would have to make one and wait for the ACK with open sound: no trunk that we know asks for it.
  if (offer.sdp === undefined) return { status: 488 }
  const agreed = agreeOn(request)
  if ('tooShort' in agreed) return { status: 422, headers: [...sessionRefused] as [string, string][] }
  return { sdp: offer.sdp, session: agreed.session, sessionHeaders: agreed.headers }
}

/**
 * A call that came, from its INVITE on. `take` makes its transaction, which says by its argument that an answer was never
 * acknowledged. Undefined: it was refused already.
 */
export function receiveCall(
  stack: Stack,
  peer: SipPeer,
  take: (onUnacknowledged: (accepted: boolean) => void) => ServerTransaction | undefined,
): Arriving | undefined {
  const ended = newEnd()
  let usage: DialogUsage | undefined
  const transaction = take((accepted) => accepted && usage?.giveUp())
  if (!transaction) return undefined
  const { request, flow } = transaction
  const localTag = randomToken(8)
  const refuse = (status: number, more: [string, string][] = []) =>
    transaction.respond(status, { toTag: localTag, headers: more })
  const suited = suit(request)
  const dialog = dialogOfRequest(request, localTag, flow)
  if ('status' in suited) return void refuse(suited.status, suited.headers)
  if (!dialog || tagOf(request.from) === undefined) return void refuse(400)
  const mine = createDialogUsage({ stack, peer, dialog, ended })
  usage = mine
  stack.dialogs.set(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag), mine)
  const path = headers(request, 'record-route').map((route) => ['record-route', route] as const)
  const contact = ['contact', `<${stack.contact(flow)}>`] as const
  let answered = false
  const stopRinging = stack.timers.after(ringMsMax, () => end(480, 'no-answer'))

  /** Refused before it was answered, by whichever side. */
  function end(status: number, because: CallEnd): void {
    if (answered || ended.done()) return
    stopRinging()
    refuse(status, status === 503 ? comeAgain : [])
    mine.drop()
    ended.tell(because, status)
  }
  // A BYE before the answer [RFC 3261 15.1.2] leaves the INVITE to be answered.
  ended.on(() => {
    stopRinging()
    if (!answered) refuse(487)
  })

  transaction.respond(100)
  return {
    call: {
      id: `${dialog.callId} ${dialog.remoteTag}`,
      peer: peer.name,
      deviceId: peer.deviceId,
      caller: callerOf(request, peer),
      called: calledIn(request),
      sdp: suited.sdp,
      onReoffer: mine.onReoffer,
      onEnd: ended.on,
      ring: () => {
        if (!answered && !ended.done()) transaction.respond(180, { toTag: localTag, headers: [contact, ...path] })
      },
      answer(sdp) {
        if (answered || ended.done()) return
        answered = true
        stopRinging()
        mine.awaitAck(transaction)
        const all = [...path, contact, ...allowed, ['supported', 'timer'] as const, ...suited.sessionHeaders]
        transaction.respond(200, { toTag: localTag, headers: all, body: { type: 'application/sdp', content: sdp } })
        mine.start(suited.session, request, sdp)
      },
      refuse: (status) => end(status, 'refused'),
      hangUp(because = 'hung-up') {
        if (answered) mine.bye(because)
        else end(because === 'stopped' ? 503 : 480, because)
      },
    },
    cancel: () => end(487, 'hung-up'),
    gone: () => end(480, 'lost'),
  }
}
