/**
 * The raw floor of voice: what is left when DTLS, SRTP, ICE, jitter queue and recording are taken away. A socket a leg,
 * 50 packets a second in and out, decode, mix of two, encode; the tick and the tables are the product's. Run by media-rig.ts.
 */
import { createSocket, type Socket } from 'node:dgram'
import { silentSamples } from '../../telephony/media/frame.ts'
import { fromMuLaw } from '../../telephony/media/g711.ts'
import { mixMinusOwn } from '../../telephony/media/room.ts'
import { createTick } from '../../telephony/media/tick.ts'
import { serve } from './media-wire.ts'

/** So many legs, none to end; answered with their ports. */
export type FloorCommand = { legs: number }

type FloorLeg = {
  socket: Socket
  waiting: Buffer[]
  port: number
  said: Int16Array<ArrayBuffer>
  head: Buffer
  sequence: number
}

const waitingMax = 3
let legs: FloorLeg[] = []

const hear = (leg: FloorLeg): Int16Array => {
  const frame = leg.waiting.shift()
  return frame ? fromMuLaw(frame, leg.said) : silentSamples
}

const tick = createTick({
  run() {
    for (let i = 0; i + 1 < legs.length; i += 2) {
      const pair = legs.slice(i, i + 2)
      for (const [which, frame] of mixMinusOwn(pair.map(hear)).entries()) {
        const leg = pair[which]
        if (!leg || !frame || leg.port === 0) continue
        leg.head.writeUInt16BE(leg.sequence++ & 0xffff, 2)
        leg.socket.send([leg.head, frame], leg.port, '127.0.0.1')
      }
    }
  },
  skipped() {},
})

async function open(): Promise<FloorLeg> {
  const socket = createSocket('udp4')
  const leg = {
    socket,
    waiting: [],
    port: 0,
    said: new Int16Array(160),
    head: Buffer.alloc(12),
    sequence: 0,
  } as FloorLeg
  socket.on('message', (packet, from) => {
    leg.port = from.port
    if (leg.waiting.length < waitingMax) leg.waiting.push(packet.subarray(12))
  })
  await new Promise<void>((bound) => socket.bind(0, '127.0.0.1', bound))
  return leg
}

serve<FloorCommand>(async ({ legs: count }) => {
  tick.stop()
  for (const { socket } of legs) socket.close()
  legs = await Promise.all(Array.from({ length: count }, open))
  if (count > 0) tick.start()
  return legs.map(({ socket }) => socket.address().port)
})
