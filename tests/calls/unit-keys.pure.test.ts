import { expect, test } from 'vitest'
import { clearDown, keyOf } from '../../server/calls/unit-keys.ts'

test('a unit is told by the keys of its protocol; clear down is 0', () => {
  const keys = (['duplex', 'listen', 'speak', 'volume-up', 'volume-down'] as const).map((one) => keyOf(one, {}))
  expect(keys).toEqual(['4', '7', '8', '3', '1'])
  expect(clearDown.keys).toBe('0')
})
test('which of the keys is louder is known of the type, however it was written; nonsense counts as not said', () => {
  for (const volumeUp of ['1', 1]) {
    expect(keyOf('volume-up', { volumeUp })).toBe('1')
    expect(keyOf('volume-down', { volumeUp })).toBe('3')
  }
  for (const volumeUp of ['3', '2', '', true]) expect(keyOf('volume-up', { volumeUp })).toBe('3')
})
