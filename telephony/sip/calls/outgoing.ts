import { ringMsMax, sessionSeconds } from '../limits.ts'
import { sdpIn } from '../message/body.ts'
import { type Headers, type ReceivedResponse, type SipRequest, tagOf } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import { agent, allowed, ask, type Stack, wordsIn } from '../stack.ts'
import { randomToken } from '../transactions/keys.ts'
import type { Asked } from '../transactions/table.ts'
import type { Flow } from '../transports/flow.ts'
import { type CallEnd, once, type SipCall } from './call.ts'
import { dialogKey, dialogOfResponse, requestIn } from './dialog.ts'
import { createDialogUsage, type DialogUsage, newEnd } from './dialog-usage.ts'
import { askFor, leastIn, sessionIn } from './session.ts'

export type Placing = { peer: SipPeer; flow: Flow; uri: string; from: string; sdp: string }

/** What a refusal means to who called. */
function meaning(status: number): CallEnd {
  if (status === 486 || status === 600 || status === 603) return 'declined'
  if (status === 408 || status === 480 || status === 487) return 'no-answer'
  return 'refused'
}

/** A call that we place: INVITE, then whatever comes back, from as many telephones as were rung. */
export function placeCall(stack: Stack, { peer, flow, uri, from, sdp }: Placing): SipCall {
  const callId = randomToken(16)
  const fromValue = `<${from}>;tag=${randomToken(8)}`
  const ended = newEnd()
  const [ringing, early, answered] = [once<[]>(), once<[sdp: string]>(), once<[sdp: string]>()]
  /** By the tag of who answered: how our ACK is said again. */
  const acknowledged = new Map<string, () => void>()
  let usage: DialogUsage | undefined
  let reoffer: ((sdp: string) => Promise<string>) | undefined
  let seq = 1
  let seconds = sessionSeconds
  let request = invite()
  let heard = false
  let takenBack = false
  const stopWaiting = stack.timers.after(ringMsMax, () => takeBack('no-answer'))
  let asked: Asked = send()

  function invite(): SipRequest {
    const all: Headers = [
      ['max-forwards', '70'],
      ['from', fromValue],
      ['to', `<${uri}>`],
      ['call-id', callId],
      ['cseq', `${seq} INVITE`],
      ['contact', `<${stack.contact(flow)}>`],
      ...allowed,
      ...askFor(seconds),
      ...agent,
      ['content-type', 'application/sdp'],
    ]
    return { method: 'INVITE', uri, headers: all, body: Buffer.from(sdp, 'utf8') }
  }

  function send(): Asked {
    heard = false
    return ask(stack, peer, flow, request, {
      nextSeq: () => ++seq,
      onAgain(again, next) {
        request = again
        asked = next
        heard = false
      },
      onResponse: receive,
      onFailed: () => over('lost'),
    })
  }

  function over(because: CallEnd, status?: number): void {
    stopWaiting()
    ended.tell(because, status)
  }

  function receive(response: ReceivedResponse) {
    const { status } = response
    if (status < 200) return progress(response)
    if (status < 300) return accept(response)
    const least = status === 422 ? leastIn(response) : undefined
    if (least && seconds === sessionSeconds && !takenBack) {
      seconds = least
      seq++
      request = invite()
      asked = send()
      return
    }
    over(meaning(status), status)
  }

  function progress(response: ReceivedResponse): void {
    const first = !heard
    heard = true
    // A CANCEL may go only after they have said something [RFC 3261 9.1].
    if (takenBack) {
      if (first) asked.cancel()
      return
    }
    if (response.status === 100) return
    const body = sdpIn(response)
    if (body !== 'unknown' && body.sdp) early.tell(body.sdp)
    ringing.tell()
  }

  function accept(response: ReceivedResponse) {
    const tag = tagOf(response.to) ?? ''
    const before = acknowledged.get(tag)
    if (before) return before()
    const dialog = dialogOfResponse(request, response, flow)
    const mine = createDialogUsage({ stack, peer, dialog, ended: usage || ended.done() ? newEnd() : ended })
    const way = stack.wayTo(peer, dialog) ?? flow
    const ack = requestIn(dialog, 'ACK', { cseq: response.cseq.number, headers: wordsIn(request) })
    acknowledged.set(tag, stack.transactions.send(way, ack))
    const body = sdpIn(response)
    const theirs = body === 'unknown' ? undefined : body.sdp
    stopWaiting()
    // Somebody else was first, or nobody waits for it any more, or there is nothing to be heard of them.
    if (usage || ended.done() || !theirs) {
      mine.bye('refused')
      return
    }
    usage = mine
    if (reoffer) mine.onReoffer(reoffer)
    stack.dialogs.set(dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag), mine)
    mine.start(sessionIn(response), response, sdp)
    answered.tell(theirs)
  }

  function takeBack(because: CallEnd): void {
    if (usage || ended.done()) return
    takenBack = true
    over(because)
    if (heard) asked.cancel()
  }

  return {
    id: callId,
    onRinging: ringing.on,
    onEarly: early.on,
    onAnswered: answered.on,
    onEnd: ended.on,
    onReoffer(handler) {
      reoffer = handler
      usage?.onReoffer(handler)
    },
    hangUp: (because = 'hung-up') => (usage ? usage.bye(because) : takeBack(because)),
  }
}
