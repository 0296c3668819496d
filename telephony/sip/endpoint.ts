import type { Log } from '../ports.ts'
import { createAdmission } from './auth/admission.ts'
import { createChallenge } from './auth/challenge.ts'
import { trunkAddresses } from './auth/trunk-addresses.ts'
import type { IncomingCall, SipCall } from './calls/call.ts'
import { userOf } from './calls/caller.ts'
import { nextHop } from './calls/dialog.ts'
import { placeCall } from './calls/outgoing.ts'
import { typeOf } from './message/body.ts'
import { readAddress } from './message/headers.ts'
import { type Headers, header, type ReceivedRequest } from './message/message.ts'
import { escapeUser, writeHost } from './message/uri.ts'
import { sendOutOfDialog } from './out-of-dialog.ts'
import { createReceiver } from './receive.ts'
import { createKeepAlive, type KeepAlive } from './registration/keep-alive.ts'
import { createRegistrar } from './registration/registrar.ts'
import { createRegistration, type Registration } from './registration/registration.ts'
import { type SipPeer, type SipSettings, unitName } from './settings.ts'
import type { Stack } from './stack.ts'
import { nodeTimers, type Timers, timersThatStop } from './timers.ts'
import { randomToken } from './transactions/keys.ts'
import { createTransactions, type ServerTransaction } from './transactions/table.ts'
import { openTransports, type Transports } from './transports/all.ts'
import type { Flow, Transport, Wire } from './transports/flow.ts'
import { contactOf, ownAddress } from './transports/own-address.ts'

export type SipMessage = {
  peer: Pick<SipPeer, 'name' | 'kind' | 'deviceId'>
  from: string
  contentType: string
  body: string
  /** Our address as they reach it, to be called at. */
  at: string
}
export type SipMessageAnswer = {
  status: number
  headers?: Headers
  contentType?: string
  body?: string
  /** Said after the answer in a message of its own, to where theirs came from. */
  after?: { contentType: string; body: string }
}

export type SipEndpoint = {
  /** What was bound, in the order of the settings. */
  addresses: { transport: Transport; address: string; port: number }[]
  reaches(number: string): boolean
  /** By whom a number could be rung now, in order: its own telephone alone, or the trunks that answer. */
  peersTo(number: string): SipPeer[]
  /** The alarm unit of this device, if it has registered. */
  unitOf(deviceId: string): SipPeer | undefined
  /** Our address as this peer reaches us, for the sound as well; undefined when there is no way to it now. */
  addressFor(peer: SipPeer, number: string): string | undefined
  /** Rings it, by this peer or the first; undefined when nobody reaches it. */
  invite(order: { number: string; sdp: string; peer?: SipPeer }): SipCall | undefined
  stats(): { transactions: number; dialogs: number; registrations: number; refused: number }
  /** Each call ends as `stopped`, and its other end is told: BYE, CANCEL, or 503 for one that is not answered yet. */
  stop(): Promise<void>
}

export type SipParts = {
  settings: SipSettings
  log: Log
  now(): Date
  /** Takes the call by ring, answer or refuse; a rejection is answered with 500. */
  onInvite(call: IncomingCall): void | Promise<void>
  /** Answered once; a message that comes again within half a minute is given the same answer. */
  onMessage(message: SipMessage): Promise<SipMessageAnswer>
  /** An alarm device that has this user's name, with its secret; asked for each request of somebody new. */
  guestOf?(user: string): Promise<SipPeer | undefined>
  /** The kind of message that only alarm units send: of others who are unknown nothing is kept, for scanners knock all day. */
  unitType?: string
  /** A unit that nobody knows has said something, or one of ours shows a wrong secret again and again. It gets no answer. */
  onStranger?(stranger: { user: string; because: 'unknown-account' | 'wrong-secret'; said: string }): void
  timers?: Timers
}

const spokenMax = 300
const spokenIn = ({ method, body }: ReceivedRequest): string => `${method} ${body.toString('utf8')}`.slice(0, spokenMax)

