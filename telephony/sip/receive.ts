import { createHash } from 'node:crypto'
import type { Admission } from './auth/admission.ts'
import { createRateLimit } from './auth/rate-limit.ts'
import type { IncomingCall } from './calls/call.ts'
import { keyIn } from './calls/dialog.ts'
import { type Arriving, receiveCall } from './calls/incoming.ts'
import { comeAgain, lookUpsMax, unknownRate } from './limits.ts'
import { formatResponse, responseTo } from './message/format.ts'
import { readVia, wordsOf } from './message/headers.ts'
import { type Headers, header, headers, type ReceivedRequest, tagOf } from './message/message.ts'
import { type Parsed, parse } from './message/parse.ts'
import { readUri } from './message/uri.ts'
import type { Registrar } from './registration/registrar.ts'
import type { SipPeer } from './settings.ts'
import { allowed, type DialogUser, type Stack } from './stack.ts'
import { randomToken } from './transactions/keys.ts'
import type { ServerTransaction } from './transactions/table.ts'
import type { Flow, Wire } from './transports/flow.ts'
import { withReceivedVia } from './transports/received-via.ts'

/** How the accounts of devices are written. */
const isAccount = /^[0-9]{3,16}$/

/** What comes in and whose it is: a transaction's, a dialog's, or somebody new at the door. */
export type Receiver = Wire & {
  refused(): number
  /** Calls that are not answered yet, and what still comes, are refused, so that they go elsewhere. */
  stop(): void
}

