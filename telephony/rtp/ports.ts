import { createSocket, type Socket } from 'node:dgram'
import { Overloaded } from '../media/leg.ts'

const triesMax = 200

export type Ports = { bind(address: string): Promise<Socket> }

function bindOne(address: string, port: number): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? { type: 'udp6', ipv6Only: true } : { type: 'udp4' })
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind(port, address, () => {
      socket.removeAllListeners('error')
      resolve(socket)
    })
  })
}

/**
 * A UDP port for each leg, even as RTP's always are [RFC 3550 11]: old telephones take the odd one for RTCP. Ports are given
 * out in a circle, so that the late packets of a call that ended do not come in at the next.
 */
export function createPorts(range: [number, number] | null): Ports {
  const first = range && range[0] + (range[0] % 2)
  const count = range && first !== null ? Math.floor((range[1] - first) / 2) + 1 : 0
  let turn = count > 0 ? Math.floor(Math.random() * count) : 0

  async function bind(address: string): Promise<Socket> {
    for (let i = 0; i < (first === null ? triesMax : Math.min(count, triesMax)); i++) {
      const port = first === null ? 0 : first + 2 * (turn++ % count)
      const socket = await bindOne(address, port).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'EADDRINUSE') return undefined
        throw error
      })
      if (!socket) continue
      if (socket.address().port % 2 === 0) return socket
      socket.close()
    }
    throw new Overloaded('no free UDP port')
  }
  return { bind }
}
