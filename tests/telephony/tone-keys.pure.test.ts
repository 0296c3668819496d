import { expect, test } from 'vitest'
import { toMuLaw } from '../../telephony/media/g711.ts'
import { createToneReader } from '../../telephony/rtp/tone-keys.ts'
import { keyTone } from '../support/line-panel.ts'

// Ten keys a second, as a panel presses them: 50 ms, and as long a pause.
const pressed = '4711181101010158*#ABC00991'
const sound = toMuLaw(Int16Array.from([...pressed].flatMap((key) => [...keyTone(key, 50, 50)])))
type Packet = { timestamp: number; payload: Uint8Array }

/** In packets of so many samples, from this time on. */
function packets(samples: number, from = 0): Packet[] {
  const list: Packet[] = []
  for (let at = 0; at < sound.length; at += samples)
    list.push({ timestamp: (from + at) >>> 0, payload: sound.subarray(at, at + samples) })
  return list
}
function read(list: Packet[]): string {
  let keys = ''
  const take = createToneReader((key) => {
    keys += key
  })
  for (const packet of list) take(packet)
  return keys
}

test.each([80, 160, 240, 37])('every key is read from packets of %i samples, twice the same too', (samples) => {
  expect(read(packets(samples))).toBe(pressed)
})
test('also when the time of the packets begins anew at zero, and when each comes twice', () => {
  expect(read(packets(160, 2 ** 32 - 4_000))).toBe(pressed)
  expect(read(packets(160).flatMap((packet) => [packet, packet]))).toBe(pressed)
})
test('who sends nothing in the pauses is read as well, and another sender with a time of its own', () => {
  const silent = (packet: Packet) => packet.payload.every((sample) => sample === 0xff || sample === 0x7f)
  expect(read(packets(80).filter((packet) => !silent(packet)))).toBe(pressed)
  expect(read([...packets(160), ...packets(160, 1_000_000_000)])).toBe(pressed + pressed)
})
test('packets that are lost may cost a key and never make another; in a pause they cost none', () => {
  const lossy = (isLost: (n: number) => boolean) => read(packets(160).filter((_, n) => !isLost(n)))
  const keys = lossy((n) => n % 12 === 6)
  let at = -1
  for (const key of keys) {
    at = pressed.indexOf(key, at + 1)
    expect(at).toBeGreaterThanOrEqual(0)
  }
  expect(keys.length).toBeGreaterThan(pressed.length * 0.8)
  // Five packets are a key with its pause.
  expect(lossy((n) => n % 5 === 4)).toBe(pressed)
})
test('speech and music press nothing', () => {
  const noise = Int16Array.from({ length: 80_000 }, (_, i) => Math.round(6_000 * Math.sin(i / 3) * Math.sin(i / 700)))
  expect(read([{ timestamp: 0, payload: toMuLaw(noise) }])).toBe('')
})
