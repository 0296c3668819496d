import type { SipPeer } from './settings.ts'
import { ask, outOfDialog, type Stack } from './stack.ts'
import type { Flow } from './transports/flow.ts'

/** A MESSAGE of ours [RFC 3428]. Over UDP it is said again until somebody answers; that nobody did is in the log. */
export function sendOutOfDialog(
  stack: Stack,
  peer: SipPeer,
  { uri, flow, contentType, body }: { uri: string; flow: Flow; contentType: string; body: string },
): void {
  const said = { method: 'MESSAGE', uri, body: Buffer.from(body, 'utf8') }
  const request = outOfDialog(stack, flow, said, [['content-type', contentType]])
  const failed = (status: number) => stack.log.warn({ peer: peer.name, status }, 'a message of ours was not taken')
  ask(stack, peer, flow, request, {
    onResponse: ({ status }) => void (status >= 300 && failed(status)),
    onFailed: () => failed(0),
  })
}
