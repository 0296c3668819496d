import { expect, test } from 'vitest'
import { readEnv } from '../../server/platform/env.ts'

test('panels have numbers of their own, and never that of the residents', () => {
  expect(readEnv({}).contactIdNumbers).toEqual([])
  expect(readEnv({ CONTACT_ID_NUMBERS: ' 80001234, +8657112345678 ' }).contactIdNumbers).toEqual([
    '80001234',
    '+8657112345678',
  ])
  expect(() => readEnv({ CONTACT_ID_NUMBERS: '80001234,12349' })).toThrow(/number of the residents/)
  expect(() => readEnv({ CONTACT_ID_NUMBERS: 'panels' })).toThrow(/as the trunk dials them/)
})
