import { sdpIn } from '../message/body.ts'
import { wordsOf } from '../message/headers.ts'
import { headers, type ReceivedRequest } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import { allowed, ask, type DialogUser, type Stack } from '../stack.ts'
import type { ServerTransaction } from '../transactions/table.ts'
import { type CallEnd, type Once, once } from './call.ts'
import { contactIn, type Dialog, dialogKey, requestIn } from './dialog.ts'
import { createRefresh, type Refresh } from './refresh.ts'
import { agreeOn, type Session, sessionRefused } from './session.ts'

export type DialogUsageParts = {
  stack: Stack
  peer: SipPeer
  dialog: Dialog
  ended: Once<[because: CallEnd, status?: number]>
}

/** What both ends may do once there is a dialog: offer again, refresh, hang up. */
export type DialogUsage = DialogUser & {
  onReoffer(handler: (sdp: string) => Promise<string>): void
  /** It is answered: from now on the session has its time. */
  start(session: Session, theirs: { headers: ReceivedRequest['headers'] }, ourSdp: string): void
  /** Is told of their ACK for the first answer. */
  awaitAck(transaction: ServerTransaction, then?: () => void): void
  bye(because: CallEnd): void
  /** The dialog is over without a word. */
  drop(): void
}

export function createDialogUsage({ stack, peer, dialog, ended }: DialogUsageParts): DialogUsage {
  const key = dialogKey(dialog.callId, dialog.localTag, dialog.remoteTag)
  let reoffer: ((sdp: string) => Promise<string>) | undefined
  let ourSdp = ''
  /** What we answered with 2xx and they have not acknowledged. */
  let unacknowledged:
    | { transaction: ServerTransaction; then: ((request: ReceivedRequest) => void) | undefined }
    | undefined
  /** An offer of theirs that is being answered. */
  let answering = false
  /** We have hung up, and BYE has still to wait. */
  let leaving = false
  let refresh: Refresh | undefined

  function drop(): void {
    refresh?.stop()
    stack.dialogs.delete(key)
  }

  function sayBye(): void {
    drop()
    const flow = stack.wayTo(peer, dialog)
    if (flow)
      ask(stack, peer, flow, requestIn(dialog, 'BYE'), {
        onResponse() {},
        onFailed() {},
        nextSeq: () => ++dialog.localSeq,
      })
  }

  function bye(because: CallEnd): void {
    if (ended.done()) return
    ended.tell(because)
    refresh?.stop()
    // Who was called may not hang up before the answer has arrived [RFC 3261 15]: the ACK, or giving it up, says it then.
    if (unacknowledged) leaving = true
    else sayBye()
  }

  function awaitAck(transaction: ServerTransaction, then?: (request: ReceivedRequest) => void): void {
    unacknowledged = { transaction, then }
  }

  /** A new offer, in an INVITE or an UPDATE; without one it says only that they are still there. */
  async function renew(transaction: ServerTransaction): Promise<void> {
    const { request } = transaction
    const invite = request.method === 'INVITE'
    // Two offers at once would cross [RFC 3261 14.2]; while one is not finished the next is too early.
    if (refresh?.isAsking()) return transaction.respond(491)
    if (answering || (invite && unacknowledged)) return transaction.respond(500, { headers: [['retry-after', '2']] })
    const agreed = agreeOn(request)
    if ('tooShort' in agreed) return transaction.respond(422, { headers: sessionRefused })
    const offer = sdpIn(request)
    if (offer === 'unknown') return transaction.respond(415, { headers: [['accept', 'application/sdp']] })
    answering = true
    let sdp: string | undefined
    try {
      if (offer.sdp !== undefined && reoffer) sdp = await reoffer(offer.sdp)
      // An INVITE without an offer asks for ours: that of before, and their answer is in the ACK.
      else if (invite && offer.sdp === undefined) sdp = ourSdp
    } catch {
      return transaction.respond(488)
    } finally {
      answering = false
    }
    if (ended.done()) return transaction.respond(487)
    if (offer.sdp !== undefined && sdp === undefined) return transaction.respond(488)
    if (sdp !== undefined) ourSdp = sdp
    dialog.target = contactIn(request) ?? dialog.target
    const body = sdp === undefined ? undefined : { type: 'application/sdp', content: sdp }
    const contact = ['contact', `<${stack.contact(dialog.flow)}>`] as const
    if (invite)
      awaitAck(transaction, (ack) => {
        const theirs = sdpIn(ack)
        if (offer.sdp === undefined && theirs !== 'unknown' && theirs.sdp) reoffer?.(theirs.sdp).catch(() => {})
      })
    transaction.respond(200, {
      headers: [contact, ...allowed, ['supported', 'timer'], ...agreed.headers],
      ...(body && { body }),
    })
    refresh?.restart(agreed.session, ourSdp)
  }

  return {
    peer,
    dialog,
    onReoffer(handler) {
      reoffer = handler
    },
    start(session, theirs, sdp) {
      ourSdp = sdp
      const update = wordsOf(headers(theirs, 'allow')).includes('update')
      refresh = createRefresh({ stack, peer, dialog, update, session, sdp, onLost: () => bye('lost') })
    },
    awaitAck,
    bye,
    drop,
    receive(transaction) {
      const { request } = transaction
      // Behind the last one: a late one, or somebody else's [RFC 3261 12.2.2].
      if (dialog.remoteSeq !== undefined && request.cseq.number <= dialog.remoteSeq) return transaction.respond(500)
      dialog.remoteSeq = request.cseq.number
      // A telephone that connected anew is found where it is now.
      dialog.flow = transaction.flow
      dialog.source = transaction.flow.remote.address
      switch (request.method) {
        case 'BYE':
          transaction.respond(200)
          drop()
          // The ACK will not come any more.
          unacknowledged?.transaction.acknowledged()
          return ended.tell('hung-up')
        case 'INVITE':
        case 'UPDATE':
          return void renew(transaction)
        case 'MESSAGE':
          return stack.onMessage(transaction, peer)
        case 'OPTIONS':
          return transaction.respond(200, { headers: allowed })
        default:
          return transaction.respond(405, { headers: allowed })
      }
    },
    acknowledge(request) {
      if (!unacknowledged || unacknowledged.transaction.request.cseq.number !== request.cseq.number) return
      const { transaction, then } = unacknowledged
      unacknowledged = undefined
      transaction.acknowledged()
      if (leaving) sayBye()
      else then?.(request)
    },
    giveUp() {
      unacknowledged = undefined
      if (leaving) sayBye()
      else bye('lost')
    },
  }
}

/** An event of the end that the call and its usage share. */
export const newEnd = (): DialogUsageParts['ended'] => once()
