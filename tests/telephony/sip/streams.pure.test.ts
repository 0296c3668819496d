import { EventEmitter } from 'node:events'
import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { connectionsMax } from '../../../telephony/sip/limits.ts'
import type { Flow } from '../../../telephony/sip/transports/flow.ts'
import { createStreams } from '../../../telephony/sip/transports/streams.ts'

/** A connection from an address, as far as its being open goes. */
function socketFrom(address: string) {
  const one = Object.assign(new EventEmitter(), {
    ...{ remoteAddress: address, remotePort: 5060, localAddress: '127.0.0.1', localPort: 5060 },
    ...{ setNoDelay() {}, setKeepAlive() {}, setTimeout() {}, gone: false },
    destroy() {
      one.gone = true
      one.emit('close')
    },
  })
  return one as typeof one & Socket
}

test('who opens a thousand connections makes strangers go, and keeps no telephone that is ours from its line', () => {
  const flows: Flow[] = []
  const wire = { onClosed() {}, onMessage: (_: unknown, flow: Flow) => void flows.push(flow) }
  const streams = createStreams({ wire: wire as never, tls: undefined })
  const telephone = socketFrom('10.0.0.1')
  streams.adopt(telephone)
  telephone.emit('data', Buffer.from('OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n'))
  flows[0]?.keep() // its password was right
  const strangers = Array.from({ length: connectionsMax + 50 }, (_, n) => socketFrom(`10.${1 + (n >> 8)}.${n & 255}.1`))
  for (const one of strangers) streams.adopt(one)
  expect(telephone.gone).toBe(false)
  expect(streams.count()).toBe(connectionsMax)
  expect(strangers.slice(0, 51).every(({ gone }) => gone)).toBe(true)
  expect(strangers.slice(51).some(({ gone }) => gone)).toBe(false)
})
