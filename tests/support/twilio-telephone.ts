import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { tone } from './tones.ts'
import type { PretendCall } from './twilio.ts'

const frameMs = 20
const frameBytes = 160

/** Somebody at a telephone behind Twilio, who says one tone; the stream of their call carries it, in the shape of Twilio's documentation. */
export function twilioTelephone(call: PretendCall, hz: number) {
  const { stream } = call
  if (!stream) throw new Error('the call has no stream')
  const heard: number[] = []
  let sequence = 1
  const tell = (message: object) =>
    stream.readyState === stream.OPEN &&
    stream.send(JSON.stringify({ ...message, sequenceNumber: String(++sequence), streamSid: 'MZ' }))
  stream.on('message', (data) => {
    const message = JSON.parse(String(data)) as { event: string; media?: { payload: string }; mark?: object }
    if (message.media) heard.push(...fromMuLaw(Buffer.from(message.media.payload, 'base64')))
    if (message.event === 'mark') tell({ event: 'mark', mark: message.mark })
  })
  const sound = Buffer.from(toMuLaw(tone(hz, 1_000)))
  const since = performance.now()
  let chunk = 0
  const timer = setInterval(() => {
    while (chunk * frameMs < performance.now() - since) {
      const payload = sound.subarray((chunk * frameBytes) % sound.length).subarray(0, frameBytes)
      const media = { track: 'inbound', chunk: String(chunk + 1), timestamp: String(chunk * frameMs) }
      tell({ event: 'media', media: { ...media, payload: payload.toString('base64') } })
      chunk++
    }
  }, frameMs / 2)
  stream.on('close', () => clearInterval(timer))
  return {
    /** Its last half second. */
    heard: () => Int16Array.from(heard.slice(-4_000)),
    press: (digit: string) => tell({ event: 'dtmf', dtmf: { track: 'inbound_track', digit } }),
  }
}
