import type { IncidentRow } from '../../server/contracts/incidents.ts'

const secondMs = 1_000
// Life and urgent ones climb by the server's steps; theirs is the answer target.
const answerTargetMs = 15 * secondMs
const secondTargetMs = 60 * secondMs

export type Lateness = '' | 'amber' | 'red'
type Waits = Pick<IncidentRow, 'status' | 'class' | 'queuedAt' | 'rankAt' | 'quietUntil'>

/** How long it may wait: a life or an urgent one its seconds, others what their class allows, which stands beside it in words. */
export const targetMs = ({ class: incidentClass, queuedAt, rankAt }: Waits): number =>
  incidentClass <= 2 ? answerTargetMs : Math.max(answerTargetMs, Date.parse(rankAt) - Date.parse(queuedAt))

/**
 * Each by its own target: a flat battery after nineteen seconds is late for nobody, and a life is after fifteen. Amber once it is
 * passed, red after four times as long for a life or an urgent one and twice for the others. Pure.
 */
export function lateness(row: Waits, nowMs: number): Lateness {
  if (row.status !== 'waiting') return ''
  const since = Math.max(Date.parse(row.queuedAt), row.quietUntil ? Date.parse(row.quietUntil) : 0)
  const waited = nowMs - since
  const target = targetMs(row)
  const second = row.class <= 2 ? secondTargetMs : 2 * target
  return waited >= second ? 'red' : waited >= target ? 'amber' : ''
}
