import fc from 'fast-check'
import { expect, test } from 'vitest'
import { turns } from '../../server/platform/turns.ts'

test('never more are at work than may be, all who were let in have their turn in order, and the rest are told at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 5 }),
      fc.nat(20),
      async (max, wait, n) => {
        const line = turns({ atOnceMax: max, waitingMax: wait })
        const order: number[] = []
        let [under, most] = [0, 0]
        const results = await Promise.all(
          Array.from({ length: n }, (_, i) =>
            line
              .take(async () => {
                order.push(i)
                most = Math.max(most, ++under)
                await Promise.resolve()
                under--
                if (i % 5 === 4) throw new Error('a fault gives the place on, too')
                return i
              })
              .catch(() => i),
          ),
        )
        expect(most).toBeLessThanOrEqual(max)
        expect(order).toEqual([...order].sort((a, b) => a - b))
        expect(results.filter((one) => one !== 'full')).toHaveLength(Math.min(n, max + wait))
        expect(await line.take(async () => 'free')).toBe('free')
      },
    ),
  )
})
