import { expect, test } from 'vitest'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { readWav, stereoPcmHeader } from '../../telephony/media/wav.ts'
import { power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'

const sound = toMuLaw(tone(600, 100))
const pcm = new Uint8Array(tone(600, 100).buffer)

test('a prompt in mu-law is taken as it is', () => {
  expect(readWav(wav({ format: 7, bits: 8, data: sound }))).toEqual({ ok: true, sound })
})

test('a prompt in PCM16 is converted', () => {
  const read = readWav(wav({ format: 1, bits: 16, data: pcm }))
  expect(read.ok && power(fromMuLaw(read.sound), 600)).toBeGreaterThan(0.99)
})

test('other chunks before the sound, and a length that a streaming recorder left open, do no harm', () => {
  const file = wav({ format: 7, bits: 8, data: sound, before: 'LIST' })
  expect(readWav(file)).toEqual({ ok: true, sound })
  const at = file.length - sound.length - 4
  new DataView(file.buffer).setUint32(at, 0xffffffff, true)
  expect(readWav(file)).toEqual({ ok: true, sound })
})

test('a file that would be played too fast, in stereo or as noise is refused by name', () => {
  expect(readWav(wav({ format: 7, bits: 8, data: sound, hz: 16_000 }))).toEqual({ ok: false, reason: 'wrong-format' })
  expect(readWav(wav({ format: 1, bits: 16, data: pcm, channels: 2 }))).toEqual({ ok: false, reason: 'wrong-format' })
  expect(readWav(wav({ format: 3, bits: 32, data: pcm }))).toEqual({ ok: false, reason: 'wrong-format' })
  expect(readWav(new TextEncoder().encode('ID3 an mp3 file'))).toEqual({ ok: false, reason: 'not-wav' })
  expect(readWav(new Uint8Array(0))).toEqual({ ok: false, reason: 'not-wav' })
})

test('no cut of a prompt file makes the reader fail', () => {
  const file = wav({ format: 7, bits: 8, data: sound, before: 'LIST' })
  for (let length = 0; length < 120; length++) expect(() => readWav(file.subarray(0, length))).not.toThrow()
})

test('the header of an exported recording is one that a reader of mono refuses and whose lengths are right', () => {
  const header = stereoPcmHeader(32_000)
  const view = new DataView(header.buffer)
  expect(header.length).toBe(44)
  expect(view.getUint32(4, true)).toBe(32_036)
  expect(view.getUint32(40, true)).toBe(32_000)
  expect(view.getUint32(28, true)).toBe(32_000) // bytes a second
  expect(readWav(new Uint8Array([...header, ...new Uint8Array(32_000)]))).toEqual({ ok: false, reason: 'wrong-format' })
})
