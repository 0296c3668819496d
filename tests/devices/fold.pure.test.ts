import { expect, test } from 'vitest'
import { foldLost, type Lost } from '../../server/devices/fold.ts'

const now = new Date('2026-11-27T03:00:00Z')
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const lost = (n: number, fold: string | null, others: number, at = (_: number) => now): Lost[] =>
  Array.from({ length: n }, (_, i) => ({
    id: `${fold}-${i}`,
    residentId: null,
    class: 4,
    fold,
    others,
    silentSince: at(i),
  }))
const shape = (devices: Lost[], out: string[] = []) => {
  const told = foldLost(devices, new Set(out), now)
  return [told.alone.length, told.outages.map((one) => one.devices.length)]
}

test('five of eight that fall silent together are one matter; four are not, nor five of nine', () => {
  expect(shape(lost(5, 'g', 8))).toEqual([0, [5]])
  expect(shape(lost(4, 'g', 5, () => before(300)))).toEqual([4, []])
  expect(shape(lost(5, 'g', 9, () => before(300)))).toEqual([5, []])
})

test('where they could be folded each waits five minutes for the others, and no longer', () => {
  expect(shape(lost(1, 'g', 10, () => before(299)))).toEqual([0, []])
  expect(shape(lost(1, 'g', 10, () => before(300)))).toEqual([1, []])
})

test('those that were lost over a longer time do not count together', () => {
  expect(shape(lost(6, 'g', 6, (i) => before(i * 200)))).toEqual([4, []])
})

test('a device that hangs on nothing, or with few others, is told of at once; one of a known outage joins it', () => {
  expect(shape([...lost(2, null, 0), ...lost(1, 'small', 3)])).toEqual([3, []])
  expect(shape(lost(1, 'g', 10), ['g'])).toEqual([0, [1]])
})
