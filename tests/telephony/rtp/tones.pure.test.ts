import { expect, test } from 'vitest'
import { createToneDecoder } from '../../../telephony/media/goertzel.ts'
import { dtmfFrames } from '../../support/dtmf.ts'
import { tone } from '../../support/tones.ts'

const keysIn = (frames: Iterable<Int16Array>): string => {
  let keys = ''
  const decoder = createToneDecoder((key) => {
    keys += key
  })
  for (const frame of frames) decoder.take(frame)
  return keys
}
function* cut(samples: Int16Array) {
  for (let at = 0; at + 160 <= samples.length; at += 160) yield samples.subarray(at, at + 160)
}

test('all sixteen keys are heard, once each, loud and quiet, short and long, and with an uneven line', () => {
  const all = '123A456B789C*0#D'
  for (const peak of [400, 2_000, 12_000]) expect(keysIn(dtmfFrames(all, { peak }))).toBe(all)
  for (const onMs of [60, 100, 400]) expect(keysIn(dtmfFrames(all, { onMs }))).toBe(all)
  for (const twistDb of [-6, 4]) expect(keysIn(dtmfFrames(all, { twistDb }))).toBe(all)
  expect(keysIn(dtmfFrames('55500'))).toBe('55500')
})

test('one tone alone, two of one group, and a very uneven pair are no key', () => {
  for (const hz of [697, 941, 1_209, 1_633, 1_000]) expect(keysIn(cut(tone(hz, 500)))).toBe('')
  const both = Int16Array.from(tone(697, 500), (sample, i) => sample + (tone(770, 500)[i] as number))
  expect(keysIn(cut(both))).toBe('')
  expect(keysIn(dtmfFrames('5', { twistDb: 12, peak: 2_000 }))).toBe('')
})

test('noise, and a voice-like mixture of many tones, press nothing in ten minutes', () => {
  let seed = 7
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed / 0x7fffffff
  }
  function* noise() {
    for (let n = 0; n < 15_000; n++) yield Int16Array.from({ length: 160 }, () => (random() - 0.5) * 16_000)
  }
  // A voiced sound: a pitch between 90 and 260 Hz with its overtones, changing every 100 ms.
  function* voice() {
    for (let n = 0; n < 3_000; n++) {
      const pitch = 90 + random() * 170
      const strengths = Array.from({ length: 14 }, () => random() ** 2)
      for (let part = 0; part < 5; part++)
        yield Int16Array.from({ length: 160 }, (_, i) => {
          const at = (part * 160 + i) / 8_000
          return strengths.reduce(
            (sum, strength, h) => sum + 2_500 * strength * Math.sin(2 * Math.PI * pitch * (h + 1) * at),
            0,
          )
        })
    }
  }
  expect(keysIn(noise())).toBe('')
  expect(keysIn(voice())).toBe('')
})
