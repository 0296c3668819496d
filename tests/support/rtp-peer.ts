import { createSocket, type Socket } from 'node:dgram'
import { fromALaw, fromMuLaw, toALaw, toMuLaw } from '../../telephony/media/g711.ts'
import { type RtpPacket, readRtp, writeRtp } from '../../telephony/rtp/packet.ts'
import { tone } from './tones.ts'

const frame = 160

/** The other end of an RTP leg: a telephone of the test's own on a loopback socket. */
export type RtpPeer = Awaited<ReturnType<typeof rtpPeer>>

export async function rtpPeer(
  law: 'mu' | 'A' = 'mu',
  seal?: { seal(packet: Buffer): Buffer; open(packet: Buffer): Buffer | undefined },
) {
  const socket: Socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  const got: RtpPacket[] = []
  socket.on('message', (bytes) => {
    const open = seal ? seal.open(bytes) : bytes
    const packet = open && readRtp(open)
    if (packet) got.push(packet)
  })
  let sequence = 1_000
  let timestamp = 5_000
  let talking: NodeJS.Timeout | undefined
  const say = (to: number, type: number, payload: Uint8Array, at = timestamp, marker = false) => {
    const packet = writeRtp({ type, sequence: sequence++ & 0xffff, timestamp: at, ssrc: 77, payload }, marker)
    socket.send(seal ? seal.seal(packet) : packet, to, '127.0.0.1')
  }
  const soundType = law === 'mu' ? 0 : 8
  const encode = law === 'mu' ? toMuLaw : toALaw
  const decode = law === 'mu' ? fromMuLaw : fromALaw
  return {
    port: () => socket.address().port,
    got,
    say,
    /** One frame of this sound, and the clock goes on. */
    frame(to: number, samples: Int16Array) {
      say(to, soundType, encode(samples))
      timestamp += frame
    },
    /** A tone, 20 ms at a time, until it is told to stop. */
    talk(to: number, hz: number) {
      const second = tone(hz, 1_000)
      let n = 0
      talking = setInterval(() => {
        const at = (n++ % 50) * frame
        say(to, soundType, encode(second.subarray(at, at + frame)))
        timestamp += frame
      }, 20)
    },
    /** A key as an event of this number [RFC 4733], its end said three times. */
    key(to: number, type: number, event: number) {
      for (const [duration, over] of [
        [160, 0],
        [320, 0],
        [480, 0x80],
        [480, 0x80],
        [480, 0x80],
      ] as const)
        say(to, type, Uint8Array.of(event, over | 10, duration >> 8, duration & 0xff), timestamp)
      timestamp += 480
    },
    /** What came last, as linear samples. */
    heard: (frames = 10) =>
      decode(
        new Uint8Array(
          got
            .filter((one) => one.type === soundType)
            .slice(-frames)
            .flatMap((one) => [...one.payload]),
        ),
      ),
    close() {
      clearInterval(talking)
      socket.close()
    },
  }
}
