/**
 * The other ends: browsers' legs (werift) and, for the floor, plain UDP telephones. Lighter than the tests' browser legs:
 * one timer for all, and a frame is looked into only while somebody listens for a tone. Run by media-rig.ts.
 */
import { createSocket } from 'node:dgram'
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { power, tone } from '../support/tones.ts'
import { monotonicMs, quantile } from './figures.ts'
import { serve } from './media-wire.ts'

export type PeersCommand =
  /** A leg that sends this tone once it is connected; answered with its offer. */
  | { do: 'open'; id: string; hz: number }
  | { do: 'accept'; id: string; sdp: string }
  /** Answered with the time (monotonic ms) at which the first frame with this tone came. */
  | { do: 'listen'; id: string; hz: number }
  | { do: 'close'; ids: string[] }
  /** A SIP telephone's sound, sent to this port until it is closed. */
  | { do: 'rtp'; id: string; hz: number; port: number }
  /** Telephones without WebRTC, one to each of these ports; no ports end them. */
  | { do: 'udp'; ports: number[] }
  /** How late packets were sent since it was last asked, p99 ms. */
  | { do: 'lateness' }

type Peer = { pc: RTCPeerConnection; speaker: Speaker; listening?: { hz: number; found(atMs: number): void } }
type Speaker = { due: number; say(): void }

const frameMs = 20
const peers = new Map<string, Peer>()
const speakers = new Set<Speaker>()
let telephones: (() => void)[] = []
const rtpTelephones = new Map<string, () => void>()
let lateMs: number[] = []

setInterval(() => {
  const now = performance.now()
  let latest = 0
  for (const speaker of speakers) {
    latest = Math.max(latest, now - speaker.due)
    for (; speaker.due <= now; speaker.due += frameMs) speaker.say()
  }
  if (speakers.size > 0) lateMs.push(latest)
}, 4)

/** Each begins at another moment of the 20 ms, as people do. */
function speak(hz: number, send: (sequence: number, frame: Buffer) => void): Speaker {
  const sound = Buffer.from(toMuLaw(tone(hz, 1_000))) // whole waves in a second: it loops without a seam
  let n = 0
  const speaker = {
    due: performance.now() + Math.random() * frameMs,
    say() {
      const at = (n % 50) * 160
      send(n++, sound.subarray(at, at + 160))
    },
  }
  speakers.add(speaker)
  return speaker
}

async function open(id: string, hz: number): Promise<string> {
  const pcmu = new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: 0 })
  const pc = new RTCPeerConnection({ iceServers: [], iceUseIpv6: false, codecs: { audio: [pcmu] } })
  const track = new MediaStreamTrack({ kind: 'audio' })
  pc.addTransceiver(track, { direction: 'sendrecv' })
  const speaker = speak(hz, (sequence, frame) => {
    if (pc.connectionState !== 'connected') return
    const header = new RtpHeader({ payloadType: 0, sequenceNumber: sequence & 0xffff, timestamp: sequence * 160 })
    track.writeRtp(new RtpPacket(header, frame))
  })
  const peer: Peer = { pc, speaker }
  peers.set(id, peer)
  pc.onTrack.subscribe((incoming) => {
    incoming.onReceiveRtp.subscribe(({ payload }) => {
      const { listening } = peer
      if (!listening || power(fromMuLaw(payload), listening.hz) < 0.5) return
      peer.listening = undefined
      listening.found(monotonicMs())
    })
  })
  await pc.setLocalDescription(await pc.createOffer())
  return pc.localDescription?.sdp ?? ''
}

function telephone(port: number, hz: number): () => void {
  const socket = createSocket('udp4')
  socket.on('message', () => {})
  const head = Buffer.alloc(12)
  head[0] = 0x80
  const speaker = speak(hz, (sequence, frame) => {
    head.writeUInt16BE(sequence & 0xffff, 2)
    head.writeUInt32BE((sequence * 160) >>> 0, 4)
    socket.send([head, frame], port, '127.0.0.1')
  })
  return () => {
    speakers.delete(speaker)
    socket.close()
  }
}

serve<PeersCommand>((command) => {
  switch (command.do) {
    case 'open':
      return open(command.id, command.hz)
    case 'accept':
      return peers.get(command.id)?.pc.setRemoteDescription({ type: 'answer', sdp: command.sdp })
    case 'listen':
      return new Promise<number>((found) => {
        const peer = peers.get(command.id)
        if (peer) peer.listening = { hz: command.hz, found }
      })
    case 'rtp':
      rtpTelephones.set(command.id, telephone(command.port, command.hz))
      return
    case 'close':
      return Promise.all(
        command.ids.map((id) => {
          rtpTelephones.get(id)?.()
          rtpTelephones.delete(id)
          const peer = peers.get(id)
          peers.delete(id)
          if (peer) speakers.delete(peer.speaker)
          return peer?.pc.close()
        }),
      ).then(() => {})
    case 'udp':
      for (const end of telephones) end()
      telephones = command.ports.map((port, i) => telephone(port, i % 2 ? 1_000 : 400))
      return
    case 'lateness': {
      const p99 = quantile(lateMs, 0.99)
      lateMs = []
      return p99
    }
  }
})
