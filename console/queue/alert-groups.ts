import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { AlertView } from '../../server/contracts/queue.ts'

/** One incident with all that was raised about it. */
export type Case = { row: IncidentRow; alerts: AlertView[] }
export type Groups = {
  /** Nobody has them: life first, then by wait. */
  unhelped: Case[]
  /** Somebody has them, and something is wrong. */
  inHand: Case[]
  /** Closed without an outcome, to be looked at; later than anything that is open. */
  closed: Case[]
  /** About no incident: failing work, strangers' devices, tests. */
  other: AlertView[]
}

const graver = (a: Case, b: Case): number =>
  a.row.class - b.row.class || a.row.queuedAt.localeCompare(b.row.queuedAt) || a.row.id.localeCompare(b.row.id)

/** One row an incident, however many alerts it has: in a storm of presses the life alarm of a quarter of an hour ago stands on top. Pure. */
export function groupAlerts(alerts: AlertView[]): Groups {
  const cases = new Map<string, Case>()
  const other: AlertView[] = []
  for (const alert of alerts) {
    if (!alert.row) other.push(alert)
    else {
      const held = cases.get(alert.row.id)
      if (held) held.alerts.push(alert)
      else cases.set(alert.row.id, { row: alert.row, alerts: [alert] })
    }
  }
  const all = [...cases.values()].sort(graver)
  return {
    unhelped: all.filter(({ row }) => row.status === 'waiting'),
    inHand: all.filter(({ row }) => row.status !== 'waiting' && row.status !== 'closed'),
    closed: all.filter(({ row }) => row.status === 'closed'),
    other,
  }
}

/** Nobody may put this one aside without a reason, which is given in the list. */
export const staysOpen = ({ alerts }: Case): boolean => alerts.some((alert) => alert.kind === 'hard-limit')

/** How many matters need a leader: incidents once each, and what is about none. Pure. */
export const countMatters = ({ unhelped, inHand, closed, other }: Groups): number =>
  unhelped.length + inHand.length + closed.length + other.length
