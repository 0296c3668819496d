import { randomBytes } from 'node:crypto'
import type { RemoteInfo, Socket } from 'node:dgram'
import { frameSamples, framesPerSecond } from '../media/frame.ts'
import { aLawAsMuLaw, muLawAsALaw } from '../media/g711.ts'
import { createGoertzel } from '../media/goertzel.ts'
import type { Leg, LegEvents, Opening, RtpLegs } from '../media/leg.ts'
import type { MediaSettings } from '../media/protocol.ts'
import { createReceiver } from '../media/receiver.ts'
import { ownAddress } from './address.ts'
import { createKeySender } from './keys.ts'
import { createLatch } from './latch.ts'
import { readRtp, writeRtp } from './packet.ts'
import { createPorts, type Ports } from './ports.ts'
import { readSdp } from './sdp.ts'
import { type Agreed, createSession, type Session } from './session.ts'
import { createToneReader } from './tone-keys.ts'

// Some send nothing before they hear something, and 300 ms of greeting are not missed.
const upWithoutPacketTicks = (framesPerSecond * 3) / 10
// A gateway that vanished says nothing; a telephone that is quiet in pauses says something in half a minute.
const silentTicksMax = 30 * framesPerSecond
// Longer than any telephone rings: the signalling gives up before.
const ringTicksMax = 180 * framesPerSecond
const heardAs = { sound: 0, event: 1, other: 2 }

/** Legs of telephones that speak plain RTP: SIP telephones, trunks and gateways. One UDP port each. */
export function rtpLegs(settings: MediaSettings): RtpLegs {
  const ports = createPorts(settings.portRange)
  const publics = settings.publicAddresses
  return {
    answer({ sdp, at, asTones }, events) {
      const leg = createRtpLeg(events, asTones)
      return leg.opening(async (own) => {
        const theirs = readSdp(sdp)
        if (!theirs) throw new Error('no G.711 that we can take')
        const { bind, tell } = await ownAddress(theirs.address, at, publics)
        await own(ports, bind, tell)
        return leg.negotiation.answer(sdp)
      })
    },
    offer({ secure, at }, events) {
      const leg = createRtpLeg(events)
      return leg.opening(async (own) => {
        const { bind, tell } = await ownAddress(null, at, publics)
        const session = await own(ports, bind, tell)
        return session.offer(secure)
      })
    },
  }
}

