import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countMatters, groupAlerts } from '../../console/queue/alert-groups.ts'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import { type AlertView, alertKinds } from '../../server/contracts/queue.ts'
import { graverFirst } from '../../server/queue/alerts.ts'

const statuses = ['waiting', 'triage', 'response', 'wrap-up', 'closed'] as const
const row = fc.record({
  id: fc.nat(40).map((n) => `i${n}`),
  class: fc.integer({ min: 1, max: 5 }),
  status: fc.constantFrom(...statuses),
  queuedAt: fc.nat(900).map((seconds) => new Date(Date.UTC(2026, 10, 30) + seconds * 1_000).toISOString()),
}) as fc.Arbitrary<Partial<IncidentRow>>
const alerts = fc
  .uniqueArray(row, { selector: (one) => one.id, maxLength: 40 })
  .chain((rows) =>
    fc.array(
      fc.record({
        row: fc.option(fc.constantFrom(...(rows.length > 0 ? rows : [null]))),
        kind: fc.constantFrom(...alertKinds),
        at: fc.nat(900).map((seconds) => new Date(Date.UTC(2026, 10, 30, 1) + seconds * 1_000).toISOString()),
      }),
      { maxLength: 120 },
    ),
  )
  .map((all) => all.map((one, i) => ({ ...one, id: String(i) })) as unknown as AlertView[])

test('in a storm of presses the life that waits longest stands on top, and each incident once', () => {
  fc.assert(
    fc.property(alerts, (all) => {
      const groups = groupAlerts(all)
      const cases = [...groups.unhelped, ...groups.inHand, ...groups.closed]
      expect(new Set(cases.map((one) => one.row.id)).size).toBe(cases.length)
      // Nothing is lost and nothing is made up.
      expect(cases.reduce((n, one) => n + one.alerts.length, 0) + groups.other.length).toBe(all.length)
      expect(countMatters(groups)).toBe(cases.length + groups.other.length)
      for (const list of [groups.unhelped, groups.inHand, groups.closed])
        for (const [i, one] of list.entries()) {
          const next = list[i + 1]
          if (next) expect([one.row.class, one.row.queuedAt] <= [next.row.class, next.row.queuedAt]).toBe(true)
        }
      expect(groups.unhelped.every((one) => one.row.status === 'waiting')).toBe(true)
    }),
  )
})

test('what the list has no room for is the least grave: the server sends whom nobody helps first', () => {
  fc.assert(
    fc.property(alerts, fc.nat(60), (all, room) => {
      const sent = [...all].sort(graverFirst).slice(0, room)
      const worst = (list: AlertView[]) => list.filter((one) => one.row?.status === 'waiting')
      const kept = worst(sent)
      for (const one of worst(all.filter((alert) => !sent.includes(alert))))
        for (const other of kept) expect(other.row?.class).toBeLessThanOrEqual(one.row?.class as number)
    }),
  )
})
