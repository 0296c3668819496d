import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { promptKeys, promptLocales } from '../../server/contracts/voice.ts'
import { fromMuLaw } from '../../telephony/media/g711.ts'
import { readWav } from '../../telephony/media/wav.ts'
import { loudness } from '../support/tones.ts'

const folder = join(import.meta.dirname, '../../telephony/prompts')
const fileOf = (locale: string, key: string) => readFileSync(join(folder, locale, `${key}.wav`))
const heard = (locale: string, key: string): Int16Array => {
  const read = readWav(fileOf(locale, key))
  return read.ok ? fromMuLaw(read.sound) : new Int16Array()
}
const each = promptLocales.flatMap((locale) => promptKeys.map((key) => ({ locale, key })))
const seconds = (sound: Int16Array) => sound.length / 8_000

describe('the shipped placeholders', () => {
  test.each(each)('$locale $key can be played, is neither silent nor clipped, and is short', ({ locale, key }) => {
    const sound = heard(locale, key)
    expect(seconds(sound)).toBeGreaterThan(0.5)
    expect(seconds(sound)).toBeLessThan(8)
    expect(loudness(sound)).toBeGreaterThan(1_000)
    expect(loudness(sound)).toBeLessThan(8_000)
    expect(Math.max(...sound.map(Math.abs))).toBeLessThan(30_000)
  })
  test('nobody waits longer than five seconds for the greeting to end', () => {
    for (const locale of promptLocales) expect(seconds(heard(locale, 'greeting'))).toBeLessThanOrEqual(5)
  })
  test('are mu-law, as small as that goes, and one file for each text', () => {
    const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as Record<string, Record<string, string>>
    let bytes = 0
    for (const locale of promptLocales) {
      expect(Object.keys(texts[locale] ?? {})).toEqual([...promptKeys])
      expect(readdirSync(join(folder, locale)).sort()).toEqual([...promptKeys].map((key) => `${key}.wav`).sort())
      for (const key of promptKeys) {
        expect(fileOf(locale, key).readUInt16LE(20)).toBe(7)
        bytes += fileOf(locale, key).length
      }
    }
    expect(bytes).toBeLessThan(2_600_000)
  })
  test('the greeting says that the call is recorded', () => {
    const texts = JSON.parse(readFileSync(join(folder, 'texts.json'), 'utf8')) as Record<string, Record<string, string>>
    expect([texts['zh-CN']?.['greeting'], texts['en']?.['greeting']]).toEqual([
      expect.stringContaining('录音'),
      expect.stringContaining('recorded'),
    ])
  })
})
