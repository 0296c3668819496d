import { dayAt } from '../lib/zone.ts'

const soonMs = 4 * 3_600_000

export type Due = 'overdue' | 'today' | 'later'

/** Late, still today (or within the next hours, near midnight), or another day. Pure. */
export function dueOf(dueAt: string, nowMs: number): Due {
  const due = new Date(dueAt)
  if (due.getTime() < nowMs) return 'overdue'
  return dayAt(due.getTime()) === dayAt(nowMs) || due.getTime() - nowMs < soonMs ? 'today' : 'later'
}
