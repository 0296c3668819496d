import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { framesPerSecond } from '../media/frame.ts'
import type { Leg, LegEvents, Opening } from '../media/leg.ts'
import type { StreamHead } from '../media/protocol.ts'
import { createReceiver } from '../media/receiver.ts'
import { createStreamClock, readStream, type Said } from './stream-messages.ts'

export type StreamLegs = {
  /** A stream with this token will come; its leg waits for it. */
  expect(token: string, events: LegEvents): Opening
  /** A socket that asks to be a WebSocket; whose it is, its `start` tells. */
  take(head: StreamHead, socket: Socket): void
}

// From the TwiML to `start` takes a second or two; a token that nobody brought in this time was lost.
const expectTicksMax = 30 * framesPerSecond
// Twilio sends fifty frames a second, in silence too.
const silentTicksMax = 10 * framesPerSecond
const startMsMax = 10_000
// Sockets that have not said yet whose they are: more at once are no telephones.
const strangersMax = 100
const messageBytesMax = 64 * 1024
// Two seconds of sound that the network did not take: what comes later is heard too late to be worth sending.
const bufferedBytesMax = 2 * framesPerSecond * 280
// A mark each second says when it was heard. There and back takes less than half a second; what is a second behind is a
// queue at their side, which would not grow shorter for the rest of the call, and is told to be forgotten.
const markEveryTicks = framesPerSecond
const behindTicksMax = framesPerSecond

type Expected = { digest: Buffer; connect(ws: WebSocket, streamSid: string): (said: Said) => void }

const digestOf = (token: string) => createHash('sha256').update(token).digest()

/** Legs of Twilio Media Streams: mu-law in JSON over a WebSocket, both ways. */
export function createStreamLegs(settings: { startMsMax?: number } = {}): StreamLegs {
  const server = new WebSocketServer({ noServer: true, maxPayload: messageBytesMax, perMessageDeflate: false })
  const expected = new Set<Expected>()
  let strangers = 0

  /** Each is compared in full, so that the time it takes tells nothing of how much was right. */
  function claim(token: string | undefined): Expected | undefined {
    if (!token) return undefined
    const digest = digestOf(token)
    let found: Expected | undefined
    for (const one of expected) if (timingSafeEqual(one.digest, digest)) found = one
    if (found) expected.delete(found) // once
    return found
  }

  function greet(ws: WebSocket): void {
    strangers++
    let hears: ((said: Said) => void) | undefined
    const timer = setTimeout(() => ws.terminate(), settings.startMsMax ?? startMsMax)
    const known = () => {
      clearTimeout(timer)
      strangers--
    }
    ws.once('close', () => hears ?? known())
    ws.on('error', () => ws.terminate())
    ws.on('message', (data, isBinary) => {
      const said = isBinary ? undefined : readStream(String(data))
      if (hears) {
        if (said) hears(said)
      } else if (said?.event === 'start') {
        const mine = claim(said.token)
        if (!mine) return ws.terminate()
        known()
        hears = mine.connect(ws, said.streamSid)
      } else if (said?.event !== 'connected') ws.terminate()
    })
  }

  return {
    take({ headers, first }, socket) {
      socket.on('error', () => {})
      if (strangers >= strangersMax) return void socket.destroy()
      const request = { method: 'GET', url: '/', headers } as unknown as IncomingMessage
      server.handleUpgrade(request, socket, Buffer.from(first), greet)
    },
    expect(token, events) {
      const { leg, connect } = createStreamLeg(events, () => expected.delete(mine))
      const mine: Expected = { digest: digestOf(token), connect }
      expected.add(mine)
      return { leg, answer: Promise.resolve('') }
    },
  }
}

function createStreamLeg(events: LegEvents, forget: () => void) {
  const eventType = 1
  const receiver = createReceiver({ law: 'mu', soundType: 0, eventTypes: new Set([eventType]), onKey: events.key })
  const clock = createStreamClock()
  let line: { ws: WebSocket; streamSid: string } | undefined
  let over = false
  let tick = 0
  let sinceMark = 0
  /** The ticks of the marks that were not heard yet, by which they are named. */
  let unheard: number[] = []

  function tell(message: object): void {
    const { ws, streamSid } = line ?? {}
    if (ws?.readyState === ws?.OPEN) ws?.send(JSON.stringify({ ...message, streamSid }), () => {})
  }

  function flush(): void {
    sinceMark = 0
    unheard = []
    tell({ event: 'clear' })
  }

  function ended(because: 'hung-up' | 'lost'): void {
    if (over) return
    close()
    events.down(because)
  }

  function close(): void {
    if (over) return
    over = true
    forget()
    // Twilio goes on with what follows the stream in the TwiML.
    line?.ws.close(1000)
  }

  function hears(said: Said): void {
    if (over) return
    if (said.event === 'media') receiver.accept(0, clock.place(said))
    else if (said.event === 'dtmf') events.key(said.digit)
    else if (said.event === 'mark') unheard = unheard.filter((mark) => mark > Number(said.name))
    else if (said.event === 'stop') ended('hung-up')
  }

  const leg: Leg = {
    receiver,
    hear: receiver.hear,
    connectTicksMax: expectTicksMax,
    silentTicksMax,
    send(frame) {
      tick++
      if (over || !line) return
      if (unheard[0] !== undefined && tick - unheard[0] > behindTicksMax) flush()
      if (line.ws.bufferedAmount > bufferedBytesMax) return
      tell({ event: 'media', media: { payload: Buffer.from(frame).toString('base64') } })
      if (++sinceMark < markEveryTicks) return
      sinceMark = 0
      unheard.push(tick)
      tell({ event: 'mark', mark: { name: String(tick) } })
    },
    // Their clock is their own; nothing sent is nothing heard.
    pause(ticks) {
      tick += ticks
    },
    flush,
    close,
  }
  return {
    leg,
    connect(ws: WebSocket, streamSid: string) {
      line = { ws, streamSid }
      if (over) ws.close(1000)
      ws.once('close', () => ended('lost'))
      receiver.startOver() // the silence before it came is not held against it
      events.up()
      return hears
    },
  }
}
