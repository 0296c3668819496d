import { request } from 'node:http'
import type { Socket } from 'node:net'

/**
 * One page's connection, bare: a WebSocket upgrade to socket.io with a session's cookie or a kiosk's key, then Engine.IO's and socket.io's
 * opening words. A real client holds 100 kB each; five thousand of these fit beside the server. Answers pings, so it lives.
 */
export function bareSocket(
  url: string,
  who: { cookie: string } | { kiosk: string },
  onEnd: () => void,
): Promise<Socket> {
  const { hostname, port, origin } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({
      hostname,
      port,
      path: '/realtime/?EIO=4&transport=websocket',
      agent: false,
      timeout: 30_000,
      headers: {
        ...('cookie' in who && { cookie: who.cookie }),
        origin,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'eWlodSBiYXJlIHNvY2tldA==',
      },
    })
    asked.on('error', reject)
    asked.on('timeout', () => asked.destroy(new Error('no upgrade within 30 s')))
    asked.on('response', (reply) => reject(new Error(`no upgrade: ${reply.statusCode}`)))
    asked.on('upgrade', (_reply, socket: Socket, head: Buffer) => {
      socket.setTimeout(0)
      let [greeted, open] = [false, false]
      const take = (bytes: Buffer) => {
        // Frames of the server are not masked; what matters is the packet type right behind the length.
        if (bytes.includes(ping)) socket.write(frame('3'))
        if (open) return
        const text = bytes.toString('latin1')
        if (!greeted && text.includes('0{"sid"')) {
          greeted = true
          socket.write(frame('kiosk' in who ? `40${JSON.stringify(who)}` : '40'))
        }
        if (!open && text.includes('40{"sid"')) {
          open = true
          resolve(socket)
        }
        if (text.includes('44{')) reject(new Error('refused'))
      }
      socket.on('data', take)
      socket.on('error', () => {})
      socket.on('close', () => (open ? onEnd() : reject(new Error('ended before it was open'))))
      if (head.length > 0) take(head)
    })
    asked.end()
  })
}

// One byte of text: Engine.IO's 2.
const ping = Buffer.from([0x81, 1, 0x32])

/** A short text frame as a client sends it, masked with zeros. */
function frame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text)])
}
