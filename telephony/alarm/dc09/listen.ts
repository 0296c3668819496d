import { createSocket } from 'node:dgram'
import { createServer, type Socket } from 'node:net'
import { acceptBacklog } from '../../../server/contracts/accept-backlog.ts'
import { keepConnections } from '../connections.ts'
import type { ListenAt, Listening, ProtocolParts } from '../listening.ts'
import { panels } from './answer.ts'
import { splitFrames } from './frame.ts'

/** [alarm-devices.md 3.4] A frame that is not over by then, or longer, is none. */
const frameMsMax = 5_000
const frameBytesMax = 2_048
const garbageMax = 3
// A connection that nobody speaks on for longer than the slowest supervision is one whose panel has gone.
const silentMsMax = 25 * 3_600_000

/** Listens for DC-09 panels over TCP and UDP. */
export async function listenDc09(parts: ProtocolParts, at: ListenAt): Promise<Listening> {
  const { answer } = panels(parts)
  return at.transport === 'udp' ? overUdp(answer, parts, at) : overTcp(answer, parts, at)
}

type Answer = ReturnType<typeof panels>['answer']
type At = { host: string; port: number }

function overUdp(answer: Answer, { log }: ProtocolParts, { host, port }: At): Promise<Listening> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (bytes, from) => {
    if (bytes.length > frameBytesMax) return
    for (const frame of splitFrames(bytes).frames)
      void answer(frame).then((reply) => {
        if (Buffer.isBuffer(reply)) socket.send(reply, from.port, from.address)
      })
  })
  socket.on('error', (error) => log.warn({ fault: error.message }, 'DC-09 over UDP'))
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind(port, host, () => {
      socket.off('error', reject)
      resolve({
        port: socket.address().port,
        stop: () => new Promise<void>((done) => socket.close(() => done())),
      })
    })
  })
}

function overTcp(answer: Answer, { log }: ProtocolParts, { host, port }: At): Promise<Listening> {
  const connections = keepConnections()
  const server = createServer((socket) => {
    connections.took(socket)
    serve(socket, (frame) => answer(frame, () => connections.isOurs(socket)))
  })
  server.on('error', (error) => log.warn({ fault: error.message }, 'DC-09 over TCP'))
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, acceptBacklog, () => {
      server.off('error', reject)
      const bound = server.address()
      resolve({
        port: typeof bound === 'object' && bound ? bound.port : port,
        stop: () =>
          new Promise<void>((done) => {
            connections.end()
            server.close(() => done())
          }),
      })
    })
  })
}

/** One connection: its frames one after the other, each answered before the next is read. */
function serve(socket: Socket, answer: Answer): void {
  let rest: Buffer = Buffer.alloc(0)
  let garbage = 0
  let late: NodeJS.Timeout | undefined
  socket.setKeepAlive(true, 60_000)
  socket.setTimeout(silentMsMax, () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => clearTimeout(late))
  socket.on('data', async (bytes) => {
    const { frames, rest: left } = splitFrames(Buffer.concat([rest, bytes]))
    rest = left
    clearTimeout(late)
    const long = rest.length > frameBytesMax ? rest : frames.find((frame) => frame.length > frameBytesMax)
    if (long) {
      void answer(long.subarray(0, frameBytesMax)) // no frame; but whose it would have been may be seen
      return void socket.destroy()
    }
    if (rest.length > 0) late = setTimeout(() => socket.destroy(), frameMsMax)
    socket.pause()
    for (const frame of frames) {
      const reply = await answer(frame)
      if (reply === 'garbage' && ++garbage >= garbageMax) return void socket.destroy()
      if (Buffer.isBuffer(reply)) {
        garbage = 0
        socket.write(reply)
      }
    }
    socket.resume()
  })
}
