import { readFileSync } from 'node:fs'
import { createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { connectionsMax, connectMsMax } from '../limits.ts'
import type { Flow, Transport, Where, Wire } from './flow.ts'
import { createStreams, listen } from './streams.ts'
import { listenUdp, type UdpListener } from './udp.ts'

export type TransportSettings = {
  listen: { transport: Transport; host: string; port: number }[]
  tls?: { certFile: string; keyFile: string; caFile?: string }
}

export type Transports = {
  addresses: { transport: Transport; address: string; port: number }[]
  /** A way to there: over UDP from the first socket, else by an open or a new connection. Undefined: no UDP socket. */
  to(where: Where, peer?: string): Flow | undefined
  connections(): number
  stop(): Promise<void>
}

export async function openTransports(settings: TransportSettings, wire: Wire): Promise<Transports> {
  const ca = settings.tls?.caFile ? readFileSync(settings.tls.caFile) : undefined
  const own = settings.tls && { cert: readFileSync(settings.tls.certFile), key: readFileSync(settings.tls.keyFile) }
  const streams = createStreams({ wire, tls: { minVersion: 'TLSv1.2', ...(ca && { ca }), ...own } })
  const udp: UdpListener[] = []
  const servers: Server[] = []
  const addresses: Transports['addresses'] = []

  async function stop(): Promise<void> {
    streams.close()
    await Promise.all([
      ...udp.map((one) => one.close()),
      ...servers.map((server) => new Promise<void>((done) => server.close(() => done()))),
    ])
  }

  function serve(transport: 'tcp' | 'tls'): Server {
    const onSocket = (socket: Socket) => streams.adopt(socket)
    if (transport === 'tcp') return createTcpServer(onSocket)
    if (!own) throw new Error('a TLS listener needs a certificate and its key')
    const server = createTlsServer({ ...own, minVersion: 'TLSv1.2', handshakeTimeout: connectMsMax }, onSocket)
    server.on('tlsClientError', (_, socket) => socket.destroy())
    return server
  }

  try {
    for (const at of settings.listen) {
      if (at.transport === 'udp') {
        const listener = await listenUdp(at, wire)
        udp.push(listener)
        addresses.push({ transport: 'udp', ...listener.address })
      } else {
        const server = serve(at.transport)
        // Before a handshake a socket is not yet among the connections that are counted by address.
        server.maxConnections = connectionsMax
        servers.push(server)
        addresses.push({ transport: at.transport, ...(await listen(server, at)) })
      }
    }
  } catch (error) {
    await stop()
    throw error
  }

  return {
    addresses,
    to(where, peer) {
      if (where.transport !== 'udp') return streams.to(where, peer)
      const family = where.host.includes(':')
      const socket = udp.find((one) => one.address.address.includes(':') === family) ?? udp[0]
      return socket?.to({ address: where.host, port: where.port }, peer)
    },
    connections: () => streams.count(),
    stop,
  }
}
