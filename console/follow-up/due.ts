import { dayAt } from '../../server/contracts/days.ts'

const soonMs = 4 * 3_600_000

export type Due = 'overdue' | 'today' | 'later'

/** Late, still today (or within the next hours, near midnight), or another day. Pure. */
export function dueOf(dueAt: string, nowMs: number): Due {
  const due = new Date(dueAt)
  if (due.getTime() < nowMs) return 'overdue'
  return dayAt(due) === dayAt(new Date(nowMs)) || due.getTime() - nowMs < soonMs ? 'today' : 'later'
}
