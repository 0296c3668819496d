import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { formatResponse, responseTo } from '../../../../telephony/sip/message/format.ts'
import type { Headers, Received, ReceivedRequest } from '../../../../telephony/sip/message/message.ts'
import { parse } from '../../../../telephony/sip/message/parse.ts'
import { createStreamReader } from '../../../../telephony/sip/transports/stream-reader.ts'
import { sdp } from './messages.ts'

/** Somebody at the other end who says exactly what a test wants, and keeps what was heard. */
export type Far = {
  address: string
  port: number
  heard: Received[]
  say(bytes: Buffer): void
  /** The next that was not asked for yet and is such a one. */
  next(what: string | number): Promise<Received>
  request(method: string): Promise<ReceivedRequest>
  /** Answers a request that came. */
  answer(request: ReceivedRequest, status: number, more?: { tag?: string; headers?: Headers; sdp?: string }): void
  close(): void
}

/** By these a test waits until all before has been dealt with; they are no answer to anything else. */
export const settling = 'settled-'

const isSuch = (message: Received, what: string | number): boolean =>
  !message.callId.startsWith(settling) &&
  (message.kind === 'request' ? message.method === what : message.status === what)

function ears(
  say: (bytes: Buffer) => void,
  rest: { address: string; port: number; close(): void },
): Far & { hear(bytes: Buffer): void } {
  const heard: Received[] = []
  const fresh: Received[] = []
  let waiting: (() => void)[] = []

  async function next(what: string | number): Promise<Received> {
    const until = Date.now() + 5_000
    for (;;) {
      const at = fresh.findIndex((one) => isSuch(one, what))
      if (at >= 0) return fresh.splice(at, 1)[0] as Received
      const left = until - Date.now()
      const told = fresh.map((one) => (one.kind === 'request' ? one.method : one.status)).join(' ')
      if (left <= 0) throw new Error(`${what} did not come; there is: ${told || 'nothing'}`)
      await new Promise<void>((done) => {
        const timer = setTimeout(done, left)
        waiting.push(() => {
          clearTimeout(timer)
          done()
        })
      })
    }
  }

  return {
    ...rest,
    heard,
    say,
    next,
    request: async (method) => (await next(method)) as ReceivedRequest,
    answer(request, status, { tag = 'far', headers = [], sdp: body } = {}) {
      const reply = { toTag: tag, headers, ...(body && { body: { type: 'application/sdp', content: body } }) }
      say(formatResponse(responseTo(request, status, reply)))
    },
    hear(bytes) {
      const parsed = parse(bytes)
      if (!parsed.ok) throw new Error(`what we say cannot be read: ${parsed.reason}`)
      heard.push(parsed.message)
      fresh.push(parsed.message)
      const all = waiting
      waiting = []
      for (const wake of all) wake()
    },
  }
}

/** Where it speaks to may be known only later. */
export async function farUdp(to: number, address = '127.0.0.2'): Promise<Far & { aim(port: number): void }> {
  const socket = createSocket('udp4')
  let aimed = to
  socket.bind(0, address)
  await once(socket, 'listening')
  const far = ears((bytes) => socket.send(bytes, aimed, '127.0.0.1'), {
    address,
    port: socket.address().port,
    close: () => void socket.close(),
  })
  socket.on('message', far.hear)
  const aim = (port: number) => {
    aimed = port
  }
  return Object.assign(far, { aim })
}

export async function farTcp(to: number, address = '127.0.0.2'): Promise<Far & { socket: Socket; pongs(): number }> {
  const socket = connect({ port: to, host: '127.0.0.1', localAddress: address })
  await once(socket, 'connect')
  const reader = createStreamReader()
  let pongs = 0
  const far = ears((bytes) => void socket.write(bytes), {
    address,
    port: socket.localPort ?? 0,
    close: () => void socket.destroy(),
  })
  socket.on('data', (chunk: Buffer) => {
    if (chunk.toString() === '\r\n') pongs++
    for (const piece of reader.push(chunk)) if ('message' in piece) far.hear(piece.message)
  })
  socket.on('error', () => {})
  return Object.assign(far, { socket, pongs: () => pongs })
}

export const offered = { more: ['Contact: <sip:trunk@127.0.0.2:5099>', 'Content-Type: application/sdp'], body: sdp }
