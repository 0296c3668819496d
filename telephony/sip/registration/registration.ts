import { readNumber } from '../message/grammar.ts'
import { readAddress } from '../message/headers.ts'
import { header, headers, noBody, type ReceivedResponse, type SipRequest } from '../message/message.ts'
import { writeHost } from '../message/uri.ts'
import type { SipPeer } from '../settings.ts'
import { agent, allowed, ask, type Stack } from '../stack.ts'
import { randomToken } from '../transactions/keys.ts'
import type { Flow } from '../transports/flow.ts'

/** We register at a PBX or a trunk, so that it knows where to bring its calls. */
export type Registration = {
  registered(): boolean
  flowClosed(flow: Flow): void
  /** Takes it back, and asks no more. */
  stop(): void
}

// A refusal seldom heals within seconds, and a registrar that is hammered shuts out; calls do not come meanwhile.
const retryMs = 30_000
// Renewed with this much of the time left, so that one lost attempt does not leave a gap.
const renewAt = 0.8
// A connection that broke is opened again at once, but not faster than this.
const reopenMs = 2_000

export function createRegistration(parts: {
  stack: Stack
  peer: SipPeer
  /** The way there now. */
  flow(): Flow | undefined
}): Registration {
  const { stack, peer } = parts
  const { host = '', port = 5060, transport = 'udp' } = peer.at ?? {}
  const uri = `sip:${writeHost(host)}${transport === 'udp' ? '' : `;transport=${transport}`}`
  const who = `<sip:${peer.user ?? 'hotline'}@${writeHost(host)}>`
  const callId = randomToken(16)
  const tag = randomToken(8)
  let seq = 0
  let seconds = peer.register?.expiresSeconds ?? 0
  let used: Flow | undefined
  let registered = false
  let cancel = () => {}

  function send(expires: number, heard: (response: ReceivedResponse | undefined) => void) {
    const flow = parts.flow()
    if (!flow) return heard(undefined)
    used = flow
    const request: SipRequest = {
      method: 'REGISTER',
      uri: port === 5060 || port === 5061 ? uri : uri.replace(writeHost(host), writeHost(host, port)),
      headers: [
        ['max-forwards', '70'],
        ['from', `${who};tag=${tag}`],
        ['to', who],
        ['call-id', callId],
        ['cseq', `${++seq} REGISTER`],
        ['contact', `<${stack.contact(flow)}>;expires=${expires}`],
        ['expires', String(expires)],
        ...allowed,
        ...agent,
      ],
      body: noBody,
    }
    const onResponse = (response: ReceivedResponse) => void (response.status >= 200 && heard(response))
    ask(stack, peer, flow, request, { nextSeq: () => ++seq, onResponse, onFailed: () => heard(undefined) })
  }

  function again(ms: number): void {
    cancel()
    cancel = stack.timers.after(ms, renew)
  }

  function renew(): void {
    send(seconds, (response) => {
      const before = registered
      registered = response !== undefined && response.status < 300
      if (before !== registered)
        stack.log[registered ? 'info' : 'warn'](
          { peer: peer.name, status: response?.status },
          registered ? 'registered at the trunk' : 'not registered at the trunk',
        )
      const least = response?.status === 423 ? readNumber(header(response, 'min-expires')) : undefined
      if (least && least > seconds) {
        seconds = least
        return again(0)
      }
      again(registered && response ? grantedIn(response) * renewAt * 1000 : retryMs)
    })
  }

  /** They may give less than we asked for. */
  function grantedIn(response: ReceivedResponse): number {
    const ours = headers(response, 'contact')
      .map(readAddress)
      .map((one) => readNumber(one?.params.get('expires')))
    const told = ours.length === 1 ? ours[0] : undefined
    return Math.max(told ?? readNumber(header(response, 'expires')) ?? seconds, 30)
  }

  renew()
  return {
    registered: () => registered,
    flowClosed(flow) {
      if (flow !== used || !registered) return
      registered = false
      again(reopenMs)
    },
    stop() {
      cancel()
      if (registered) send(0, () => {})
      registered = false
    },
  }
}
