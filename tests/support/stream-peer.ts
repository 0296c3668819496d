import { WebSocket } from 'ws'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { tone } from './tones.ts'

const sids = { accountSid: 'AC0', callSid: 'CA0', streamSid: 'MZ0' }

/** The other end of a media stream, in the shape of Twilio's documentation: numbers are strings, sound is base64. */
export async function streamPeer(url: string, token: string | undefined, hz: number) {
  const ws = new WebSocket(url)
  const said: { event: string; media?: { payload: string }; streamSid?: string }[] = []
  let sequence = 0
  let chunk = 0
  let closed = false
  let keepsUp = true
  let timer: NodeJS.Timeout | undefined
  const sound = Buffer.from(toMuLaw(tone(hz, 1_000)))
  ws.on('message', (data) => {
    const message = JSON.parse(String(data))
    said.push(message)
    if (message.event === 'mark' && keepsUp) tell({ event: 'mark', mark: message.mark })
  })
  ws.on('close', () => {
    closed = true
  })
  ws.on('error', () => {
    closed = true
  })
  const tell = (message: object) => {
    if (ws.readyState === ws.OPEN)
      ws.send(JSON.stringify({ ...message, sequenceNumber: String(++sequence), streamSid: sids.streamSid }))
  }
  await new Promise<void>((resolve) => {
    ws.once('open', resolve)
    ws.once('close', () => resolve())
  })
  ws.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }))
  const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }
  const customParameters = token === undefined ? {} : { token }
  if (token !== undefined || hz > 0)
    tell({ event: 'start', start: { ...sids, tracks: ['inbound'], mediaFormat, customParameters } })

  function frame(): void {
    const at = (chunk * 160) % sound.length
    const payload = sound.subarray(at, at + 160).toString('base64')
    // Their milliseconds wobble.
    const media = { track: 'inbound', chunk: String(chunk + 1), timestamp: String(chunk * 20 + (chunk % 3)), payload }
    chunk++
    tell({ event: 'media', media })
  }
  return {
    ws,
    said,
    tell,
    closed: () => closed,
    frame,
    /** From now on its side plays later and later: what we send waits there, and no mark comes back. */
    fallBehind(): void {
      keepsUp = false
    },
    /** By the clock, `bunch` frames at a time, as they come over TCP. */
    talk(bunch = 1): void {
      const since = performance.now()
      let count = 0
      timer = setInterval(() => {
        while ((count + bunch) * 20 < performance.now() - since) for (let i = 0; i < bunch; i++, count++) frame()
      }, 5)
    },
    recent: (ms: number) =>
      fromMuLaw(
        new Uint8Array(
          said
            .filter(({ event }) => event === 'media')
            .slice(-ms / 20)
            .flatMap(({ media }) => [...Buffer.from(media?.payload ?? '', 'base64')]),
        ),
      ),
    stop: () => tell({ event: 'stop', stop: { accountSid: sids.accountSid, callSid: sids.callSid } }),
    close(): void {
      clearInterval(timer)
      ws.terminate()
    },
  }
}
export type StreamPeer = Awaited<ReturnType<typeof streamPeer>>
