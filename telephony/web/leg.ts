import { randomBytes } from 'node:crypto'
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift'
import { frameSamples, framesPerSecond } from '../media/frame.ts'
import type { Leg, LegEvents, Opening, OpenLeg } from '../media/leg.ts'
import type { MediaSettings } from '../media/protocol.ts'
import { createReceiver } from '../media/receiver.ts'
import { createGathering, type Gathering } from './gathering.ts'
import { readOffer } from './offer.ts'

const muLawType = 0 // [RFC 3551 6]
const eventType = 126 // what Chromium calls telephone-event at 8 kHz; the offer's own number wins

// A browser sends fifty packets a second even when muted; two seconds without one is a line that broke.
const silentTicksMax = 2 * framesPerSecond
// ICE over a relay and a starved DTLS handshake take seconds; after this nobody is still waiting at the other end.
const connectTicksMax = 15 * framesPerSecond

/**
 * Opens browsers' legs: the browser offers, we answer once, with all candidates in the answer. The codec list holds mu-law
 * and nothing else, so negotiation can only end there or in a refusal.
 */
export function webLegs(settings: MediaSettings): OpenLeg {
  const gather = createGathering(settings)
  return (offer, events) => openWebLeg(settings, gather, offer, events)
}

function openWebLeg(settings: MediaSettings, gather: Gathering, offer: string, events: LegEvents): Opening {
  const pc = new RTCPeerConnection({
    iceServers: gather.iceServers(),
    iceUseIpv6: false,
    ...(settings.portRange && { icePortRange: settings.portRange }),
    ...(settings.publicAddresses.length > 0 && { iceAdditionalHostAddresses: settings.publicAddresses }),
    codecs: {
      audio: [
        new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: muLawType }),
        new RTCRtpCodecParameters({
          mimeType: 'audio/telephone-event',
          clockRate: 8_000,
          channels: 1,
          payloadType: eventType,
        }),
      ],
      video: [],
    },
  })
  const track = new MediaStreamTrack({ kind: 'audio' })
  const eventTypes = new Set<number>([eventType])
  const receiver = createReceiver({ law: 'mu', soundType: muLawType, eventTypes, onKey: events.key })
  const start = randomBytes(6)
  let sequence = start.readUInt16BE()
  let timestamp = start.readUInt32BE(2)
  let state: 'opening' | 'up' | 'over' = 'opening'
  let heard = false
  let spurt = true // the first packet after a pause says so, and the listener may adapt its delay there

  function upWhenReady(): void {
    if (state !== 'opening' || !heard || pc.connectionState !== 'connected') return
    state = 'up'
    events.up()
  }

  function over(): void {
    state = 'over'
    track.stop()
    pc.close().catch(() => {})
  }

  pc.connectionStateChange.subscribe((connection) => {
    if (state === 'over') return
    if (connection === 'failed' || connection === 'closed') {
      over()
      events.down('lost')
    } else upWhenReady()
  })
  pc.onTrack.subscribe((incoming) => {
    incoming.onReceiveRtp.subscribe(({ header, payload }) => {
      if (state === 'over') return
      const packet = { sequence: header.sequenceNumber, timestamp: header.timestamp, payload }
      receiver.accept(header.payloadType, packet)
      if (heard) return
      heard = true
      upWhenReady()
    })
  })

  async function answer(): Promise<string> {
    const read = readOffer(offer)
    if (!read.ok) throw new Error(read.reason)
    for (const type of read.eventTypes) eventTypes.add(type)
    pc.addTransceiver(track, { direction: 'sendrecv' })
    await pc.setRemoteDescription({ type: 'offer', sdp: read.sdp })
    return gather.answer(pc)
  }

  const leg: Leg = {
    receiver,
    hear: receiver.hear,
    connectTicksMax,
    silentTicksMax,
    send(frame) {
      if (state !== 'over') {
        const header = new RtpHeader({ payloadType: muLawType, sequenceNumber: sequence, timestamp, marker: spurt })
        track.writeRtp(new RtpPacket(header, Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)))
      }
      spurt = false
      sequence = (sequence + 1) & 0xffff
      timestamp = (timestamp + frameSamples) >>> 0
    },
    pause(ticks) {
      spurt = true
      timestamp = (timestamp + ticks * frameSamples) >>> 0
    },
    flush() {},
    close: over,
  }
  return { leg, answer: answer().catch((error) => fail(error)) }

  function fail(error: unknown): never {
    over()
    throw error
  }
}
