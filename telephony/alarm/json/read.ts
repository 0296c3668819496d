import { z } from 'zod'
import { jsonOf } from '../json-of.ts'

/** What a small device says of itself, as it travels over MQTT and CoAP [alarm-devices.md 4.3; our own choice, no standard]. */
export type Word = {
  /** Counts up at the device; without one, what it said is its name. */
  seq: number | undefined
  t: string
  at: string | undefined
  /** 0 empty … 1 full. */
  battery: number | undefined
  position: { lat: number; lon: number } | undefined
  /** A field that is there and could not be read. */
  ignored: boolean
}

export const wordBytesMax = 1_024

// Everything but what has happened may be wrong without costing the alarm.
const word = z.object({
  t: z.string().min(1).max(40),
  seq: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).optional().catch(undefined),
  ts: z.iso.datetime({ offset: true }).optional().catch(undefined),
  batt: z.number().min(0).max(100).optional().catch(undefined),
  lat: z.number().min(-90).max(90).optional().catch(undefined),
  lon: z.number().min(-180).max(180).optional().catch(undefined),
})

/** `{"v":1,"dev":"nb-77","seq":41,"t":"sos","ts":"…","batt":73}`; undefined for what is no word at all. */
export function readWord(bytes: Buffer): Word | undefined {
  if (bytes.length > wordBytesMax) return undefined
  const sent = jsonOf(bytes)
  const read = word.safeParse(sent)
  if (!read.success) return undefined
  const { t, seq, ts, batt, lat, lon } = read.data
  const raw = sent as Record<string, unknown>
  const lost = (name: string, value: unknown) => raw[name] !== undefined && raw[name] !== null && value === undefined
  return {
    seq,
    t,
    at: ts,
    battery: batt === undefined ? undefined : batt / 100,
    position: lat !== undefined && lon !== undefined ? { lat, lon } : undefined,
    ignored: lost('seq', seq) || lost('ts', ts) || lost('batt', batt) || lost('lat', lat) || lost('lon', lon),
  }
}
