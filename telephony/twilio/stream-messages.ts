import { z } from 'zod'
import { frameSamples, sampleRateHz } from '../media/frame.ts'
import type { Packet } from '../media/jitter.ts'
import { unwrap } from '../media/sequence.ts'

/** What Twilio says on a media stream, as far as we listen. Numbers come as strings. */
const count = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const message = z.discriminatedUnion('event', [
  z.object({ event: z.literal('connected') }),
  z.object({
    event: z.literal('start'),
    streamSid: z.string().min(1).max(64),
    start: z.object({
      mediaFormat: z.object({
        encoding: z.literal('audio/x-mulaw'),
        sampleRate: z.coerce.number().pipe(z.literal(8_000)),
      }),
      customParameters: z.record(z.string(), z.string()).default({}),
    }),
  }),
  z.object({
    event: z.literal('media'),
    media: z.object({
      track: z.string().optional(),
      chunk: count,
      timestamp: count,
      payload: z.string().max(8_000),
    }),
  }),
  z.object({ event: z.literal('dtmf'), dtmf: z.object({ digit: z.string().regex(/^[0-9*#A-D]$/) }) }),
  z.object({ event: z.literal('mark'), mark: z.object({ name: z.string().max(64) }) }),
  z.object({ event: z.literal('stop') }),
])

export type Media = { event: 'media'; chunk: number; timestampMs: number; payload: Uint8Array }
export type Said =
  | { event: 'connected' | 'stop' }
  | { event: 'mark'; name: string }
  | { event: 'start'; streamSid: string; token: string | undefined }
  | Media
  | { event: 'dtmf'; digit: string }

/** Reads one message; undefined when it is none that we know. */
export function readStream(text: string): Said | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  const { data } = message.safeParse(json)
  if (!data) return undefined
  switch (data.event) {
    case 'start':
      return { event: 'start', streamSid: data.streamSid, token: data.start.customParameters['token'] }
    case 'media': {
      if (data.media.track === 'outbound') return undefined // our own words
      const { chunk, timestamp, payload } = data.media
      return { event: 'media', chunk, timestampMs: timestamp, payload: Buffer.from(payload, 'base64') }
    }
    case 'dtmf':
      return { event: 'dtmf', digit: data.dtmf.digit }
    case 'mark':
      return { event: 'mark', name: data.mark.name }
    default:
      return { event: data.event }
  }
}

// Their milliseconds wobble by a packet or two; more is a pause.
const wobbleSamplesMax = 2 * frameSamples

/**
 * Lays their frames out as RTP would: by number, and by time where frames are missing. Their time is rounded to milliseconds
 * and wobbles, so frames that follow each other are set side by side.
 */
export function createStreamClock(): { place(media: Media): Packet } {
  let last: { chunk: number; end: number } | undefined
  return {
    place({ chunk, timestampMs, payload }) {
      const said = (timestampMs * sampleRateHz) / 1_000
      const next = last && chunk === last.chunk + 1 ? last.end : said
      const start = Math.abs(said - next) <= wobbleSamplesMax ? next : said
      if (!last || unwrap(last.chunk, chunk & 0xffff, 16) > last.chunk) last = { chunk, end: start + payload.length }
      return { sequence: chunk & 0xffff, timestamp: start % 2 ** 32, payload }
    },
  }
}
