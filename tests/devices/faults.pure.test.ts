import { expect, test } from 'vitest'
import { batteryStep } from '../../server/devices/battery.ts'
import { pressedForReal } from '../../server/devices/test-presses.ts'

const lines = { low: 0.2, restored: 0.3 }
test.each([
  ['well, and nobody was told', 0.8, false, undefined],
  ['at the line is not below it', 0.2, false, undefined],
  ['just below the line', 0.19, false, 'low'],
  ['empty', 0, false, 'low'],
  ['lower still, and told already', 0.1, true, undefined],
  ['back above the lower line only', 0.21, true, undefined],
  ['just below the upper line', 0.29, true, undefined],
  ['at the upper line', 0.3, true, 'restored'],
  ['a new cell', 1, true, 'restored'],
])('a battery that is %s', (_, battery, told, step) => {
  expect(batteryStep(battery, lines, told)).toBe(step)
})

test('a battery that swings between the lines is told once, and once again after it was well', () => {
  let told = false
  const steps = [0.5, 0.19, 0.25, 0.19, 0.29, 0.18, 0.3, 0.29, 0.19].map((battery) => {
    const step = batteryStep(battery, lines, told)
    if (step) told = step === 'low'
    return step
  })
  expect(steps.filter(Boolean)).toEqual(['low', 'restored', 'low'])
})

const at = (...seconds: number[]) => seconds.map((s) => new Date(s * 1_000)).reverse()
test.each([
  ['one press is the test', at(0), false],
  ['two may be the test and one more try', at(0, 5), false],
  ['the test, and two within two minutes', at(0, 600, 720), true],
  ['two minutes and a second apart', at(0, 600, 721), false],
  ['three at once', at(0, 1, 2), true],
])('in test: %s', (_, presses, forReal) => {
  expect(pressedForReal(presses)).toBe(forReal)
})
