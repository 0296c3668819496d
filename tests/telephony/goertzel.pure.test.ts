import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { fromALaw, fromMuLaw, toALaw, toMuLaw } from '../../telephony/media/g711.ts'
import { createGoertzel } from '../../telephony/media/goertzel.ts'
import { musicFrames } from '../../telephony/media/music.ts'
import { readWav } from '../../telephony/media/wav.ts'
import { tone } from '../support/tones.ts'

const lows = [697, 770, 852, 941]
const highs = [1_209, 1_336, 1_477, 1_633]
const pad = ['123A', '456B', '789C', '*0#D']
const amplitude = (dbm0: number) => 32_124 * 10 ** ((dbm0 - 3.17) / 20) // G.711: full scale is +3.17 dBm0

type Press = { key: string; ms?: number; lowDb?: number; highDb?: number; off?: number }
function press({ key, ms = 40, lowDb = -10, highDb = -10, off = 0 }: Press): Int16Array {
  const row = pad.findIndex((keys) => keys.includes(key))
  const low = tone((lows[row] as number) * (1 + off), ms, amplitude(lowDb))
  const high = tone((highs[pad[row]?.indexOf(key) ?? 0] as number) * (1 + off), ms, amplitude(highDb))
  return low.map((sample, i) => sample + (high[i] as number))
}
const silence = (ms: number) => new Int16Array(ms * 8)
function join16(...parts: Int16Array[]): Int16Array {
  const all = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
/** Through a telephone line of this law, cut into frames at this offset. */
function keysIn(sound: Int16Array, offset = 0, law: 'mu' | 'A' = 'mu'): string {
  const heard = law === 'mu' ? fromMuLaw(toMuLaw(sound)) : fromALaw(toALaw(sound))
  const line = join16(new Int16Array(offset), heard, silence(100))
  const listen = createGoertzel()
  let keys = ''
  for (let at = 0; at + 160 <= line.length; at += 160) keys += listen(line.slice(at, at + 160)) ?? ''
  return keys
}
/** Repeatable noise, -1 to 1. */
function noise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 31 - 1
  }
}

test('each of the sixteen keys is heard once, 40 ms long, 40 ms apart, however the frames lie', () => {
  const all = [...pad.join('')]
  const sound = join16(...all.flatMap((key) => [press({ key }), silence(40)]))
  for (let offset = 0; offset < 160; offset += 7)
    for (const law of ['mu', 'A'] as const) expect(keysIn(sound, offset, law)).toBe(all.join(''))
})

test('the same key twice is two keys, and one held for two seconds is one', () => {
  expect(keysIn(join16(press({ key: '5' }), silence(40), press({ key: '5' })), 33)).toBe('55')
  expect(keysIn(press({ key: '5', ms: 2_000 }), 77)).toBe('5')
})

test('a tone of less than 20 ms is no key, and a gap of 10 ms does not make two of one', () => {
  for (let offset = 0; offset < 160; offset += 7) {
    expect(keysIn(press({ key: '5', ms: 19 }), offset)).toBe('')
    expect(keysIn(join16(press({ key: '5', ms: 60 }), silence(10), press({ key: '5', ms: 60 })), offset)).toBe('5')
  }
})

test('keys are heard from a loud line and a faint one, a little off their frequency, and with one tone fainter', () => {
  for (const key of pad.join('')) {
    for (const db of [-3, -25]) expect(keysIn(press({ key, lowDb: db, highDb: db }), 50)).toBe(key)
    for (const off of [-0.015, 0.015]) expect(keysIn(press({ key, off }), 50)).toBe(key)
    expect(keysIn(press({ key, lowDb: -12, highDb: -8 }), 50)).toBe(key)
    expect(keysIn(press({ key, lowDb: -8, highDb: -15 }), 50)).toBe(key)
  }
})

test('what is too faint, too unequal, far off its frequency or a single tone is no key', () => {
  for (const key of pad.join('')) {
    expect(keysIn(press({ key, lowDb: -40, highDb: -40, ms: 200 }))).toBe('')
    expect(keysIn(press({ key, lowDb: -20, highDb: -8, ms: 200 }))).toBe('')
    expect(keysIn(press({ key, lowDb: -8, highDb: -22, ms: 200 }))).toBe('')
    for (const off of [-0.04, 0.04]) expect(keysIn(press({ key, off, ms: 200 }))).toBe('')
  }
  for (const hz of [...lows, ...highs, 440, 1_000]) expect(keysIn(tone(hz, 500))).toBe('')
})

test('keys are heard over the noise of a line, 15 dB below them', () => {
  const random = noise(1)
  const all = pad.join('')
  const sound = join16(...[...all].flatMap((key) => [press({ key, ms: 60 }), silence(60)]))
  const peak = amplitude(-10 - 15) * 1.2
  expect(
    keysIn(
      sound.map((sample) => sample + Math.round(peak * random())),
      21,
    ),
  ).toBe(all)
})

test('neither what callers hear from us, nor the music, nor noise shaped like speech presses a key', () => {
  let seconds = 0
  for (const locale of ['zh-CN', 'en']) {
    const folder = join(import.meta.dirname, '../../telephony/prompts', locale)
    for (const name of readdirSync(folder).filter((name) => name.endsWith('.wav'))) {
      const read = readWav(readFileSync(join(folder, name)))
      if (!read.ok) throw new Error(name)
      seconds += read.sound.length / 8_000
      for (const offset of [0, 53, 107]) expect([name, keysIn(fromMuLaw(read.sound), offset)]).toEqual([name, ''])
    }
  }
  expect(seconds).toBeGreaterThan(100)
  expect(keysIn(join16(...musicFrames().map((frame) => fromMuLaw(frame))))).toBe('')

  // A glottal pulse train of wandering pitch through two wandering formants: ten minutes of vowels.
  const random = noise(7)
  let [pitch, one, two, phase] = [120, 700, 1_300, 0]
  const speech = new Int16Array(600 * 8_000)
  const state = [0, 0, 0, 0]
  for (let i = 0; i < speech.length; i++) {
    if (i % 400 === 0) {
      pitch = Math.min(300, Math.max(80, pitch + 15 * random()))
      one = Math.min(950, Math.max(300, one + 80 * random()))
      two = Math.min(2_300, Math.max(900, two + 120 * random()))
    }
    phase += pitch / 8_000
    const pulse = phase >= 1 ? 1 : 0.01 * random()
    phase %= 1
    let sum = 0
    for (const [n, hz] of [one, two].entries()) {
      const pole = 0.97
      const now =
        pulse +
        2 * pole * Math.cos((2 * Math.PI * hz) / 8_000) * (state[2 * n] ?? 0) -
        pole ** 2 * (state[2 * n + 1] ?? 0)
      state[2 * n + 1] = state[2 * n] ?? 0
      state[2 * n] = now
      sum += now
    }
    speech[i] = Math.max(-32_768, Math.min(32_767, Math.round(2_500 * sum)))
  }
  expect(keysIn(speech)).toBe('')
})
