import type { SipPeer } from './settings.ts'
import { agent, ask, type Stack } from './stack.ts'
import { randomToken } from './transactions/keys.ts'
import type { Flow } from './transports/flow.ts'

/** A MESSAGE of ours [RFC 3428]. Over UDP it is said again until somebody answers; that nobody did is in the log. */
export function sayTo(
  stack: Stack,
  peer: SipPeer,
  { uri, flow, contentType, body }: { uri: string; flow: Flow; contentType: string; body: string },
): void {
  const request = {
    method: 'MESSAGE',
    uri,
    headers: [
      ['max-forwards', '70'],
      ['from', `<${stack.contact(flow)}>;tag=${randomToken(8)}`],
      ['to', `<${uri}>`],
      ['call-id', randomToken(16)],
      ['cseq', '1 MESSAGE'],
      ...agent,
      ['content-type', contentType],
    ] as const,
    body: Buffer.from(body, 'utf8'),
  }
  const failed = (status: number) => stack.log.warn({ peer: peer.name, status }, 'a message of ours was not taken')
  ask(stack, peer, flow, request, {
    onResponse: ({ status }) => void (status >= 300 && failed(status)),
    onFailed: () => failed(0),
  })
}
