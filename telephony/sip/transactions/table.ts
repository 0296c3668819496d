import { datagramBytesWarn, transactionsMax } from '../limits.ts'
import { formatRequest, formatResponse, type Reply, responseTo } from '../message/format.ts'
import {
  header,
  headers,
  noBody,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
  tagOf,
} from '../message/message.ts'
import { writeHost } from '../message/uri.ts'
import { giveUpMs, type Timers } from '../timers.ts'
import type { Flow } from '../transports/flow.ts'
import { withReceivedVia } from '../transports/received-via.ts'
import { type ClientMachine, createClient } from './client.ts'
import { createInviteClient } from './client-invite.ts'
import { cookie, mergeKey, randomToken, serverKey } from './keys.ts'
import { createServer, type ServerMachine } from './server.ts'
import { createInviteServer } from './server-invite.ts'

export type Asking = {
  onResponse(response: ReceivedResponse): void
  onFailed(because: 'timeout' | 'transport'): void
}

export type Asked = {
  branch: string
  /** The INVITE is to be taken back: a CANCEL in the same place, with the same branch [RFC 3261 9.1]. */
  cancel(): void
}

/** Their request with the way back. */
export type ServerTransaction = {
  readonly request: ReceivedRequest
  readonly flow: Flow
  respond(status: number, reply?: Reply): void
  acknowledged(): void
}

export type Transactions = {
  /** Sends our request; Via is written here. */
  ask(flow: Flow, request: SipRequest, asking: Asking): Asked
  /** An ACK for a 2xx belongs to no transaction; what comes back tells how to say it again. */
  send(flow: Flow, request: SipRequest): () => void
  onResponse(response: ReceivedResponse): void
  /** The transaction to which this request belongs already: it has been dealt with here. */
  known(request: ReceivedRequest): boolean
  /** The INVITE that this CANCEL takes back. */
  cancelled(request: ReceivedRequest): ServerTransaction | undefined
  /** The same request by another way [RFC 3261 8.2.2.2], or our own that came back. */
  isRepeat(request: ReceivedRequest): boolean
  /** Undefined: there are too many. */
  take(
    request: ReceivedRequest,
    flow: Flow,
    onUnacknowledged?: (accepted: boolean) => void,
  ): ServerTransaction | undefined
  flowClosed(flow: Flow): void
  size(): number
  stop(): void
}

/** Back where it came from [RFC 3261 18.2.2, RFC 3581]; `maddr` is left alone: it would let us be aimed at others. */
function wayBack(request: ReceivedRequest, flow: Flow, back: (port: number) => Flow): Flow {
  if (flow.reliable || request.via.params.has('rport')) return flow
  const port = request.via.port ?? 5060
  return port === flow.remote.port ? flow : back(port)
}

