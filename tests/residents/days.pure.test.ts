import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ageOn, dayAt } from '../../server/contracts/days.ts'

test('who was born on this day eighty-five years ago is eighty-five today, and was eighty-four yesterday', () => {
  expect(ageOn('1941-12-01', '2026-12-01')).toBe(85)
  expect(ageOn('1941-12-01', '2026-11-30')).toBe(84)
})
test('who was born on 29 February is a year older on 1 March where there is none', () => {
  expect(ageOn('1940-02-29', '2026-02-28')).toBe(85)
  expect(ageOn('1940-02-29', '2026-03-01')).toBe(86)
  expect(ageOn('1940-02-29', '2028-02-29')).toBe(88)
})
test('the day is that of the centre, whatever the zone of the desk and of the server', () => {
  expect(dayAt(new Date('2026-11-30T15:59:59Z'))).toBe('2026-11-30')
  expect(dayAt(new Date('2026-11-30T16:00:00Z'))).toBe('2026-12-01')
})
test('an age grows by one on each birthday and on no other day', () => {
  const time = fc.integer({ min: Date.UTC(1900, 0, 1), max: Date.UTC(2099, 0, 1) })
  const dayMs = 86_400_000
  fc.assert(
    fc.property(time, time, (born, now) => {
      const [birth, day, next] = [born, now, now + dayMs].map((at) => dayAt(new Date(at))) as [string, string, string]
      const grown = ageOn(birth, next) - ageOn(birth, day)
      const leapDay = birth.endsWith('02-29') && next.endsWith('03-01')
      if (grown === 1) expect(next.slice(5) === birth.slice(5) || leapDay).toBe(true)
      else expect(grown).toBe(0)
    }),
    { numRuns: 5_000 },
  )
})
