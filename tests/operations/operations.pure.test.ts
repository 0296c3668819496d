import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { makeMetrics } from '../../server/platform/metrics.ts'

const read = (name: string) => readFileSync(join(import.meta.dirname, '../../server/operations', name), 'utf8')
type Rule = { alert: string; expr: string; labels: { severity: string }; annotations: { summary: string } }
const rules = (parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules)
type Panel = { title: string; targets?: { expr: string }[] }
const dashboard = JSON.parse(read('dashboard.json')) as { panels: Panel[] }
const asked = [
  ...rules.map(({ alert, expr }) => ({ where: `alert ${alert}`, expr })),
  ...dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ where: `panel ${title}`, expr })),
  ),
]
const { registry } = makeMetrics()
type Kept = { labelNames: string[]; type: string }
/** The metric that a written name means, with the labels it has in Prometheus. */
function meant(written: string): { name: string; labels: string[] } | undefined {
  const common = ['instance', 'job']
  const plain = registry.getSingleMetric(written) as unknown as Kept | undefined
  if (plain) return plain.type === 'histogram' ? undefined : { name: written, labels: [...plain.labelNames, ...common] }
  const name = written.replace(/_(bucket|sum|count)$/, '')
  const histogram = registry.getSingleMetric(name) as unknown as Kept | undefined
  if (histogram?.type !== 'histogram') return undefined
  return { name, labels: [...histogram.labelNames, ...common, ...(written.endsWith('_bucket') ? ['le'] : [])] }
}
const named = (expr: string) => [...expr.matchAll(/\b(?:yihu|nodejs|process)_\w+/g)].map(([name]) => name)

test('every figure that an alert or the dashboard asks for is one that the program tells, with these labels', () => {
  expect(asked.length).toBeGreaterThan(50)
  for (const { where, expr } of asked) {
    for (const written of named(expr)) expect([where, written, meant(written)?.name]).not.toContain(undefined)
    const labels = named(expr).flatMap((written) => meant(written)?.labels ?? [])
    const used = [
      ...[...expr.matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, list]) => (list as string).split(',')),
      ...[...expr.matchAll(/\b(\w+)=~?"/g)].map(([, label]) => label as string),
    ].map((label) => label.trim())
    for (const label of used.filter(() => labels.length > 0))
      expect([where, label, labels.includes(label)]).toEqual([where, label, true])
  }
})

test('a threshold of seconds is one that the histogram counts', () => {
  for (const { where, expr } of asked)
    for (const [, written, le] of expr.matchAll(/(\w+)_bucket\{[^}]*le="([^"]+)"/g)) {
      const { upperBounds } = registry.getSingleMetric(written as string) as unknown as { upperBounds: number[] }
      expect([where, upperBounds.includes(Number(le))]).toEqual([where, true])
    }
})

test('nothing is measured that nobody looks at', () => {
  const seen = new Set(asked.flatMap(({ expr }) => named(expr).map((written) => meant(written)?.name)))
  const told = registry.getMetricsAsArray().map(({ name }) => name)
  expect(told.filter((name) => name.startsWith('yihu_') && !seen.has(name))).toEqual([])
})

test('every alert has an entry in the runbook that says what it means, what to do first and when it is over; none is left over', () => {
  const entries = read('runbook.md').split(/^## /m).slice(1)
  const of = (alert: string) => entries.find((entry) => entry.startsWith(`${alert}\n`)) ?? ''
  for (const { alert, labels, annotations } of rules) {
    for (const word of ['**Means**', '**First**', '**Over**'])
      expect([alert, of(alert).includes(word)]).toEqual([alert, true])
    expect(['page', 'warn', 'info']).toContain(labels.severity)
    expect(annotations.summary).not.toBe('')
  }
  expect(entries.map((entry) => entry.split('\n')[0]).sort()).toEqual(rules.map(({ alert }) => alert).sort())
})
