import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'

/** Sound goes to even ports [RFC 3550 11]; the odd one after it would be RTCP's, which we neither send nor need. */
const triesMax = 50

let next: number | undefined

function bind(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: isIPv6(host) ? 'udp6' : 'udp4' })
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      // A port that cannot be reached is told here; the silence that follows ends the leg.
      socket.on('error', () => {})
      resolve(socket)
    })
  })
}

/** A socket on an even port of the range, tried round and round, so that a port that was just let go rests; any port without a range. */
export async function openPort(host: string, range: [number, number] | null): Promise<Socket> {
  for (let i = 0; i < triesMax; i++) {
    try {
      if (!range) {
        const socket = await bind(host, 0)
        if (socket.address().port % 2 === 0) return socket
        socket.close()
        continue
      }
      const first = range[0] + (range[0] % 2)
      const port = next === undefined || next < first || next > range[1] ? first : next
      next = port + 2
      return await bind(host, port)
    } catch {
      // taken by somebody else
    }
  }
  throw new Error('no port is free')
}
