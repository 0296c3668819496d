import { expect, test } from 'vitest'
import { type LastWord, mayBeNoted, orderOf, provesPresence } from '../../server/devices/order.ts'

const now = new Date('2026-11-24T10:00:00Z')
const ago = (minutes: number) => new Date(now.getTime() - minutes * 60_000)
const said = (minutes: number) => ({ at: ago(minutes).toISOString() })
const presence = (last: Partial<LastWord>, word: { number?: number; at?: string }) =>
  provesPresence(orderOf({ number: null, at: null, ...last }, word, now))
const note = (last: Partial<LastWord>, word: { number?: number; at?: string }, of = 'cancelled') =>
  mayBeNoted(orderOf({ number: null, at: null, ...last }, word, now), of)

test('a heartbeat counts when it is of now, or after all that was said before', () => {
  expect(presence({ number: 40 }, { number: 41 })).toBe('believed')
  expect(presence({ at: ago(60) }, said(30))).toBe('believed')
  expect(presence({ number: 900 }, { number: 1, ...said(1) })).toBe('believed')
  expect(presence({}, { number: 3 })).toBe('believed')
  expect(presence({ number: 40 }, {})).toBe('believed')
})
test('one of a month ago is somebody else’s, the last one once more is no news', () => {
  expect(presence({ number: 40 }, { number: 39 })).toBe('old')
  expect(presence({ at: ago(60) }, said(43_200))).toBe('old')
  expect(presence({ number: 40 }, { number: 40 })).toBe('again')
  expect(presence({ at: ago(60) }, said(60))).toBe('again')
})
test('a panel whose clock is a year behind is there as long as its time goes on', () => {
  expect(presence({ at: ago(525_600) }, said(525_590))).toBe('believed')
})
test('a cancel of before the alarm is not said into it, however lately', () => {
  expect(note({ number: 43 }, { number: 42 })).toBe('old')
  expect(note({ at: ago(1) }, said(3))).toBe('again')
  expect(note({ at: ago(1) }, said(43_200))).toBe('old')
  expect(note({ number: 42 }, { number: 42 })).toBe('believed')
  expect(note({ at: ago(1) }, said(3), 'restored')).toBe('believed')
})
