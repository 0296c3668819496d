import { expect, test } from 'vitest'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import { createPlayer } from '../../telephony/media/player.ts'
import { createEcho, newSeat, speak } from '../../telephony/media/slot.ts'
import { createTick } from '../../telephony/media/tick.ts'
import { power, tone } from '../support/tones.ts'

function player(sounds: Uint8Array[], after: 'music' | 'silence' | 'hang-up') {
  const played: string[] = []
  const music = { frame: 0 }
  return { played, music, player: createPlayer({ sounds, after, token: 't', music, onPlayed: (t) => played.push(t) }) }
}

test('prompts follow each other, then music; the end of the prompts is told once', () => {
  const one = toMuLaw(tone(500, 40))
  const two = toMuLaw(tone(900, 30))
  const { player: p, played } = player([one, two], 'music')
  const frames = Array.from({ length: 4 }, () => p.next() as Uint8Array)
  expect(frames.slice(0, 2)).toEqual([one.subarray(0, 160), one.subarray(160)])
  expect(power(fromMuLaw(frames[2] as Uint8Array), 900)).toBeGreaterThan(0.9)
  expect(frames[3]?.subarray(0, 80)).toEqual(two.subarray(160)) // filled up with silence
  expect(frames[3]?.subarray(80)).toEqual(new Uint8Array(80).fill(0xff))
  expect(played).toEqual([])
  for (let i = 0; i < 50; i++) expect(p.next()).toBeInstanceOf(Uint8Array)
  expect(played).toEqual(['t'])
})

test('without prompts the music begins at once, and that is told too', () => {
  const { player: p, played } = player([], 'music')
  p.next()
  expect(played).toEqual(['t'])
})

test('after the last word the line stays open for a moment, so that it is heard, and then ends', () => {
  const { player: p } = player([toMuLaw(tone(500, 20))], 'hang-up')
  p.next()
  for (let i = 0; i < 15; i++) expect(p.next()).toBeNull()
  expect(p.next()).toBe('hang-up')
})

test('who shall answer by a key has the line for as long as is said', () => {
  const music = { frame: 0 }
  const p = createPlayer({ sounds: [], after: 'hang-up', tailMs: 8_000, token: 't', music, onPlayed: () => {} })
  for (let i = 0; i < 400; i++) expect(p.next()).toBeNull()
  expect(p.next()).toBe('hang-up')
})

test('the music goes on after an announcement where it was', () => {
  const first = player([], 'music')
  for (let i = 0; i < 10; i++) first.player.next()
  const place = first.music
  const second = createPlayer({ sounds: [], after: 'music', token: 'u', music: place, onPlayed: () => {} })
  const before = place.frame
  second.next()
  expect(place.frame).toBe(before + 1)
})

test('in the self-test one hears oneself a second later', () => {
  const echo = createEcho()
  const said = tone(700, 20)
  expect(echo(said).every((code) => code === 0xff)).toBe(true)
  for (let i = 0; i < 49; i++) echo(new Int16Array(160))
  expect(echo(new Int16Array(160))).toEqual(toMuLaw(said))
})

test('an idle leg gets a moment of silence, then one packet a second', () => {
  const seat = newSeat('operator:1')
  const sent: boolean[] = []
  seat.leg = {
    receiver: undefined as never,
    send: () => sent.push(true),
    pause: () => sent.push(false),
    close: () => {},
    flush: () => {},
    hear: () => new Int16Array(160),
    connectTicksMax: 1,
    silentTicksMax: 1,
  }
  for (let i = 0; i < 200; i++) speak(seat, null)
  expect(sent.slice(0, 10).every(Boolean)).toBe(true)
  expect(sent.slice(10).filter(Boolean)).toHaveLength(4)
})

test('the clock does not drift, catches up after a short stall and skips after a long one', () => {
  let time = 0
  let next: { at: number; then: () => void } | undefined
  let ticks = 0
  let skipped = 0
  const tick = createTick({
    run: () => ticks++,
    skipped: (n) => {
      skipped += n
    },
    now: () => time,
    later: (ms, then) => {
      next = { at: time + ms, then }
      return () => {
        next = undefined
      }
    },
  })
  const pass = (late: number) => {
    const due = next as { at: number; then: () => void }
    time = due.at + late
    due.then()
  }
  tick.start()
  for (let i = 0; i < 500; i++) pass(i % 7) // always a little late
  expect(ticks).toBe(500)
  expect(time).toBeLessThan(500 * 20 + 7)
  expect(tick.takeLagMs()).toBe(6)
  pass(100)
  expect(ticks).toBe(506)
  expect(skipped).toBe(0)
  pass(1_000)
  expect(ticks).toBe(516)
  expect(skipped).toBe(40)
  expect(tick.takeLagMs()).toBe(1_000)
  tick.stop()
  expect(next).toBeUndefined()
})
