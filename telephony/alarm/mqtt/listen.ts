import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { acceptBacklog } from '../../../server/contracts/accept-backlog.ts'
import { keepConnections } from '../connections.ts'
import type { ListenAt, Listening, ProtocolParts } from '../listening.ts'
import { makeBroker } from './broker.ts'

/** Our own broker, on one port; over TLS where `at` says so. */
export async function listenMqtt(parts: ProtocolParts, at: ListenAt): Promise<Listening> {
  const connections = keepConnections()
  const broker = await makeBroker(parts, connections.isOurs)
  const serve = (socket: Socket) => {
    connections.took(socket)
    socket.setKeepAlive(true, 60_000)
    broker.serve(socket)
  }
  const server = at.transport === 'tls' ? createTlsServer(parts.tls ?? {}, serve) : createServer(serve)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(at.port, at.host, acceptBacklog, () => {
      server.off('error', reject)
      resolve()
    })
  })
  server.on('error', (error) => parts.log.warn({ fault: error.message }, 'MQTT'))
  const bound = server.address()
  return {
    port: typeof bound === 'object' && bound ? bound.port : at.port,
    stop: () =>
      new Promise<void>((done) => {
        broker.close()
        connections.end()
        server.close(() => done())
      }),
  }
}
