import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { makeMusic, musicFrames } from '../../telephony/media/music.ts'
import { mixAll, mixMinusOwn } from '../../telephony/media/room.ts'
import { createRooms } from '../../telephony/media/rooms.ts'
import { loudness, power, tone } from '../support/tones.ts'

const heard = (frame: Uint8Array | null | undefined) => fromMuLaw(frame ?? new Uint8Array(0))

test('of three in a room each hears the two others and not themselves', () => {
  const [a, b, c] = mixMinusOwn([tone(400, 20), tone(1_000, 20), tone(2_000, 20)])
  expect(power(heard(a), 400)).toBeLessThan(0.01)
  expect(power(heard(a), 1_000)).toBeGreaterThan(0.45)
  expect(power(heard(a), 2_000)).toBeGreaterThan(0.45)
  expect(power(heard(b), 1_000)).toBeLessThan(0.01)
  expect(power(heard(c), 2_000)).toBeLessThan(0.01)
})

test('who is alone in a room hears nothing', () => {
  expect(mixMinusOwn([tone(400, 20)])).toEqual([null])
  expect(mixMinusOwn([])).toEqual([])
})

test('loud voices together are clipped and do not turn into noise', () => {
  const loud = new Int16Array(160).fill(30_000)
  const quiet = new Int16Array(160)
  const [, , third] = mixMinusOwn([loud, loud, quiet])
  expect(Math.min(...heard(third))).toBeGreaterThan(30_000)
  expect(Math.min(...fromMuLaw(mixAll([loud, loud, loud])))).toBeGreaterThan(30_000)
})

test('each hears exactly the sum of the others, to the accuracy of the law', () => {
  const frame = fc.array(fc.integer({ min: -32_768, max: 32_767 }), { minLength: 160, maxLength: 160 })
  fc.assert(
    fc.property(fc.array(frame, { minLength: 2, maxLength: 4 }), (lists) => {
      const said = lists.map((list) => Int16Array.from(list))
      mixMinusOwn(said).forEach((out, own) => {
        const sum = Int16Array.from({ length: 160 }, (_, i) => {
          const others = said.reduce((all, frame, who) => (who === own ? all : all + (frame[i] as number)), 0)
          return Math.max(-32_768, Math.min(32_767, others))
        })
        expect(out).toEqual(toMuLaw(sum))
      })
    }),
    { numRuns: 30 },
  )
})

test('the queue music is quiet, never clips, has no seam and stays in the telephone band', () => {
  const music = makeMusic()
  expect(music.length % 160).toBe(0)
  expect(loudness(music)).toBeGreaterThan(300)
  expect(loudness(music)).toBeLessThan(2_000)
  expect(music.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0)).toBeLessThanOrEqual(3_200)
  let step = 0
  for (let i = 1; i < music.length; i++) {
    step = Math.max(step, Math.abs((music[i] as number) - (music[i - 1] as number)))
  }
  expect(Math.abs((music[0] as number) - (music.at(-1) as number))).toBeLessThanOrEqual(step)
  expect(musicFrames()).toHaveLength(music.length / 160)
})

test('a leg that is named before it is there joins when it comes; after half a minute its name is forgotten', () => {
  const rooms = createRooms()
  rooms.settle('call', ['caller', 'operator'], 0)
  rooms.sweep((legId) => legId === 'caller', 1_000)
  rooms.sweep((legId) => legId === 'caller', 30_000)
  expect([...(rooms.all.get('call')?.names.keys() ?? [])]).toEqual(['caller', 'operator'])
  rooms.sweep((legId) => legId === 'caller', 32_000)
  expect([...(rooms.all.get('call')?.names.keys() ?? [])]).toEqual(['caller'])
})

test('a leg is in one room only, and a room that nobody belongs to ends', () => {
  const rooms = createRooms()
  rooms.settle('one', ['a', 'b'], 0)
  rooms.settle('two', ['b', 'c'], 0)
  expect([...(rooms.all.get('one')?.names.keys() ?? [])]).toEqual(['a'])
  rooms.leave('a', 1_000)
  rooms.sweep(() => true, 32_000)
  expect([...rooms.all.keys()]).toEqual(['two'])
})
