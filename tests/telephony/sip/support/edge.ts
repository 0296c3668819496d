import type { IncomingCall } from '../../../../telephony/sip/calls/call.ts'
import {
  type SipEndpoint,
  type SipMessage,
  type SipParts,
  startSipEndpoint,
} from '../../../../telephony/sip/endpoint.ts'
import type { SipPeer, SipSettings } from '../../../../telephony/sip/settings.ts'
import type { Transport } from '../../../../telephony/sip/transports/flow.ts'
import { sdp } from './messages.ts'

export type Edge = {
  endpoint: SipEndpoint
  calls: IncomingCall[]
  /** How each call ended, in that order. */
  ends: [string, number | undefined][]
  messages: SipMessage[]
  logged: string[]
  port(transport: Transport): number
}

/** The SIP edge on free ports of this machine. Calls that come are rung and answered at once, unless a test does it itself. */
export async function startEdge(
  what: Partial<SipParts> & {
    peers: SipPeer[]
    listen?: Transport[]
    tls?: SipSettings['tls']
    host?: string
    port?: number
    answer?: boolean
  },
): Promise<Edge> {
  const edge = { calls: [], ends: [], messages: [], logged: [] } as unknown as Edge
  const { listen = ['udp', 'tcp'], peers, tls, host = '127.0.0.1', port = 0, answer = true, ...parts } = what
  const log = (level: string) => (fields: object, message: string) =>
    void edge.logged.push(`${level} ${message} ${JSON.stringify(fields)}`)
  edge.endpoint = await startSipEndpoint({
    settings: {
      listen: listen.map((transport) => ({ transport, host, port })),
      realm: 'yihu.test',
      peers,
      ...(tls && { tls }),
    },
    log: { info: log('info'), warn: log('warn') },
    now: () => new Date(),
    onInvite(call) {
      edge.calls.push(call)
      call.onEnd((because, status) => void edge.ends.push([because, status]))
      call.onReoffer(async () => sdp)
      if (!answer) return
      call.ring()
      call.answer(sdp)
    },
    async onMessage(message) {
      edge.messages.push(message)
      return { status: 200 }
    },
    ...parts,
  })
  edge.port = (transport) => edge.endpoint.addresses.find((one) => one.transport === transport)?.port ?? 0
  return edge
}
