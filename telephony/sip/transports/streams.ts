import { connect as connectTcp, isIP, type Server, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls, TLSSocket } from 'node:tls'
import { acceptBacklog } from '../../../server/contracts/accept-backlog.ts'
import {
  connectionsMax,
  connectionsPerAddressMax,
  connectMsMax,
  knownIdleMs,
  strangerIdleMs,
  unsentBytesMax,
} from '../limits.ts'
import { type Flow, plainAddress, type Where, type Wire } from './flow.ts'
import { createStreamReader } from './stream-reader.ts'

/** All connections, theirs and ours, over TCP and TLS alike. */
export type Streams = {
  adopt(socket: Socket): void
  /** The open connection to there, or a new one: what is sent meanwhile waits for it. */
  to(where: Where, peer: string | undefined): Flow
  count(): number
  close(): void
}

const ping = Buffer.from('\r\n')

export function createStreams(parts: { wire: Wire; tls: ConnectionOptions | undefined }): Streams {
  const { wire, tls } = parts
  const sockets = new Set<Socket>()
  /** Those of whom nobody knows yet that they are ours, in the order in which they came. */
  const strangers = new Set<Socket>()
  const ours = new Map<string, Flow>()
  const perAddress = new Map<string, number>()

  function count(address: string, by: number): number {
    const now = (perAddress.get(address) ?? 0) + by
    if (now > 0) perAddress.set(address, now)
    else perAddress.delete(address)
    return now
  }

  function run(socket: Socket, remote: Flow['remote'], peer: string | undefined, closed: () => void): Flow {
    const reader = createStreamReader()
    let open = true
    const flow: Flow = {
      transport: socket instanceof TLSSocket ? 'tls' : 'tcp',
      reliable: true,
      get local() {
        return { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 }
      },
      remote,
      peer,
      send(bytes) {
        if (!open) return
        // Somebody who sends and never reads would have us keep their answers for ever.
        if (socket.writableLength > unsentBytesMax) socket.destroy()
        else socket.write(bytes)
      },
      isOpen: () => open,
      keep: () => {
        strangers.delete(socket)
        socket.setTimeout(knownIdleMs)
      },
      close: () => void socket.destroy(),
    }
    sockets.add(socket)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, 60_000)
    socket.on('timeout', () => socket.destroy())
    socket.on('error', () => {}) // 'close' follows
    socket.on('end', () => socket.end())
    socket.on('close', () => {
      open = false
      sockets.delete(socket)
      strangers.delete(socket)
      closed()
      wire.onClosed(flow)
    })
    socket.on('data', (chunk: Buffer) => {
      for (const piece of reader.push(chunk)) {
        if ('broken' in piece) return void socket.destroy()
        if ('ping' in piece) flow.send(ping)
        else wire.onMessage(piece.message, flow)
      }
    })
    return flow
  }

  function open({ host, port, transport }: Where): Socket {
    if (transport === 'tcp') return connectTcp({ host, port })
    // The certificate has to be for the host that was configured; an address has none in SNI.
    return connectTls({ ...tls, host, port, ...(isIP(host) ? {} : { servername: host }) })
  }

  return {
    adopt(socket) {
      const address = plainAddress(socket.remoteAddress ?? '')
      // Full, the stranger that came first makes room: who opens a thousand keeps no trunk and no telephone out.
      const [oldest] = strangers
      if (sockets.size >= connectionsMax && oldest) oldest.destroy()
      const full = sockets.size >= connectionsMax && !oldest
      if (full || !address || count(address, 1) > connectionsPerAddressMax) {
        if (address && !full) count(address, -1)
        socket.on('error', () => {})
        socket.destroy()
        return
      }
      strangers.add(socket)
      socket.setTimeout(strangerIdleMs)
      run(socket, { address, port: socket.remotePort ?? 0 }, undefined, () => count(address, -1))
    },
    to(where, peer) {
      const key = `${where.transport}:${where.host}:${where.port}:${peer ?? ''}`
      const known = ours.get(key)
      if (known?.isOpen()) return known
      const socket = open(where)
      socket.setTimeout(connectMsMax)
      const flow = run(socket, { address: where.host, port: where.port }, peer, () => {
        if (ours.get(key) === flow) ours.delete(key)
      })
      socket.once(where.transport === 'tls' ? 'secureConnect' : 'connect', () => flow.keep())
      ours.set(key, flow)
      return flow
    },
    count: () => sockets.size,
    close() {
      // What was said last still goes out: a BYE, a refusal.
      for (const socket of sockets) socket.destroySoon()
    },
  }
}

/** Resolves when it listens; rejects when the port is taken. */
export async function listen(
  server: Server,
  at: { host: string; port: number },
): Promise<{ address: string; port: number }> {
  await new Promise<void>((done, failed) => {
    server.once('error', failed)
    server.listen(at.port, at.host, acceptBacklog, () => {
      server.off('error', failed)
      server.on('error', () => {})
      done()
    })
  })
  const bound = server.address()
  return bound && typeof bound === 'object'
    ? { address: bound.address, port: bound.port }
    : { address: at.host, port: at.port }
}
