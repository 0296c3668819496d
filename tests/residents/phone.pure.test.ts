import { expect, test } from 'vitest'
import { phoneField, toE164 } from '../../server/platform/phone.ts'

test('a landline with its area code, a mobile, a service line and a foreign number are taken', () => {
  expect(toE164('(0571) 8765-4321')).toBe('+8657187654321')
  expect(toE164('010-12345678')).toBe('+861012345678')
  expect(toE164('400-820-8820')).toBe('+864008208820')
  expect(toE164('+1 415 555 2671')).toBe('+14155552671')
})
test('what nobody could be reached by is refused: a digit short, no area code, a short service number', () => {
  for (const text of ['1380013800', '138001380001', '87654321', '120', '110', '95588', '12345', 'abc123', '+'])
    expect([text, toE164(text)]).toEqual([text, undefined])
})
test('an empty number is none, and a wrong one names its field', () => {
  expect(phoneField('  ', 'phone')).toEqual({ phone: null })
  expect(phoneField('120', 'form.phone')).toMatchObject({ refused: 'invalid', errors: [{ path: 'form.phone' }] })
})
