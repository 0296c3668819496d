import type { Role } from '../contracts/vocabulary.ts'

type Held = { role: string; areaId: string }

/** Who makes accounts could watch over themselves, and who leads or reads the audit could judge their own looks. */
const pairs: [Role, Role][] = [
  ['area-administrator', 'supervisor'],
  ['area-administrator', 'auditor'],
  ['supervisor', 'auditor'],
]
const togetherTooMuch = (one: string, other: string) =>
  pairs.some(([a, b]) => (one === a && other === b) || (one === b && other === a))

/**
 * Which of the wanted roles are held at once, and which only when a second administrator has said yes. What was held before stays;
 * of new ones the first of a pair is held. Pure.
 */
export function withSecondYes<R extends Held>(wanted: R[], before: Held[]): { held: R[]; asked: R[] } {
  const had = (one: R) => before.some(({ role, areaId }) => role === one.role && areaId === one.areaId)
  const held = wanted.filter(had)
  const asked: R[] = []
  for (const one of wanted.filter((role) => !had(role)))
    (held.some(({ role }) => togetherTooMuch(role, one.role)) ? asked : held).push(one)
  return { held, asked }
}
