import fc from 'fast-check'
import { expect, test } from 'vitest'
import { metresBetween, spread } from '../../console/dispatch/spread.ts'

const at = (x: number, y: number) => ({ x, y })

test('marks that lie apart are not moved, and the house never is', () => {
  expect(spread([at(0, 0), at(50, 0), at(0, 60)], 24)).toEqual([at(0, 0), at(50, 0), at(0, 60)])
  expect(spread([at(10, 10), at(10, 10), at(12, 10)], 24)[0]).toEqual(at(10, 10))
})
test('marks on one spot can all be read', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ x: fc.integer({ max: 40 }), y: fc.integer({ max: 40 }) }), { maxLength: 8 }),
      (list) => {
        const points = [at(0, 0), ...list.map(({ x, y }) => at(Math.abs(x) % 40, Math.abs(y) % 40))]
        const placed = spread(points, 22)
        for (const [i, a] of placed.entries())
          for (const b of placed.slice(0, i)) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(11)
      },
    ),
  )
})
test('a kilometre is a kilometre', () => {
  expect(metresBetween({ lat: 30, lon: 120 }, { lat: 30.009, lon: 120 })).toBeCloseTo(1001, -1)
  expect(metresBetween({ lat: 30, lon: 120 }, { lat: 30, lon: 120 })).toBe(0)
})
