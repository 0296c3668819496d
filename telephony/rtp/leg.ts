import { randomBytes } from 'node:crypto'
import type { Socket } from 'node:dgram'
import { frameSamples, framesPerSecond } from '../media/frame.ts'
import { muLawAsALaw } from '../media/g711.ts'
import { createToneDecoder } from '../media/goertzel.ts'
import type { Leg, LegEvents, Opening } from '../media/leg.ts'
import type { MediaSettings } from '../media/protocol.ts'
import { createReceiver, type Receiver } from '../media/receiver.ts'
import { type KeyFrame, keyFrames } from './keys.ts'
import { readRtp, writeRtp } from './packet.ts'
import { openPort } from './port.ts'
import { answerTo, type Description, type Own, readSdp, writeSdp } from './sdp.ts'
import { newKey, type Sealing, sealWith } from './srtp.ts'

// What we call telephone events when we offer; in an answer the offer's own number is used.
const ownEventType = 101
// Telecare units vanish without a word. Half a minute of silence is no network's hiccup.
const silentTicksMax = 30 * framesPerSecond
// On hold they need not send anything; the session timer of the signalling watches meanwhile.
const heldTicksMax = 600 * framesPerSecond
// A peer that says nothing before it hears something: after this it is spoken to.
const silentStartMs = 300
// Whoever has sent until a second ago is who we talk with; packets from elsewhere are a stranger's.
const movedAfterTicks = framesPerSecond

type How = { offer: string } | { secure: boolean }

