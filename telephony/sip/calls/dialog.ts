import { readAddress } from '../message/headers.ts'
import {
  type Headers,
  header,
  headers,
  noBody,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
  tagOf,
} from '../message/message.ts'
import { readUri } from '../message/uri.ts'
import type { Flow, Where } from '../transports/flow.ts'

/** The two ends of a call as they know each other [RFC 3261 12]. */
export type Dialog = {
  readonly callId: string
  readonly localTag: string
  readonly remoteTag: string
  /** From and To of what we send, with their tags. */
  readonly local: string
  readonly remote: string
  /** Where the other end is now. */
  target: string
  readonly routes: string[]
  localSeq: number
  remoteSeq: number | undefined
  flow: Flow
  /** The address where the other end was heard last; a trunk that is called by a name is known by it. */
  source: string | undefined
}

export const dialogKey = (callId: string, localTag: string, remoteTag: string): string =>
  `${callId} ${localTag} ${remoteTag}`

/** By a request that came in it: their tag is in From. */
export const keyIn = ({ callId, to, from }: ReceivedRequest): string =>
  dialogKey(callId, tagOf(to) ?? '', tagOf(from) ?? '')

/** Where they want to be asked; undefined when that is nowhere we could ask. */
export function contactIn(message: { headers: Headers }): string | undefined {
  const contact = readAddress(header(message, 'contact') ?? '')
  return contact && 'host' in contact.uri ? contact.uriText : undefined
}

/** They called us. */
export function dialogOfRequest(request: ReceivedRequest, localTag: string, flow: Flow): Dialog | undefined {
  const target = contactIn(request)
  if (!target) return undefined
  return {
    callId: request.callId,
    localTag,
    remoteTag: tagOf(request.from) ?? '',
    local: `${header(request, 'to')};tag=${localTag}`,
    remote: header(request, 'from') ?? '',
    target,
    routes: headers(request, 'record-route'),
    localSeq: 0,
    remoteSeq: request.cseq.number,
    flow,
    source: flow.remote.address,
  }
}

/** We called them, and this one of those who were rung has answered. */
export function dialogOfResponse(ours: SipRequest, response: ReceivedResponse, flow: Flow): Dialog {
  return {
    callId: response.callId,
    localTag: tagOf(response.from) ?? '',
    remoteTag: tagOf(response.to) ?? '',
    local: header(ours, 'from') ?? '',
    remote: header(response, 'to') ?? '',
    target: contactIn(response) ?? ours.uri,
    routes: headers(response, 'record-route').reverse(),
    localSeq: response.cseq.number,
    remoteSeq: undefined,
    flow,
    source: response.source,
  }
}

export type Inside = { headers?: Headers; body?: { type: string; content: string }; cseq?: number }

/** The next request in the dialog; with a number given it is that one again (an ACK). */
export function requestIn(dialog: Dialog, method: string, inside: Inside = {}): SipRequest {
  const number = inside.cseq ?? ++dialog.localSeq
  const { uri, routes } = pathOf(dialog)
  const all: Headers = [
    ['max-forwards', '70'],
    ...routes.map((route) => ['route', route] as const),
    ['from', dialog.local],
    ['to', dialog.remote],
    ['call-id', dialog.callId],
    ['cseq', `${number} ${method}`],
    ...(inside.headers ?? []),
    ...(inside.body ? [['content-type', inside.body.type] as const] : []),
  ]
  return { method, uri, headers: all, body: inside.body ? Buffer.from(inside.body.content, 'utf8') : noBody }
}

/** [RFC 3261 12.2.1.1] A router of the old kind (without `lr`) is addressed itself, and the target goes last. */
function pathOf({ target, routes }: Dialog): { uri: string; routes: string[] } {
  const first = readAddress(routes[0] ?? '')
  if (!first || !('host' in first.uri) || first.uri.params.has('lr')) return { uri: target, routes }
  return { uri: first.uriText, routes: [...routes.slice(1), `<${target}>`] }
}

/** The next hop: the first router, or the target itself. */
export function nextHop({ target, routes }: Pick<Dialog, 'target' | 'routes'>): Where | undefined {
  const uri = readAddress(routes[0] ?? '')?.uri ?? readUri(target)
  return uri && 'host' in uri ? placeOf(uri) : undefined
}

function placeOf(uri: {
  scheme: 'sip' | 'sips'
  host: string
  port: number | undefined
  params: ReadonlyMap<string, string>
}): Where {
  const named = uri.params.get('transport')?.toLowerCase()
  const secure = uri.scheme === 'sips' || named === 'tls'
  const transport = secure ? 'tls' : named === 'tcp' ? 'tcp' : 'udp'
  return { host: uri.host, port: uri.port ?? (secure ? 5061 : 5060), transport }
}
