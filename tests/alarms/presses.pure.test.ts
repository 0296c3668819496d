import { expect, test } from 'vitest'
import { historyOf, type Press, patternOf } from '../../server/alarms/presses.ts'

// By the clock of the centre, which is eight hours ahead of these.
const shanghai = (text: string) => new Date(`${text}:00+08:00`)
const now = shanghai('2026-11-24T06:30')
const presses = (times: string[], closedAs: Press['closedAs'] = null): Press[] =>
  times.map((text) => ({ at: shanghai(text), closedAs }))

test('seven presses since 22:00, five of them closed as false: so it is said, with their times', () => {
  const list = [
    ...presses(
      ['2026-11-23T22:00', '2026-11-23T23:10', '2026-11-24T00:20', '2026-11-24T01:30', '2026-11-24T03:00'],
      'accidental-press',
    ),
    ...presses(['2026-11-24T05:00', '2026-11-24T06:29']),
  ]
  const told = historyOf(list, now)
  expect(told).toMatchObject({
    lastDay: { count: 7, falsely: 5 },
    last30Days: { count: 7, falsely: 5 },
    pattern: 'night',
  })
  expect(told.times[0]).toBe(shanghai('2026-11-23T22:00').toISOString())
})

test('a day is 24 hours and a month is 30 days; who was helped is not false', () => {
  const list = [
    ...presses(['2026-10-24T12:00'], 'accidental-press'),
    ...presses(['2026-11-01T12:00'], 'no-help-needed'),
    ...presses(['2026-11-23T06:30'], 'helped-on-site'),
    ...presses(['2026-11-23T06:31'], 'helped-on-site'),
  ]
  expect(historyOf(list, now)).toMatchObject({
    lastDay: { count: 1, falsely: 0 },
    last30Days: { count: 3, falsely: 1 },
    pattern: null,
  })
})

test('five in one night are a pattern, on both sides of midnight; five on a day or over two nights are none', () => {
  const night = ['2026-11-20T22:00', '2026-11-20T23:59', '2026-11-21T00:00', '2026-11-21T03:00', '2026-11-21T06:59']
  expect(patternOf(presses(night), now)).toBe('night')
  expect(patternOf(presses(night.slice(1)), now)).toBe(null)
  const morning = [...night.slice(0, 4), '2026-11-21T07:00']
  expect(patternOf(presses(morning), now)).toBe(null)
  const two = ['2026-11-20T22:00', '2026-11-20T23:00', '2026-11-21T22:00', '2026-11-21T23:00', '2026-11-22T01:00']
  expect(patternOf(presses(two), now)).toBe(null)
})

test('ten in seven days are one at whatever hour; the tenth a week ago is none', () => {
  const days = ['18', '19', '20', '21', '22'].flatMap((day) => [`2026-11-${day}T10:00`, `2026-11-${day}T15:00`])
  expect(patternOf(presses(days), now)).toBe('week')
  expect(patternOf(presses(['2026-11-17T06:30', ...days.slice(1)]), now)).toBe(null)
})