/** One telephone over plain RTP or SRTP: `offer` is answered; without one we offer, and `accept` brings the answer. */
export function openRtpLeg(settings: MediaSettings, events: LegEvents, how: How): Opening {
  const ssrc = randomBytes(4).readUInt32BE()
  const start = randomBytes(10)
  const sessionId = start.readUInt32BE(6)
  const ownKey = newKey()
  let sequence = start.readUInt16BE()
  let timestamp = start.readUInt32BE(2)
  let version = 0
  let socket: Socket | undefined
  let theirs: Description | undefined
  let remote: { address: string; port: number } | undefined
  let latched = false
  let sealing: Sealing | undefined
  let receiver: Receiver = silentReceiver()
  const pressing: (KeyFrame | null)[] = []
  let spurt = true
  let state: 'opening' | 'up' | 'over' = 'opening'
  let begin: NodeJS.Timeout | undefined

  function up(): void {
    clearTimeout(begin)
    if (state !== 'opening' || !theirs) return
    state = 'up'
    events.up()
  }

  /** Takes what they say of themselves: where, which law, whether they send. */
  function settle(description: Description): void {
    const moved = !theirs || theirs.address !== description.address || theirs.port !== description.port
    if (theirs?.law !== description.law || theirs.eventType !== description.eventType)
      receiver = receiverFor(description)
    theirs = description
    if (moved) {
      remote = { address: description.address, port: description.port }
      latched = false
    }
    if (description.crypto) sealing = sealWith(ownKey, description.crypto.key)
  }

  function receiverFor({ law, eventType }: Description): Receiver {
    const heard = createReceiver({
      law,
      soundType: law === 'mu' ? 0 : 8,
      eventTypes: new Set(eventType === undefined ? [] : [eventType]),
      onKey: events.key,
    })
    // Who has no telephone events presses keys as tones: an analogue gateway, an old telecare unit.
    return eventType === undefined ? withTones(heard, events.key) : heard
  }

  function onPacket(bytes: Buffer, from: { address: string; port: number }): void {
    if (state === 'over' || !theirs) return
    const known = remote && from.address === remote.address && from.port === remote.port
    if (!known && latched && receiver.ticksWithoutPacket < movedAfterTicks) return
    const open = sealing ? sealing.open(bytes) : bytes
    const packet = open && readRtp(open)
    if (!packet) return
    // Behind a NAT they come from elsewhere than they say: we answer to where they come from [RFC 4961].
    remote = { address: from.address, port: from.port }
    latched = true
    receiver.accept(packet.type, packet)
    up()
  }

  function own(more: Partial<Own>): string {
    const { port } = (socket as Socket).address()
    return writeSdp({
      address: settings.publicAddresses[0] ?? settings.rtpAddress,
      port,
      laws: ['mu', 'A'],
      eventType: ownEventType,
      direction: 'sendrecv',
      crypto: undefined,
      version: ++version,
      sessionId,
      ...more,
    })
  }

  function answer(offer: string): string {
    const description = readSdp(offer)
    if (!description) throw new Error('no sound that we speak')
    settle(description)
    const { law, eventType, direction, crypto, lines, at } = description
    return own({
      laws: [law],
      eventType,
      direction: answerTo(direction),
      crypto: crypto && { tag: crypto.tag, key: ownKey },
      answers: { lines, at },
    })
  }

  async function open(): Promise<string> {
    const opened = await openPort(settings.rtpAddress, settings.portRange)
    if (state === 'over') {
      opened.close()
      throw new Error('closed before it was open')
    }
    socket = opened
    opened.on('message', onPacket)
    if ('offer' in how) return answer(how.offer)
    return own({ crypto: how.secure ? { tag: 1, key: ownKey } : undefined })
  }

  function over(): void {
    state = 'over'
    clearTimeout(begin)
    socket?.close()
    socket = undefined
  }

  function send(type: number, payload: Uint8Array, back: number, marker: boolean): void {
    if (!socket || !remote || remote.port === 0) return
    const packet = writeRtp({ type, sequence, timestamp: (timestamp - back) >>> 0, ssrc, payload }, marker)
    socket.send(sealing ? sealing.seal(packet) : packet, remote.port, remote.address, () => {})
    sequence = (sequence + 1) & 0xffff
  }

  const leg: Leg = {
    get receiver() {
      return receiver
    },
    patience: () => ({
      silentTicks: theirs && theirs.direction !== 'sendrecv' ? heldTicksMax : silentTicksMax,
      // How long it may ring is the business of the signalling.
      connectTicks: heldTicksMax,
    }),
    send(frame) {
      const listens = theirs?.direction === 'sendrecv' || theirs?.direction === 'recvonly'
      if (state === 'up' && theirs && listens) {
        const key = pressing.shift()
        if (key && theirs.eventType !== undefined) send(theirs.eventType, key.payload, key.back, key.marker)
        else {
          send(theirs.law === 'mu' ? 0 : 8, theirs.law === 'mu' ? frame : muLawAsALaw(frame), 0, spurt)
          spurt = false
        }
      }
      timestamp = (timestamp + frameSamples) >>> 0
    },
    pause(ticks) {
      spurt = true
      timestamp = (timestamp + ticks * frameSamples) >>> 0
    },
    renegotiate: answer,
    accept(sdp) {
      if (sdp !== null) {
        const description = readSdp(sdp)
        if (!description) throw new Error('no sound that we speak')
        settle(description)
      }
      if (state === 'opening') begin ??= setTimeout(up, silentStartMs)
    },
    press(keys) {
      pressing.push(...keyFrames(keys))
    },
    close: over,
  }
  return {
    leg,
    answer: open().catch((error) => {
      over()
      throw error
    }),
  }
}

/** Before they have said anything of themselves there is nothing to hear. */
function silentReceiver(): Receiver {
  return createReceiver({ law: 'mu', soundType: 0, eventTypes: new Set(), onKey() {} })
}

function withTones(heard: Receiver, onKey: (key: string) => void): Receiver {
  const tones = createToneDecoder(onKey)
  return {
    accept: heard.accept,
    hear() {
      const frame = heard.hear()
      tones.take(frame)
      return frame
    },
    get ticksWithoutPacket() {
      return heard.ticksWithoutPacket
    },
    takeCounts: heard.takeCounts,
  }
}
