import { expect, test } from 'vitest'
import { base64, speechWav } from '../../console/calls/speech-wav.ts'
import { readSpeech } from '../../server/calls/sound/speech.ts'
import { fromMuLaw } from '../../telephony/media/g711.ts'
import { readWav } from '../../telephony/media/wav.ts'

const silence = (ms: number) => new Float32Array(ms * 8)
const voice = (ms: number, peak: number) =>
  Float32Array.from({ length: ms * 8 }, (_, i) => peak * Math.sin((2 * Math.PI * 440 * i) / 8_000))
const joined = (...parts: Float32Array[]) => Float32Array.from(parts.flatMap((part) => [...part]))
const peakOf = (file: Uint8Array) => {
  const read = readWav(file)
  return read.ok ? Math.max(...fromMuLaw(read.sound).map(Math.abs)) : 0
}

test('a recorded voice is a file that the server takes and the media process plays', () => {
  const file = speechWav(voice(1_000, 0.3))
  expect(readSpeech(Buffer.from(file))).toEqual({ durationMs: 1_000 })
  expect(readWav(file).ok).toBe(true)
})
test('the silence around it goes, but for a moment at both ends', () => {
  const file = speechWav(joined(silence(1_500), voice(2_000, 0.4), silence(3_000)))
  const { durationMs } = readSpeech(Buffer.from(file)) as { durationMs: number }
  expect(durationMs).toBeGreaterThan(2_200)
  expect(durationMs).toBeLessThan(2_260)
})
test('soft and loud voices come out alike, and silence stays silence', () => {
  const soft = peakOf(speechWav(voice(500, 0.02)))
  expect(Math.abs(soft - peakOf(speechWav(voice(500, 1))))).toBeLessThan(1_200)
  expect(soft).toBeGreaterThan(20_000)
  expect(peakOf(speechWav(silence(500)))).toBeLessThan(10)
})
test('long sounds are written as base64 whole', () => {
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251)
  expect(Buffer.from(base64(bytes), 'base64').equals(Buffer.from(bytes))).toBe(true)
})