/** The SIP edge: listens, lets in who may, keeps trunks and telephones, and hands calls and messages on. */
export async function startSipEndpoint(parts: SipParts): Promise<SipEndpoint> {
  const { settings, log, now } = parts
  const { peers, realm, publicAddress } = settings
  const timers = timersThatStop(parts.timers ?? nodeTimers)
  const trunks = peers.filter((peer) => peer.kind === 'trunk')
  const alive = new Map<string, KeepAlive>()
  const registered = new Map<string, Registration>()
  const placed = new Set<SipCall>()
  // Messages cannot come before everything stands: the sockets are opened last, and speak to it through this.
  let wire: Wire = { onMessage() {}, onClosed() {} }
  const transports: Transports = await openTransports(settings, {
    onMessage: (bytes, flow) => wire.onMessage(bytes, flow),
    onClosed: (flow) => wire.onClosed(flow),
  })
  const own = ownAddress(publicAddress, transports.addresses)
  const transactions = createTransactions({
    timers,
    sentBy: own,
    atPort: (flow, port) => transports.to({ host: flow.remote.address, port, transport: 'udp' }) ?? flow,
    onLarge: (flow, bytes) => log.warn({ peer: flow.peer, bytes }, 'a request over UDP that may be cut up on its way'),
  })
  const registrar = createRegistrar({ now })

  const stack: Stack = {
    timers,
    log,
    transactions,
    dialogs: new Map(),
    contact: (flow) => contactOf(flow, own(flow)),
    wayTo(peer, dialog) {
      // A connection is used for as long as it lasts, and a telephone is where it came from, behind its NAT.
      if (dialog.flow.isOpen() && (dialog.flow.reliable || peer.kind === 'telephone')) return dialog.flow
      if (peer.kind === 'telephone') return registrar.find(peer)?.flow
      const hop = nextHop(dialog)
      return hop && transports.to(hop, peer.name)
    },
    onMessage(transaction, peer) {
      const { request, respond } = transaction
      const from = userOf(request.from.uri) ?? ''
      const toTag = randomToken(8)
      parts
        .onMessage({
          peer,
          from,
          contentType: typeOf(request),
          body: request.body.toString('utf8'),
          at: stack.contact(transaction.flow),
        })
        .then(({ status, headers, contentType, body, after }) => {
          respond(status, {
            toTag,
            ...(headers && { headers }),
            ...(body !== undefined && { body: { type: contentType ?? 'text/plain', content: body } }),
          })
          if (after) sendOutOfDialog(stack, peer, { ...whereIs(peer, transaction), ...after })
        })
        .catch((error: Error) => {
          log.warn({ peer: peer.name, fault: error.message }, 'a message could not be taken')
          respond(500, { toTag })
        })
    },
  }

  /** Where it has registered, else where this came from [alarm-devices.md 1.1]. */
  const whereIs = (peer: SipPeer, { request, flow }: ServerTransaction): { uri: string; flow: Flow } =>
    registrar.find(peer) ?? {
      uri: readAddress(header(request, 'contact') ?? '')?.uriText ?? request.from.uriText,
      flow,
    }

  const receiver = createReceiver({
    stack,
    registrar,
    now,
    guestOf: parts.guestOf ?? (async () => undefined),
    admission: createAdmission({
      peers,
      placeOf: trunkAddresses(peers, timers, log),
      challenge: createChallenge({ realm, now }),
      now,
      onWrong: ({ user, request }) => parts.onStranger?.({ user, because: 'wrong-secret', said: spokenIn(request) }),
    }),
    onUnknown: (user, request) => {
      if (typeOf(request) === parts.unitType)
        parts.onStranger?.({ user, because: 'unknown-account', said: spokenIn(request) })
    },
    onInvite: parts.onInvite,
    onClosed: (flow) => {
      for (const one of registered.values()) one.flowClosed(flow)
    },
  })
  wire = receiver

  for (const peer of trunks) {
    const { at } = peer
    if (!at) continue
    const flow = () => transports.to(at, peer.name)
    alive.set(peer.name, createKeepAlive({ stack, peer, flow }))
    if (peer.register) registered.set(peer.name, createRegistration({ stack, peer, flow }))
  }

  const answers = (peer: SipPeer): boolean =>
    (alive.get(peer.name)?.isAlive() ?? false) && (registered.get(peer.name)?.registered() ?? true)

  function peersTo(number: string): SipPeer[] {
    const own = peers.find((peer) => peer.kind === 'telephone' && peer.number === number && registrar.find(peer))
    return own ? [own] : trunks.filter(answers)
  }

  function unitOf(deviceId: string): SipPeer | undefined {
    const peer: SipPeer = { name: unitName(deviceId), kind: 'telephone', from: [], deviceId }
    return registrar.find(peer) && peer
  }

  function target(peer: SipPeer, number: string): { flow: Flow; uri: string } | undefined {
    if (peer.kind === 'telephone') return registrar.find(peer)
    const flow = peer.at && transports.to(peer.at, peer.name)
    const transport = peer.at?.transport === 'udp' ? '' : `;transport=${peer.at?.transport}`
    return (
      flow && {
        flow,
        uri: `sip:${escapeUser(number)}@${writeHost(peer.at?.host ?? '', peer.at?.port)};user=phone${transport}`,
      }
    )
  }

  /** The number that they shall see; a trunk that knows us by a name and a password wants its own domain with it. */
  function shownTo(peer: SipPeer, flow: Flow): string {
    const { host, port } = own(flow)
    const domain = peer.user && peer.at ? writeHost(peer.at.host) : writeHost(host, port)
    return `sip:${escapeUser(peer.callerId ?? peer.user ?? 'hotline')}@${domain}`
  }

  return {
    addresses: transports.addresses,
    peersTo,
    unitOf,
    addressFor(peer, number) {
      const to = target(peer, number)
      return to && own(to.flow).host
    },
    reaches: (number) => peersTo(number).length > 0,
    invite({ number, sdp, peer = peersTo(number)[0] }) {
      const to = peer && target(peer, number)
      if (!peer || !to) return undefined
      const call = placeCall(stack, { peer, ...to, from: shownTo(peer, to.flow), sdp })
      placed.add(call)
      call.onEnd(() => placed.delete(call))
      return call
    },
    stats: () => ({
      transactions: transactions.size(),
      dialogs: stack.dialogs.size,
      registrations: registrar.count(),
      refused: receiver.refused(),
    }),
    async stop() {
      receiver.stop()
      for (const call of [...placed]) call.hangUp('stopped')
      for (const user of [...stack.dialogs.values()]) user.bye('stopped')
      for (const one of registered.values()) one.stop()
      for (const one of alive.values()) one.stop()
      transactions.stop()
      timers.stop()
      await transports.stop()
    },
  }
}