export function createTransactions(parts: {
  timers: Timers
  /** The host that we say in Via. */
  sentBy(flow: Flow): { host: string; port: number }
  /** To the same address at another port. */
  atPort(flow: Flow, port: number): Flow
  /** A request that may be cut up on its way. */
  onLarge(flow: Flow, bytes: number): void
}): Transactions {
  const { timers, sentBy, atPort, onLarge } = parts
  const clients = new Map<string, { machine: ClientMachine; flow: Flow }>()
  const servers = new Map<string, { machine: ServerMachine; transaction: ServerTransaction }>()
  const merges = new Map<string, string>()

  function withVia(flow: Flow, request: SipRequest, branch: string): SipRequest {
    const { host, port } = sentBy(flow)
    const via = `SIP/2.0/${flow.transport.toUpperCase()} ${writeHost(host, port)};rport;branch=${branch}`
    return { ...request, headers: [['via', via], ...request.headers] }
  }

  function start(flow: Flow, full: SipRequest, branch: string, asking: Asking): void {
    const key = `${branch} ${full.method}`
    const bytes = formatRequest(full)
    if (!flow.reliable && bytes.length > datagramBytesWarn) onLarge(flow, bytes.length)
    let machine: ClientMachine | undefined
    const common = {
      reliable: flow.reliable,
      timers,
      send: () => flow.send(bytes),
      ...asking,
      onEnd: () => void clients.delete(key),
    }
    const acknowledge = (response: ReceivedResponse) => flow.send(formatRequest(ackFor(full, response)))
    machine = full.method === 'INVITE' ? createInviteClient({ ...common, acknowledge }) : createClient(common)
    clients.set(key, { machine, flow })
    // Told later, as every failure is: who asks has not got hold of the answer to `ask` yet.
    if (!flow.isOpen()) timers.after(0, () => machine?.fail())
  }

  /** Of the INVITE everything that says which it is; nothing else [17.1.1.3, 9.1]. */
  function sibling(full: SipRequest, method: string): SipRequest {
    const number = header(full, 'cseq')?.split(' ')[0]
    const kept = full.headers.filter(([name]) =>
      ['via', 'max-forwards', 'from', 'to', 'call-id', 'route'].includes(name),
    )
    return { method, uri: full.uri, headers: [...kept, ['cseq', `${number} ${method}`]], body: noBody }
  }

  function ackFor(full: SipRequest, response: ReceivedResponse): SipRequest {
    const ack = sibling(full, 'ACK')
    const to = header(response, 'to') ?? ''
    return { ...ack, headers: ack.headers.map(([name, value]) => [name, name === 'to' ? to : value]) }
  }

  return {
    ask(flow, request, asking) {
      const branch = `${cookie}${randomToken()}`
      const full = withVia(flow, request, branch)
      start(flow, full, branch, asking)
      const nobody = { onResponse() {}, onFailed() {} }
      function cancel(): void {
        start(flow, sibling(full, 'CANCEL'), branch, nobody)
        // [9.1] Who does not end it within this time will not.
        timers.after(giveUpMs, () => clients.get(`${branch} ${full.method}`)?.machine.stop())
      }
      return { branch, cancel }
    },
    send(flow, request) {
      const bytes = formatRequest(withVia(flow, request, `${cookie}${randomToken()}`))
      flow.send(bytes)
      return () => flow.send(bytes)
    },
    onResponse(response) {
      // With more than one Via it was for somebody behind us, and there is nobody.
      if (headers(response, 'via').length !== 1) return
      clients.get(`${response.via.branch} ${response.cseq.method}`)?.machine.receive(response)
    },
    known(request) {
      const known = servers.get(serverKey(request))
      if (!known) return false
      if (request.method === 'ACK') {
        // That for a 2xx has a branch of its own, unless the sender is of the old kind: then it is the call's.
        if (tagOf(request.to) === undefined) return false
        known.machine.acknowledged()
        return false
      }
      known.machine.receive()
      return true
    },
    cancelled: (request) => servers.get(serverKey(request, 'INVITE'))?.transaction,
    isRepeat(request) {
      if (tagOf(request.to) !== undefined) return false
      const other = merges.get(mergeKey(request))
      if (other !== undefined && other !== serverKey(request)) return true
      return headers(request, 'via').some((via) =>
        clients.has(`${/;\s*branch\s*=\s*([^;\s]+)/i.exec(via)?.[1]} ${request.method}`),
      )
    },
    take(request, flow, onUnacknowledged = () => {}) {
      if (servers.size >= transactionsMax) return undefined
      const [key, merge] = [serverKey(request), mergeKey(request)]
      const back = wayBack(request, flow, (port) => atPort(flow, port))
      const stamped = { ...request, headers: withReceivedVia(request, flow) }
      const onEnd = () => {
        servers.delete(key)
        if (merges.get(merge) === key) merges.delete(merge)
      }
      const common = { reliable: flow.reliable, timers, send: (bytes: Buffer) => back.send(bytes), onEnd }
      const invite = request.method === 'INVITE'
      const machine = invite ? createInviteServer({ ...common, onUnacknowledged }) : createServer(common)
      const transaction: ServerTransaction = {
        request: stamped,
        flow,
        respond: (status, reply) => machine.respond(status, formatResponse(responseTo(stamped, status, reply))),
        acknowledged: () => machine.acknowledged(),
      }
      servers.set(key, { machine, transaction })
      merges.set(merge, key)
      return transaction
    },
    flowClosed(flow) {
      for (const { machine, flow: at } of [...clients.values()]) if (at === flow) machine.fail()
    },
    size: () => clients.size + servers.size,
    stop() {
      for (const { machine } of [...clients.values(), ...servers.values()]) machine.stop()
    },
  }
}
