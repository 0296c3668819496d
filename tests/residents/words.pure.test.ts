import { expect, test } from 'vitest'
import { makeDistrict } from '../../prisma/demo/district.ts'
import { step } from '../../server/devices/machine.ts'
import { toE164 } from '../../server/platform/phone.ts'
import { searchPatterns, searchText } from '../../server/platform/search-text.ts'

test('a name is found by its characters, its pinyin and its initials', () => {
  const text = searchText(['王秀英'], ['+8613800138000'])
  for (const word of ['王秀', 'wangxiuying', 'wxy', '8613800138000']) expect(text).toContain(word)
})
test('what a person types cannot act as a wildcard', () => {
  expect(searchPatterns('50% a_b')).toEqual(['%50\\%%', '%a\\_b%'])
})
test('numbers are normalised whichever way they are written', () => {
  for (const text of ['13800138000', '+86 138 0013 8000', '0086-13800138000', '138-0013-8000'])
    expect(toE164(text)).toBe('+8613800138000')
  expect(toE164('0571-8765 4321')).toBe('+8657187654321')
  expect(toE164('not a number')).toBeUndefined()
})
test('the same seed makes the same district, and it is a plausible one', () => {
  const now = new Date('2026-11-24T00:00:00Z')
  const district = makeDistrict(1, now)
  expect(makeDistrict(1, now)).toEqual(district)
  expect(makeDistrict(2, now).residents[0]).not.toEqual(district.residents[0])
  expect([
    district.areas.length,
    district.residents.length,
    district.devices.length,
    district.providers.length,
    district.responders.length,
  ]).toEqual([13, 3000, 900, 120, 400])
  const ages = district.residents.map((one) => (now.getTime() - new Date(one.birthDate).getTime()) / 31_557_600_000)
  expect(ages.filter((age) => age >= 60).length / ages.length).toBeGreaterThan(0.8)
  expect(new Set(district.residents.map((one) => one.phone).filter(Boolean)).size).toBe(
    district.residents.filter((one) => one.phone).length,
  )
})
test('a device goes through its states in order, and a test has an end', () => {
  const now = new Date('2026-11-24T10:00:00Z')
  const with_ = { kind: 'pendant', residentId: 'r', testExpiresAt: null, now }
  expect(step('registered', 'activated', with_)).toEqual({ to: 'activated' })
  expect(step('registered', 'in-service', with_)).toMatchObject({ refused: 'no-such-step' })
  expect(step('in-service', 'in-test', with_)).toMatchObject({ refused: 'test-needs-end' })
  expect(step('in-service', 'in-test', { ...with_, testExpiresAt: new Date('2026-11-25T10:00:00Z') })).toEqual({
    to: 'in-test',
  })
  expect(step('activated', 'in-service', { ...with_, residentId: null })).toMatchObject({ refused: 'no-resident' })
})
