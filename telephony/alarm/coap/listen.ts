import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'coap'
import type { ListenAt, Listening, ProtocolParts } from '../listening.ts'
import { coapDevices } from './answer.ts'

const againSeconds = 5

/** Listens for CoAP over UDP. The library has no DTLS: only for a private network, such as the APN of a network operator. */
export async function listenCoap(parts: ProtocolParts, { host, port }: ListenAt): Promise<Listening> {
  const answer = coapDevices(parts)
  const type = host.includes(':') ? 'udp6' : 'udp4'
  const socket = createSocket(type)
  socket.bind(port, host)
  await once(socket, 'listening')
  const server = createServer({ type }, async ({ method, url, payload }, response) => {
    const code = await answer({ method: method ?? '', url, payload })
    response.code = code
    if (code === '5.03') response.setOption('Max-Age', againSeconds)
    response.end()
  })
  server.on('error', (error: Error) => parts.log.warn({ fault: error.message }, 'CoAP'))
  server.listen(socket)
  return {
    port: socket.address().port,
    stop: () =>
      new Promise<void>((done) => {
        server.close(() => {
          socket.once('close', () => done())
          socket.close()
        })
      }),
  }
}
