import { expect, test } from 'vitest'
import { farText } from '../../server/contracts/distance.ts'
import { notThemselves } from '../../server/dispatch/not-themselves.ts'
import { requestText } from '../../server/dispatch/texts.ts'
import { farAwayM, isNowhere, metresBetween, placeField } from '../../server/platform/place.ts'

test('a helper who has 467 m to go is told 467 m, as the desk and their page say it', () => {
  expect([farText(0), farText(467), farText(999), farText(1000), farText(2345)]).toEqual([
    '0 m',
    '467 m',
    '999 m',
    '1.0 km',
    '2.3 km',
  ])
  const request = { language: 'en', promiseAt: new Date('2026-11-24T10:00:00Z'), service: '助起', serviceEn: 'Help up' }
  expect(requestText({ ...request, distanceM: 467 }, 'L', false)).toContain('467 m away')
  expect(requestText({ ...request, distanceM: null }, 'L', false)).not.toMatch(/away|null/)
})
test('zero, zero is no place; the equator and the meridian of Greenwich are', () => {
  expect(isNowhere({ lat: 0, lon: 0 })).toBe(true)
  expect(isNowhere({ lat: -0.001, lon: 0.009 })).toBe(true)
  expect(isNowhere({ lat: 0, lon: 102.5 })).toBe(false)
  expect(isNowhere({ lat: 51.48, lon: 0 })).toBe(false)
})
test('latitude and longitude that were exchanged are noticed', () => {
  const home = { lat: 30.25, lon: 120.15 }
  expect(metresBetween(home, { lat: 30.26, lon: 120.15 })).toBeCloseTo(1112, -1)
  expect(placeField({ lat: 30.4, lon: 120.2 }, home)).toBeUndefined()
  expect(placeField({ lat: 30.25, lon: 121.15 }, home)).toMatchObject({ refused: 'invalid' })
  expect(metresBetween(home, { lat: 30.25, lon: 121.15 })).toBeGreaterThan(farAwayM)
})
test('the telephone of whoever needs help is theirs, however it was written', () => {
  const phones = { own: new Set(['+8613812345678']), family: new Set(['+8657187654321']) }
  expect(
    notThemselves([{ phone: '138 1234 5678' }, { phone: '0571-87654321' }, { phone: '+8613900000000' }], phones),
  ).toEqual([
    { phone: '0571-87654321', family: true },
    { phone: '+8613900000000', family: false },
  ])
})