export function createReceiver(parts: {
  stack: Stack
  admission: Admission
  registrar: Registrar
  now(): Date
  onInvite(call: IncomingCall): void | Promise<void>
  /** An alarm device that has this user's name, if there is one. */
  guestOf(user: string): Promise<SipPeer | undefined>
  /** Nobody has this name: no telephone, and no device. */
  onUnknown(user: string, request: ReceivedRequest): void
  onClosed(flow: Flow): void
}): Receiver {
  const { stack, admission, registrar } = parts
  const { transactions, dialogs } = stack
  const lookUps = new Set<string>()
  const unknown = createRateLimit(unknownRate, parts.now)
  const arriving = new Map<ServerTransaction, Arriving>()
  let refused = 0
  let stopping = false

  /** Answered without a memory of it: who is not admitted must not cost any. */
  function answerOnce(request: { headers: Headers }, flow: Flow, status: number, more: Headers = []): void {
    const via = readVia(header(request, 'via') ?? '')
    if (!via) return
    const stamped = { ...request, via, headers: withReceivedVia({ headers: request.headers, via }, flow) }
    const id = createHash('sha256')
      .update(`${header(request, 'call-id')} ${via.branch}`)
      .digest('hex')
      .slice(0, 16)
    const tagged = /;\s*tag\s*=/i.test(header(request, 'to') ?? '')
    flow.send(formatResponse(responseTo(stamped, status, { ...(!tagged && { toTag: id }), headers: more })))
  }

  function onBroken(broken: Parsed & { ok: false }, flow: Flow): void {
    refused++
    if (broken.answerable && broken.status && admission.peerAt(flow)) answerOnce(broken.answerable, flow, broken.status)
  }

  /** The one who is in the dialog, by the place or by the peer; a tag that was guessed or overheard is not enough. */
  const isTheirs = ({ peer, dialog }: DialogUser, flow: Flow): boolean =>
    dialog.source === flow.remote.address || admission.peerAt(flow, peer.user)?.name === peer.name

  /** A telephone that has moved to another network shows its password once more. */
  function isLetIn({ peer }: DialogUser, request: ReceivedRequest, flow: Flow): boolean {
    const admitted = admission.admit(request, flow)
    if (typeof admitted === 'object' && 'peer' in admitted && admitted.peer.name === peer.name) return true
    if (typeof admitted === 'object' && 'challenge' in admitted)
      answerOnce(request, flow, 401, [['www-authenticate', admitted.challenge]])
    else refused++
    return false
  }

  function onAck(request: ReceivedRequest, flow: Flow): void {
    const user = dialogs.get(keyIn(request))
    if (user && isTheirs(user, flow)) user.acknowledge(request)
  }

  function onCancel(request: ReceivedRequest, flow: Flow): void {
    const invite = transactions.cancelled(request)
    if (invite?.flow.remote.address !== flow.remote.address) {
      if (admission.peerAt(flow)) answerOnce(request, flow, 481)
      return
    }
    transactions.take(request, flow)?.respond(200, { toTag: randomToken(8) })
    arriving.get(invite as ServerTransaction)?.cancel()
  }

  /** Somebody new whom neither their place nor the settings know may be a device of ours; that is looked up first. */
  function arrive(request: ReceivedRequest, flow: Flow): void {
    const user = 'user' in request.from.uri ? (request.from.uri.user ?? '') : ''
    if (!isAccount.test(user) || admission.peerAt(flow, user)) {
      onNew(request, flow)
      return
    }
    const key = `${request.callId} ${request.via.branch} ${request.cseq.number}`
    // Said again while it is being looked up.
    if (lookUps.has(key) || lookUps.size >= lookUpsMax) return
    lookUps.add(key)
    void parts
      .guestOf(user)
      // The database is away: that says nothing of who they are.
      .catch(() => null)
      .then((guest) => {
        lookUps.delete(key)
        if (guest === undefined && unknown.take(flow.remote.address)) parts.onUnknown(user, request)
        if (flow.isOpen()) onNew(request, flow, guest ?? undefined)
      })
  }

  function onNew(request: ReceivedRequest, flow: Flow, guest?: SipPeer) {
    const admitted = admission.admit(request, flow, guest)
    if (admitted === 'silence') return void refused++
    if (admitted === 'too-many') {
      refused++
      return answerOnce(request, flow, 503, comeAgain)
    }
    if ('challenge' in admitted) return answerOnce(request, flow, 401, [['www-authenticate', admitted.challenge]])
    if (stopping) return answerOnce(request, flow, 503, comeAgain)
    flow.keep()
    const status = unfit(request)
    if (status) return answerOnce(request, flow, status, status === 405 ? allowed : [])
    serve(request, flow, admitted.peer)
  }

  function unfit(request: ReceivedRequest): number | undefined {
    if (readUri(request.uri)?.scheme === 'other') return 416
    if (transactions.isRepeat(request)) return 482
    // We are the end of the way, but calls go out from us again (transfer): one that went round must end somewhere.
    const spent = Number(header(request, 'max-forwards') ?? 70) === 0
    if (spent && request.method !== 'OPTIONS' && request.method !== 'REGISTER') return 483
    // A tag of a dialog that we do not have: of a life before, or invented.
    if (tagOf(request.to) !== undefined) return 481
    if (request.method === 'BYE' || request.method === 'UPDATE') return 481
    return ['INVITE', 'MESSAGE', 'OPTIONS', 'REGISTER'].includes(request.method) ? undefined : 405
  }

  function serve(request: ReceivedRequest, flow: Flow, peer: SipPeer) {
    if (request.method === 'INVITE') return onInvite(request, flow, peer)
    const transaction = transactions.take(request, flow)
    if (!transaction) return answerOnce(request, flow, 503, comeAgain)
    const toTag = randomToken(8)
    const wanted = wordsOf(headers(request, 'require'))
    if (wanted.length) return transaction.respond(420, { toTag, headers: [['unsupported', wanted.join(', ')]] })
    if (request.method === 'REGISTER') return registrar.receive(transaction, peer, toTag)
    if (request.method === 'MESSAGE') return stack.onMessage(transaction, peer)
    transaction.respond(200, { toTag, headers: [...allowed, ['accept', 'application/sdp'], ['supported', 'timer']] })
  }

  function onInvite(request: ReceivedRequest, flow: Flow, peer: SipPeer): void {
    let transaction: ServerTransaction | undefined
    const coming = receiveCall(stack, peer, (onUnacknowledged) => {
      transaction = transactions.take(request, flow, onUnacknowledged)
      if (!transaction) answerOnce(request, flow, 503, comeAgain)
      return transaction
    })
    if (!coming || !transaction) return
    const [key, { call }] = [transaction, coming]
    arriving.set(key, coming)
    call.onEnd(() => arriving.delete(key))
    Promise.resolve()
      .then(() => parts.onInvite(call))
      .catch((error: Error) => {
        stack.log.warn({ peer: peer.name, fault: error.message }, 'a call that came could not be taken')
        call.refuse(500)
      })
  }

  return {
    refused: () => refused,
    stop() {
      stopping = true
      for (const { call } of [...arriving.values()]) call.hangUp('stopped')
    },
    onMessage(bytes, flow) {
      const parsed = parse(bytes)
      if (!parsed.ok) return onBroken(parsed, flow)
      const { message } = parsed
      if (message.kind === 'response') return transactions.onResponse({ ...message, source: flow.remote.address })
      if (transactions.known(message)) return
      if (message.method === 'ACK') return onAck(message, flow)
      if (message.method === 'CANCEL') return onCancel(message, flow)
      const user = dialogs.get(keyIn(message))
      if (!user) return arrive(message, flow)
      if (!isTheirs(user, flow) && !isLetIn(user, message, flow)) return
      const transaction = transactions.take(message, flow, (accepted) => accepted && user.giveUp())
      if (transaction) user.receive(transaction)
    },
    onClosed(flow) {
      transactions.flowClosed(flow)
      for (const [transaction, coming] of [...arriving]) if (transaction.flow === flow) coming.gone()
      parts.onClosed(flow)
    },
  }
}
