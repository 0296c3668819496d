import fc from 'fast-check'
import { expect, test } from 'vitest'
import { phoneFault, phoneField, readPhone, toE164 } from '../../server/platform/phone.ts'

test('a landline with its area code, a mobile, a service line and a foreign number are taken', () => {
  expect(toE164('(0571) 8765-4321')).toBe('+8657187654321')
  expect(toE164('010-12345678')).toBe('+861012345678')
  expect(toE164('400-820-8820')).toBe('+864008208820')
  expect(toE164('+1 415 555 2671')).toBe('+14155552671')
})
test('a number from another keyboard, or pasted with marks that nobody sees, is the same number', () => {
  for (const text of [
    '１３８００１３８０００',
    '\u202d138 0013 8000\u202c',
    '138\u00a00013\u00a08000',
    "'13800138000",
    '+86－138－0013－8000',
  ])
    expect([text, toE164(text)]).toEqual([text, '+8613800138000'])
})
test('what nobody could be reached by is refused: a digit short, no area code, a short service number', () => {
  for (const text of ['1380013800', '138001380001', '87654321', '120', '110', '95588', '12345', 'abc123', '+'])
    expect([text, toE164(text)]).toEqual([text, undefined])
})
test('an empty number is none, and a wrong one names its field', () => {
  expect(phoneField('  ', 'phone')).toEqual({ phone: null })
  expect(phoneField('120', 'form.phone')).toMatchObject({ refused: 'invalid', errors: [{ path: 'form.phone' }] })
})
test('an extension is never lost without a word: it is read, and refused by name where it would not be dialled', () => {
  const written = [
    'ext. 801',
    'ext801',
    'x801',
    '#801',
    ',801',
    '，801',
    '转801',
    '轉 801',
    '分机801',
    '-801',
    ' - 801',
    ';ext=801',
  ]
  for (const tail of written) {
    const text = `0571-87654321${tail}`
    expect([text, readPhone(text)]).toEqual([text, { number: '+8657187654321', extension: '801' }])
    expect([text, toE164(text), phoneFault(text)]).toEqual([text, undefined, 'has-extension:801'])
    expect(phoneField(text, 'phone')).toMatchObject({ errors: [{ message: 'has-extension:801' }] })
  }
})
test('words and second numbers beside a number are refused, not left out', () => {
  for (const text of ['13800138000 王女士', '13800138000/13900139000', '女儿13800138000', '0571-87654321 13800138000'])
    expect([text, phoneFault(text)]).toEqual([text, 'not-a-phone-number'])
})
test('whatever is typed behind a mobile number is read as a whole or not at all', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 8, unit: 'grapheme' }), (tail) => {
      const read = readPhone(`13800138000${tail}`)
      // Of what can be seen nothing may be missing: no tail, or an extension whose digits are all of the tail's.
      const digits = tail.normalize('NFKC').replace(/\D/g, '')
      if (read?.number === '+8613800138000') expect(read.extension ?? '').toBe(digits)
    }),
    { numRuns: 2_000 },
  )
})
