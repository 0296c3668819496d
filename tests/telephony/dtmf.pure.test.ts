import { expect, test } from 'vitest'
import { createKeyDecoder } from '../../telephony/media/dtmf.ts'

const packet = (event: number, duration: number, end = false) =>
  Uint8Array.of(event, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff)

test('a key is told once, at its first packet, however often its end is said', () => {
  const keys = createKeyDecoder()
  expect(keys.accept(1_000, packet(5, 160))).toBe('5')
  for (const duration of [320, 480, 640]) expect(keys.accept(1_000, packet(5, duration))).toBeUndefined()
  for (let i = 0; i < 3; i++) expect(keys.accept(1_000, packet(5, 800, true))).toBeUndefined()
})

test('a key of which only an end packet arrives counts, and so does one whose ends are all lost', () => {
  const keys = createKeyDecoder()
  expect(keys.accept(1_000, packet(1, 800, true))).toBe('1')
  expect(keys.accept(3_000, packet(2, 160))).toBe('2')
  expect(keys.accept(6_000, packet(3, 160))).toBe('3')
})

test('the same key pressed twice is two keys', () => {
  const keys = createKeyDecoder()
  expect(keys.accept(1_000, packet(9, 800, true))).toBe('9')
  expect(keys.accept(4_000, packet(9, 800, true))).toBe('9')
})

test('a late end of the key before does not press it again', () => {
  const keys = createKeyDecoder()
  keys.accept(1_000, packet(1, 160))
  keys.accept(3_000, packet(2, 160))
  expect(keys.accept(1_000, packet(1, 800, true))).toBeUndefined()
})

test('a key that is held for ten seconds is one key', () => {
  const keys = createKeyDecoder()
  expect(keys.accept(1_000, packet(0, 0xffff))).toBe('0')
  expect(keys.accept(1_000 + 0xffff, packet(0, 160))).toBeUndefined()
  expect(keys.accept(1_000 + 0xffff, packet(0, 8_000, true))).toBeUndefined()
  expect(keys.accept(200_000, packet(0, 160))).toBe('0')
})

test('star, hash and the letters are keys; flash and unknown events are none; a stump of a packet is nothing', () => {
  const keys = createKeyDecoder()
  expect([10, 11, 12, 15].map((event, i) => keys.accept(i, packet(event, 160)))).toEqual(['*', '#', 'A', 'D'])
  expect(keys.accept(50, packet(16, 160))).toBeUndefined()
  expect(keys.accept(60, Uint8Array.of(1, 2))).toBeUndefined()
})
