import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import { type Flow, plainAddress, type Wire } from './flow.ts'

/** A socket that listens and from which everything over UDP is sent, so that answers find through a NAT. */
export type UdpListener = {
  readonly transport: 'udp'
  readonly address: { address: string; port: number }
  /** To this host by its name or address; the name is looked up by the socket. */
  to(remote: { address: string; port: number }, peer?: string): Flow
  close(): Promise<void>
}

export async function listenUdp(at: { host: string; port: number }, wire: Wire): Promise<UdpListener> {
  const socket: Socket = createSocket({ type: isIPv6(at.host) ? 'udp6' : 'udp4' })
  let open = true
  /** What was said last still goes out: a BYE, a refusal. */
  let leaving = 0
  let allLeft = () => {}
  socket.bind(at.port, at.host)
  await once(socket, 'listening')
  const bound = socket.address()
  const local = { address: bound.address, port: bound.port }

  function to(remote: { address: string; port: number }, peer?: string): Flow {
    return {
      transport: 'udp',
      reliable: false,
      local,
      remote,
      peer,
      // A datagram that the network does not take is a lost one: it is sent again by its transaction.
      send: (bytes) => {
        if (!open) return
        leaving++
        socket.send(bytes, remote.port, remote.address, () => {
          if (--leaving === 0) allLeft()
        })
      },
      isOpen: () => open,
      keep() {},
      close() {},
    }
  }

  socket.on('message', (bytes, { address, port }) => {
    // Four bytes or less keep a NAT open; nobody can be answered at port 0.
    if (bytes.length > 4 && port > 0) wire.onMessage(bytes, to({ address: plainAddress(address), port }))
  })
  socket.on('error', () => {}) // of one datagram (ICMP); the socket goes on
  return {
    transport: 'udp',
    address: local,
    to,
    close: async () => {
      if (!open) return
      open = false
      if (leaving > 0)
        await new Promise<void>((done) => {
          allLeft = done
        })
      await new Promise<void>((done) => socket.close(done))
    },
  }
}