function createRtpLeg(events: LegEvents, asTones = false) {
  const latch = createLatch()
  const keys = createKeySender()
  const receiver = createReceiver({
    law: 'mu',
    soundType: heardAs.sound,
    eventTypes: new Set([heardAs.event]),
    onKey: events.key,
  })
  const listenForKeys = createGoertzel()
  const readTones = createToneReader(events.key)
  const start = randomBytes(10)
  const ssrc = start.readUInt32BE(6)
  let sequence = start.readUInt16BE()
  let timestamp = start.readUInt32BE(2)
  let keyTimestamp = 0
  let keyDown = false
  let spurt = true // the first packet after a pause says so, and the listener may adapt its delay there
  let socket: Socket | undefined
  let session: Session | undefined
  let agreed: Agreed | undefined
  let theirSsrc: number | undefined
  let state: 'opening' | 'up' | 'over' = 'opening'
  let ticksAgreed = 0
  let heard = false

  function agree(next: Agreed): void {
    const turned = agreed?.theirs.direction !== next.theirs.direction
    agreed = next
    const { address, port } = next.theirs
    latch.expect(address === null ? null : { address, port }, receiver.ticksWithoutPacket)
    // A new beginning: the silence of a hold that ends here is not held against them. A session that is only refreshed goes on
    // without a gap.
    if (turned) receiver.startOver()
  }

  function take(data: Buffer, from: RemoteInfo): void {
    if (!agreed || state === 'over') return
    const opened = agreed.open(data)
    const packet = opened && readRtp(opened)
    if (!packet || !latch.admits(from, receiver.ticksWithoutPacket)) {
      receiver.refuse()
      return
    }
    if (theirSsrc !== packet.ssrc && theirSsrc !== undefined) receiver.startOver() // another sender counts anew
    theirSsrc = packet.ssrc
    heard = true
    const { payloadType, payload } = packet
    const sound = agreed.theirs.sounds.find(({ type }) => type === payloadType)
    if (sound) {
      const said = sound.law === 'mu' ? packet : { ...packet, payload: aLawAsMuLaw(payload) }
      if (asTones) readTones(said)
      receiver.accept(heardAs.sound, said)
    } else receiver.accept(payloadType === agreed.theirs.eventType ? heardAs.event : heardAs.other, packet)
  }

  function transmit(payloadType: number, payload: Uint8Array, marker: boolean, stamp: number): void {
    const { target } = latch
    const packet = { marker, payloadType, sequence, timestamp: stamp, ssrc, payload }
    sequence = (sequence + 1) & 0xffff
    if (agreed && target) socket?.send(agreed.seal(writeRtp(packet)), target.port, target.address, () => {})
  }

  const listens = () => agreed?.theirs.direction === 'sendrecv' || agreed?.theirs.direction === 'recvonly'

  /** A key press goes out by the tick, whether or not anything is being said. */
  function pressKeys(): void {
    const key = keys.next()
    keyDown = key !== undefined
    const type = agreed?.theirs.eventType
    if (!key || type === undefined) return
    if (key.first) keyTimestamp = timestamp
    transmit(type, key.payload, key.first, keyTimestamp)
  }

  function hear(): Int16Array {
    const said = receiver.hear()
    if (!agreed) return said
    if (agreed.theirs.eventType === undefined && !asTones) {
      const key = listenForKeys(said)
      if (key) events.key(key)
    }
    if (state === 'opening' && (++ticksAgreed > upWithoutPacketTicks || heard)) {
      state = 'up'
      events.up()
    }
    pressKeys()
    return said
  }

  function close(): void {
    state = 'over'
    socket?.close()
    socket = undefined
  }

  /** Listens; the leg may have been closed while its port was being bound. */
  async function own(ports: Ports, bind: string, tell: string): Promise<Session> {
    const bound = await ports.bind(bind)
    if (state === 'over') {
      bound.close()
      throw new Error('closed meanwhile')
    }
    socket = bound
    bound.on('message', take)
    bound.on('error', () => {}) // an answer of the network about one packet; the next one may pass
    session = createSession({ address: tell, port: bound.address().port, asTones })
    return session
  }

  const known = () => {
    if (!session) throw new Error('not open yet')
    return session
  }
  const negotiation = {
    async answer(sdp: string) {
      const answered = known().answer(sdp)
      agree(answered.agreed)
      return answered.sdp
    },
    async accept(sdp: string) {
      agree(known().accept(sdp))
    },
    press: (pressed: string, pressMs?: number) =>
      agreed?.theirs.eventType !== undefined && keys.press(pressed, pressMs),
  }

  const leg: Leg = {
    receiver,
    negotiation,
    hear,
    connectTicksMax: ringTicksMax,
    // Who is on hold, or has us on hold, may send nothing for as long as they like.
    get silentTicksMax() {
      return agreed?.theirs.direction === 'sendrecv' ? silentTicksMax : Number.POSITIVE_INFINITY
    },
    send(frame) {
      const sound = agreed?.theirs.sounds[0]
      if (sound && !keyDown && listens() && state !== 'over') {
        transmit(sound.type, sound.law === 'mu' ? frame : muLawAsALaw(frame), spurt, timestamp)
        spurt = false
      }
      timestamp = (timestamp + frameSamples) >>> 0
    },
    pause(ticks) {
      spurt = true
      timestamp = (timestamp + ticks * frameSamples) >>> 0
    },
    flush() {},
    close,
  }

  function opening(open: (listen: typeof own) => Promise<string>): Opening {
    const answer = open(own).catch((error) => {
      close()
      throw error
    })
    return { leg, answer }
  }

  return { negotiation, opening }
}
