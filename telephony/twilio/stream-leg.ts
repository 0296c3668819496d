import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { z } from 'zod'
import { framesPerSecond } from '../media/frame.ts'
import type { Leg, LegEvents, Opening } from '../media/leg.ts'
import { createReceiver } from '../media/receiver.ts'

// Twilio opens the stream a second after our answer; a token that nobody has shown by then is void.
const connectTicks = 30 * framesPerSecond
// Twilio sends fifty frames a second, whoever speaks.
const silentTicks = 5 * framesPerSecond
// Longer than Twilio takes to say who it is.
const namedWithinMs = 10_000
// A frame has 300 bytes as JSON; nothing of theirs is longer than a few thousand.
const messageBytesMax = 16_384
// Two seconds of sound that the network did not take: what is older is of no use to anybody.
const unsentBytesMax = 32_768

const named = z.object({
  streamSid: z.string().max(64),
  start: z.object({ customParameters: z.object({ token: z.string().max(200) }) }),
})
const media = z.object({ media: z.object({ track: z.string().optional(), payload: z.string().max(12_000) }) })
const dtmf = z.object({ dtmf: z.object({ digit: z.string().regex(/^[0-9*#A-D]$/) }) })

type Expected = { token: Buffer; attach(socket: WebSocket, streamSid: string): void }

export type Streams = {
  /** The leg of the one stream that will show this token. */
  expect(token: string, events: LegEvents): Opening
  /** A connection that asks for an upgrade; its first message must show a token that is expected. */
  take(request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, socket: Socket, first: Buffer): void
}

/** Twilio's Media Streams: mu-law in JSON over a WebSocket, in order and without loss, so neither numbers nor times are needed. */
export function createStreams(): Streams {
  const server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false })
  const expected = new Set<Expected>()

  function welcome(socket: WebSocket): void {
    const strange = setTimeout(() => socket.terminate(), namedWithinMs)
    socket.on('error', () => socket.terminate())
    socket.on('close', () => clearTimeout(strange))
    const onMessage = (data: Buffer) => {
      const message = read(data)
      if (message?.event === 'connected') return
      const start = message?.event === 'start' ? named.safeParse(message) : undefined
      const one = start?.success ? find(start.data.start.customParameters.token) : undefined
      if (!start?.success || !one) return socket.terminate()
      clearTimeout(strange)
      socket.off('message', onMessage)
      expected.delete(one)
      one.attach(socket, start.data.streamSid)
    }
    socket.on('message', onMessage)
  }

  function find(token: string): Expected | undefined {
    const shown = Buffer.from(token)
    return [...expected].find((one) => one.token.length === shown.length && timingSafeEqual(one.token, shown))
  }

  return {
    expect(token, events) {
      const receiver = createReceiver({ law: 'mu', soundType: 0, eventTypes: new Set(), onKey() {} })
      let socket: WebSocket | undefined
      let streamSid = ''
      let heard = 0
      let samples = 0
      let over = false
      const one: Expected = { token: Buffer.from(token), attach }
      expected.add(one)

      function attach(opened: WebSocket, sid: string): void {
        if (over) {
          opened.terminate()
          return
        }
        socket = opened
        streamSid = sid
        opened.on('message', (data: Buffer) => onMessage(data))
        opened.on('close', () => {
          if (over) return
          end()
          events.down('lost')
        })
      }

      function onMessage(data: Buffer): void {
        const message = read(data)
        if (over || !message) return
        if (message.event === 'media') {
          const told = media.safeParse(message)
          if (!told.success || (told.data.media.track ?? 'inbound') !== 'inbound') return
          const payload = Buffer.from(told.data.media.payload, 'base64')
          receiver.accept(0, { sequence: heard & 0xffff, timestamp: samples >>> 0, payload })
          samples += payload.length
          if (heard++ === 0) events.up()
        } else if (message.event === 'dtmf') {
          const told = dtmf.safeParse(message)
          if (told.success) events.key(told.data.dtmf.digit)
        } else if (message.event === 'stop') {
          end()
          events.down('hung-up')
        }
      }

      function end(): void {
        over = true
        expected.delete(one)
        socket?.close()
      }

      const leg: Leg = {
        receiver,
        patience: () => ({ silentTicks, connectTicks }),
        // A frame a tick: Twilio never has more of ours in hand than it plays at once, so nothing stale is to be cleared.
        send(frame) {
          if (!socket || over || socket.bufferedAmount > unsentBytesMax) return
          const payload = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength).toString('base64')
          socket.send(JSON.stringify({ event: 'media', streamSid, media: { payload } }))
        },
        pause() {},
        close: end,
      }
      return { leg, answer: Promise.resolve('') }
    },
    take(request, socket, first) {
      server.handleUpgrade(request as IncomingMessage, socket, first, welcome)
    },
  }
}

function read(data: Buffer): { event?: unknown } | undefined {
  try {
    const message: unknown = JSON.parse(data.toString('utf8'))
    return typeof message === 'object' && message !== null ? message : undefined
  } catch {
    return undefined
  }
}
