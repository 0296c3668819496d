import type { IncomingMessage, Server } from 'node:http'
import type { Socket } from 'node:net'

// Consoles, kiosks and pages of a district; what is beyond leaves file handles for devices and the database.
const connectionsMax = 10_000

/**
 * Keeps room at the HTTP port for who has something to say. A connection on which we wait for words (opened, idle, or in the middle of a
 * body) is one that somebody may hold to stand in the way: with more connections than there is room for, the one that has kept us
 * waiting longest goes, and never the newest, which may be a device that presses.
 */
export function keepRoom(server: Server, max = connectionsMax): void {
  const open = new Set<Socket>()
  // In the order in which they began to keep us waiting.
  const waitedFor = new Set<Socket>()
  const heard = (socket: Socket) => void waitedFor.delete(socket)
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    waitedFor.add(socket)
    socket.once('close', () => {
      open.delete(socket)
      waitedFor.delete(socket)
    })
    const [oldest] = waitedFor
    if (open.size > max) oldest?.destroy()
  })
  server.on('request', (request: IncomingMessage, answer) => {
    const { socket } = request
    const hasBody =
      request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined
    if (!hasBody) heard(socket)
    else request.once('end', () => heard(socket))
    answer.once('close', () => {
      if (open.has(socket)) waitedFor.add(socket)
    })
  })
  server.on('upgrade', ({ socket }: IncomingMessage) => heard(socket))
}
