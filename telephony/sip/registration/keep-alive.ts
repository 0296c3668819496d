import { keepAliveDownMs, keepAliveMs } from '../limits.ts'
import { noBody } from '../message/message.ts'
import { writeHost } from '../message/uri.ts'
import type { SipPeer } from '../settings.ts'
import { ask, outOfDialog, type Stack } from '../stack.ts'
import type { Flow } from '../transports/flow.ts'

/** Asks a trunk every half minute whether it is there: what does not answer is not called, and its NAT stays open. */
export type KeepAlive = { isAlive(): boolean; stop(): void }

export function createKeepAlive(parts: { stack: Stack; peer: SipPeer; flow(): Flow | undefined }): KeepAlive {
  const { stack, peer } = parts
  const { host = '', port = 5060, transport = 'udp' } = peer.at ?? {}
  const uri = `sip:${writeHost(host, port)}${transport === 'udp' ? '' : `;transport=${transport}`}`
  /** Not known before the first answer, or its absence. */
  let alive: boolean | undefined
  let cancel = () => {}

  function heard(now: boolean): void {
    if (now !== alive)
      stack.log[now ? 'info' : 'warn']({ peer: peer.name }, now ? 'the trunk answers' : 'the trunk does not answer')
    alive = now
    cancel()
    cancel = stack.timers.after(now ? keepAliveMs : keepAliveDownMs, send)
  }

  function send() {
    const flow = parts.flow()
    if (!flow) return heard(false)
    const request = outOfDialog(stack, flow, { method: 'OPTIONS', uri, body: noBody }, [
      ['contact', `<${stack.contact(flow)}>`],
      ['accept', 'application/sdp'],
    ])
    // Whatever it says to OPTIONS, somebody is there; 503 and 408 say that nobody is behind it.
    ask(stack, peer, flow, request, {
      onResponse: ({ status }) => void (status >= 200 && heard(status !== 503 && status !== 408)),
      onFailed: () => heard(false),
    })
  }

  send()
  return { isAlive: () => alive === true, stop: () => cancel() }
}
