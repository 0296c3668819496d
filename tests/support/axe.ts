import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'

/** axe-core's serious and critical findings, named with where; `rules` asks for these alone. */
export async function faults(page: Page, rules?: string[]): Promise<string[]> {
  const builder = new AxeBuilder({ page })
  if (rules) builder.withRules(rules)
  else builder.withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'])
  const { violations } = await builder.analyze()
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .map(
      (one) =>
        `${one.id}: ${one.nodes
          .slice(0, 4)
          .map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`)
          .join(' | ')}`,
    )
}
