import { alaw, mulaw } from 'alawmulaw'
import { expect, test } from 'vitest'
import {
  aLawAsMuLaw,
  aLawSilence,
  fromALaw,
  fromMuLaw,
  muLawAsALaw,
  muLawSilence,
  toALaw,
  toMuLaw,
} from '../../telephony/media/g711.ts'
import { loudness, power, tone } from '../support/tones.ts'

const everySample = Int16Array.from({ length: 0x10000 }, (_, i) => i - 0x8000)
const everyCode = Uint8Array.from({ length: 256 }, (_, i) => i)

test('every possible sample gets the same code as from an independent implementation, in both laws', () => {
  expect(toMuLaw(everySample)).toEqual(mulaw.encode(everySample))
  expect(toALaw(everySample)).toEqual(alaw.encode(everySample))
})

test('every possible code means the same sample as in an independent implementation, in both laws', () => {
  expect(fromMuLaw(everyCode)).toEqual(mulaw.decode(everyCode))
  expect(fromALaw(everyCode)).toEqual(alaw.decode(everyCode))
})

test('silence is silent', () => {
  expect([...fromMuLaw(Uint8Array.of(muLawSilence))]).toEqual([0])
  expect(Math.abs(fromALaw(Uint8Array.of(aLawSilence))[0] as number)).toBeLessThanOrEqual(8)
})

test('a voice that goes from one law to the other and back is still the same voice', () => {
  const sound = tone(440, 200)
  const through = fromMuLaw(aLawAsMuLaw(muLawAsALaw(toMuLaw(sound))))
  expect(power(through, 440)).toBeGreaterThan(0.99)
  expect(loudness(through) / loudness(sound)).toBeCloseTo(1, 1)
})
