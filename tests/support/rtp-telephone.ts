import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { fromALaw, fromMuLaw, toALaw, toMuLaw } from '../../telephony/media/g711.ts'
import { type RtpPacket, readRtp, writeRtp } from '../../telephony/rtp/packet.ts'
import { tone } from './tones.ts'

export type RtpTelephone = Awaited<ReturnType<typeof rtpTelephone>>

/**
 * A telephone of plain RTP on a real socket: it says a tone, 20 ms at a time when a test lets it, and keeps what it hears.
 * Its offer is as a telephone writes it; `sealed` puts a cipher of another make around each packet.
 */
export async function rtpTelephone(what: {
  hz: number
  law?: 'mu' | 'A'
  ssrc?: number
  eventType?: number | null
  seal?: (packet: Buffer) => Buffer
  open?: (packet: Buffer) => Buffer
  address?: string
}) {
  const { hz, law = 'mu', eventType = 101, address = '127.0.0.1' } = what
  const six = address.includes(':')
  const socket: Socket = createSocket(six ? 'udp6' : 'udp4')
  await new Promise<void>((resolve) => socket.bind(0, address, resolve))
  const sound = law === 'mu' ? toMuLaw(tone(hz, 1_000)) : toALaw(tone(hz, 1_000))
  const soundType = law === 'mu' ? 0 : 8
  const heard: RtpPacket[] = []
  let ssrc = what.ssrc ?? 0x1000 + hz
  let sequence = 65_500 // it wraps within the first second
  let timestamp = 0xffff_f000
  let at = 0
  let far = { port: 0, address }
  let timer: NodeJS.Timeout | undefined
  socket.on('message', (data: Buffer, _: RemoteInfo) => {
    const packet = readRtp(what.open ? what.open(data) : data)
    if (packet) heard.push(packet)
  })

  function send(payloadType: number, payload: Uint8Array, marker = false, stamp = timestamp): void {
    const packet = writeRtp({ marker, payloadType, sequence, timestamp: stamp, ssrc, payload })
    sequence = (sequence + 1) & 0xffff
    socket.send(what.seal ? what.seal(packet) : packet, far.port, far.address)
  }

  const telephone = {
    socket,
    heard,
    soundType,
    port: () => socket.address().port,
    offer(change: { direction?: string; protocol?: string; extra?: string[]; connection?: string } = {}): string {
      const connection = change.connection ?? `IN IP${six ? 6 : 4} ${address}`
      const events = eventType === null ? [] : [`a=rtpmap:${eventType} telephone-event/8000`]
      const types = [soundType, ...(eventType === null ? [] : [eventType]), 13].join(' ')
      return [
        'v=0',
        'o=telephone 1 1 IN IP4 127.0.0.1',
        's=call',
        `c=${connection}`,
        't=0 0',
        `m=audio ${socket.address().port} ${change.protocol ?? 'RTP/AVP'} ${types}`,
        ...events,
        `a=${change.direction ?? 'sendrecv'}`,
        ...(change.extra ?? []),
        '',
      ].join('\r\n')
    },
    /** From now on it speaks to where this answer (or offer) says. */
    follow(sdp: string): void {
      far = { port: Number(/m=audio (\d+)/.exec(sdp)?.[1]), address: /c=IN IP[46] (\S+)/.exec(sdp)?.[1] ?? '' }
    },
    far: () => far,
    aim(port: number): void {
      far = { ...far, port }
    },
    say(): void {
      send(soundType, sound.subarray(at, at + 160))
      at = (at + 160) % sound.length
      timestamp = (timestamp + 160) >>> 0
    },
    send,
    /** Speaks by the clock until it is told to stop. */
    talk(): void {
      const since = performance.now()
      let said = 0
      timer ??= setInterval(() => {
        for (; said * 20 < performance.now() - since; said++) telephone.say()
      }, 5)
    },
    hush(): void {
      clearInterval(timer)
      timer = undefined
    },
    /** Another sender at the same socket, as after a transfer at their exchange. */
    renew(): void {
      ssrc += 1
      sequence = 65_520
      timestamp = 7
    },
    /** A key press as RFC 4733 has it, the end three times. */
    press(event: number): void {
      const type = eventType ?? 101
      const stamp = timestamp
      for (const [end, duration] of [
        [0, 160],
        [0, 320],
        [1, 480],
        [1, 480],
        [1, 480],
      ] as const)
        send(type, Uint8Array.of(event, end << 7, duration >> 8, duration & 0xff), duration === 160, stamp)
      timestamp = (timestamp + 480) >>> 0
    },
    /** The last so many ms that were heard. */
    recent(ms: number): Int16Array {
      const sounds = heard.filter(({ payloadType }) => payloadType === soundType).slice(-ms / 20)
      const codes = new Uint8Array(sounds.flatMap(({ payload }) => [...payload]))
      return law === 'mu' ? fromMuLaw(codes) : fromALaw(codes)
    },
    close(): Promise<void> {
      telephone.hush()
      return new Promise((resolve) => socket.close(() => resolve()))
    },
  }
  return telephone
}
