import { describe, expect, test } from 'vitest'
import type { OpeningHours } from '../../server/contracts/hotlines.ts'
import { stateAt } from '../../server/hotlines/hours.ts'

const shanghai = (time: string) => new Date(`${time}:00+08:00`)
const weekdays = (from: string, to: string): OpeningHours => ({
  week: [1, 2, 3, 4, 5].map((day) => ({ day, from, to })),
  dates: [],
})
/** As it is told: open or closed, and until when on the clock of Shanghai. */
const told = (hours: OpeningHours, at: string) => {
  const { open, until } = stateAt(hours, shanghai(at))
  const when = until && new Date(until.getTime() + 8 * 3_600_000).toISOString().slice(0, 16)
  return `${open ? 'open' : 'closed'} ${when ?? 'for good'}`
}

// 2026-11-23 is a Monday.
describe('the hours of a number', () => {
  test('without any it never closes', () => {
    expect(told({ week: [], dates: [] }, '2026-11-23T03:00')).toBe('open for good')
  })
  test.each([
    ['2026-11-23T07:59', 'closed 2026-11-23T08:00'],
    ['2026-11-23T08:00', 'open 2026-11-23T21:00'],
    ['2026-11-23T20:59', 'open 2026-11-23T21:00'],
    ['2026-11-23T21:00', 'closed 2026-11-24T08:00'],
    ['2026-11-27T22:00', 'closed 2026-11-30T08:00'],
    ['2026-11-29T12:00', 'closed 2026-11-30T08:00'],
  ])('weekdays from 8 to 21, at %s: %s', (at, state) => {
    expect(told(weekdays('08:00', '21:00'), at)).toBe(state)
  })
  test.each([
    ['2026-11-23T20:00', 'closed 2026-11-23T22:00'],
    ['2026-11-24T03:00', 'open 2026-11-24T06:00'],
    ['2026-11-28T05:59', 'open 2026-11-28T06:00'],
    ['2026-11-28T06:00', 'closed 2026-11-30T22:00'],
  ])('through the night from 22 to 6, at %s: %s', (at, state) => {
    expect(told(weekdays('22:00', '06:00'), at)).toBe(state)
  })
  test('two spans a day, and spans that touch at midnight are one', () => {
    const noon: OpeningHours = {
      week: [
        { day: 1, from: '08:00', to: '12:00' },
        { day: 1, from: '14:00', to: '00:00' },
        { day: 2, from: '00:00', to: '09:00' },
      ],
      dates: [],
    }
    expect(told(noon, '2026-11-23T13:00')).toBe('closed 2026-11-23T14:00')
    expect(told(noon, '2026-11-23T23:00')).toBe('open 2026-11-24T09:00')
  })
  test('a single date closes a weekday or opens a Sunday, and what began the evening before runs to its end', () => {
    const holiday: OpeningHours = {
      ...weekdays('22:00', '06:00'),
      dates: [
        { date: '2026-11-25', open: null },
        { date: '2026-11-29', open: { from: '10:00', to: '11:00' } },
      ],
    }
    expect(told(holiday, '2026-11-25T05:00')).toBe('open 2026-11-25T06:00')
    expect(told(holiday, '2026-11-25T23:00')).toBe('closed 2026-11-26T22:00')
    expect(told(holiday, '2026-11-29T10:30')).toBe('open 2026-11-29T11:00')
  })
  test('with single dates alone it is open on all others', () => {
    const closedOnce: OpeningHours = { week: [], dates: [{ date: '2026-11-25', open: null }] }
    expect(told(closedOnce, '2026-11-24T12:00')).toBe('open 2026-11-25T00:00')
    expect(told(closedOnce, '2026-11-25T12:00')).toBe('closed 2026-11-26T00:00')
    expect(told(closedOnce, '2026-11-26T12:00')).toBe('open for good')
  })
  test('round the clock is one span without a change', () => {
    const always: OpeningHours = {
      week: [1, 2, 3, 4, 5, 6, 7].map((day) => ({ day, from: '00:00', to: '00:00' })),
      dates: [],
    }
    expect(told(always, '2026-11-25T12:00')).toBe('open for good')
  })
  test('a number that is closed for weeks has no time to name', () => {
    const dates = Array.from({ length: 30 }, (_, i) => ({
      date: new Date(Date.UTC(2026, 10, 23 + i)).toISOString().slice(0, 10),
      open: null,
    }))
    expect(told({ ...weekdays('08:00', '21:00'), dates }, '2026-11-25T12:00')).toBe('closed for good')
  })
  test('where summer time begins, eight o’clock is eight o’clock on either side of it', () => {
    const hours: OpeningHours = { week: [1, 7].map((day) => ({ day, from: '08:00', to: '20:00' })), dates: [] }
    const until = (at: string) => stateAt(hours, new Date(at), 'Europe/Berlin').until?.toISOString()
    // In Berlin the clocks go forward on 2026-03-29, a Sunday.
    expect(until('2026-03-28T12:00:00Z')).toBe('2026-03-29T06:00:00.000Z')
    expect(until('2026-03-29T12:00:00Z')).toBe('2026-03-29T18:00:00.000Z')
    expect(until('2026-03-23T12:00:00Z')).toBe('2026-03-23T19:00:00.000Z')
  })
})
