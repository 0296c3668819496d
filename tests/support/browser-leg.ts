import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { tone } from './tones.ts'

const keptSamples = 8_000
const eventType = 126

export type BrowserLeg = {
  offer: string
  accept(answer: string): Promise<void>
  /** The last `ms` of what was heard; shorter when less has come. */
  heard(ms: number): Int16Array
  packetsHeard(): number
  press(key: string): void
  mute(): void
  close(): Promise<void>
}

/** A browser as the media process sees it: offers without trickling, sends a tone, keeps what it hears. */
export async function browserLeg(hz: number): Promise<BrowserLeg> {
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    codecs: {
      audio: [
        new RTCRtpCodecParameters({ mimeType: 'audio/PCMU', clockRate: 8_000, channels: 1, payloadType: 0 }),
        new RTCRtpCodecParameters({
          mimeType: 'audio/telephone-event',
          clockRate: 8_000,
          channels: 1,
          payloadType: eventType,
        }),
      ],
    },
  })
  const track = new MediaStreamTrack({ kind: 'audio' })
  const { sender } = pc.addTransceiver(track, { direction: 'sendrecv' })
  const sound = toMuLaw(tone(hz, 1_000)) // whole waves in a second: it loops without a seam
  let heard: number[] = []
  let packetsHeard = 0
  pc.onTrack.subscribe((incoming) => {
    incoming.onReceiveRtp.subscribe(({ payload }) => {
      packetsHeard++
      heard.push(...fromMuLaw(payload))
      if (heard.length > keptSamples) heard = heard.slice(-keptSamples)
    })
  })
  let sequence = 60_000
  let timestamp = 2 ** 32 - 16_000 // wraps two seconds into the call
  let muted = false
  let next = performance.now()
  const timer = setInterval(() => {
    for (; next <= performance.now(); next += 20) {
      timestamp = (timestamp + 160) % 2 ** 32
      if (muted || pc.connectionState !== 'connected') continue
      const at = (timestamp - (timestamp % 160)) % sound.length
      send(0, timestamp, sound.subarray(at, at + 160))
    }
  }, 5)

  function send(payloadType: number, at: number, payload: Uint8Array): void {
    sequence = (sequence + 1) & 0xffff
    const header = new RtpHeader({ payloadType, sequenceNumber: sequence, timestamp: at })
    // The stack writes the sender's codec into every packet; telephone events go past it.
    const codec = sender.codec
    if (payloadType === eventType && codec) sender.codec = Object.assign(Object.create(codec), { payloadType })
    track.writeRtp(new RtpPacket(header, Buffer.from(payload)))
    if (codec) sender.codec = codec
  }

  await pc.setLocalDescription(await pc.createOffer())
  return {
    offer: pc.localDescription?.sdp ?? '',
    accept: (answer) => pc.setRemoteDescription({ type: 'answer', sdp: answer }),
    heard: (ms) => Int16Array.from(heard.slice(-ms * 8)),
    packetsHeard: () => packetsHeard,
    press(key) {
      const event = '0123456789*#ABCD'.indexOf(key)
      const at = timestamp
      for (const [duration, end] of [[160], [320], [480], [640, 1], [640, 1], [640, 1]] as const) {
        send(eventType, at, Uint8Array.of(event, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff))
      }
    },
    mute() {
      muted = true
    },
    async close() {
      clearInterval(timer)
      await pc.close()
    },
  }
}
