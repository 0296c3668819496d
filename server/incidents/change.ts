import type { Alert } from '../contracts/queue.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue, keepTimers } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import type { Decision, Fact } from './model.ts'
import { lock, type Stored, save } from './store.ts'
import { timersOf } from './timers.ts'
import { pushOf, rowView } from './view.ts'

type Change = {
  id: string
  /** The version that the operator saw; undefined takes the present one. */
  version?: number | undefined
  /** Whoever asks must be able to see it; outside of their scope it does not exist. */
  inScope?: (areaPath: string) => boolean
  decide: (incident: Stored, tx: Tx) => Decision | Promise<Decision>
  /** What else belongs into the same transaction. */
  also?: (tx: Tx, change: { before: Stored; after: Stored; facts: Fact[] }) => Promise<void>
}

/** Load, decide, commit, hand on: the one way in which an incident changes after it was opened. */
export async function changeIncident(parts: Parts, change: Change): Promise<Stored | Refusal> {
  return parts.db.transaction(async (tx) => {
    const before = await lock(tx, change.id)
    if (!before || (change.inScope && !change.inScope(before.areaPath))) return refuse('not-found')
    if (change.version !== undefined && change.version !== before.version)
      return refuse('stale-version', 'It has changed meanwhile. Look again and decide anew.')
    const decision = await change.decide(before, tx)
    if ('refused' in decision) return decision
    return commitFacts(parts, tx, before, decision.facts, change.also)
  })
}

/** Saves decided facts with the timers that the new state needs; pushes after the commit. */
export async function commitFacts(
  parts: Parts,
  tx: Tx,
  before: Stored,
  facts: Fact[],
  also?: Change['also'],
): Promise<Stored> {
  const after = await save(tx, before, facts)
  if (facts.length > 0) await handOnWork(parts, tx, before, after, facts)
  await parts.conversations.follow(parts, tx, after, facts)
  await also?.(tx, { before, after, facts })
  if (facts.length > 0) {
    tx.afterCommit(() => {
      const row = rowView(after)
      for (const { type, at } of facts) {
        parts.metrics.facts.inc({ type })
        parts.trace.station(after.id, { name: type, from: at, to: parts.clock.now() })
      }
      parts.realtime.toArea(after.areaPath, 'incident.changed', pushOf(row))
      if (facts.some((fact) => fact.type === 'claim-stale')) alertLeaders(parts, after, 'claim-stale')
      if (facts.some((fact) => fact.type === 'closed' && fact.data.because === 'wrap-up-lapsed'))
        alertLeaders(parts, after, 'wrap-up-lapsed')
      parts.outbox.kick()
    })
  }
  return after
}

/** A team leader hears of it: a push to the supervisors of the area. The list of alerts is a query, this only wakes it. */
export function alertLeaders(parts: Parts, incident: Stored, kind: Alert['kind']): void {
  parts.realtime.toSupervisors(incident.areaPath, 'alert.raised', {
    id: `${kind}:${incident.id}:${incident.version}`,
    kind,
    incidentId: incident.id,
    at: parts.clock.now().toISOString(),
  })
}

/** After these the queue is looked at afresh: it waits again, or an operator has become free, or their telephone. */
const freeing: Fact['type'][] = [
  'requeued',
  'held',
  'dispatched',
  'transferred',
  'taken-over',
  'resolved',
  'closed',
  'call-ended',
]

async function handOnWork(parts: Parts, tx: Tx, before: Stored, after: Stored, facts: Fact[]): Promise<void> {
  const now = parts.clock.now()
  await keepTimers(tx, after.id, timersOf(before, now), timersOf(after, now))
  if (facts.some((fact) => freeing.includes(fact.type))) await enqueue(tx, 'route-incident', after.id, now)
  // Handed over no more, whatever became of it: what still rings at the colleague is cleared away.
  if (before.offeredTo && before.offeredTo !== after.offeredTo) {
    const ringing = await tx.query<{ id: string }>(
      `SELECT id FROM offer WHERE incident_id = $1 AND status = 'ringing' AND from_id IS NOT NULL`,
      [after.id],
    )
    for (const { id } of ringing) await enqueue(tx, 'expire-offer', id, now)
  }
  // It came while its number was closed, and cannot wait until it opens.
  if (before.quietUntil && !after.quietUntil && after.status === 'waiting')
    await enqueue(tx, 'route-incident', after.id, now)
  // A rung that was dialled by hand came to nothing: the next one is climbed now.
  if (after.ladderRung !== null && facts.some((fact) => fact.type === 'contact-result'))
    await enqueue(tx, 'climb-ladder', after.id, now)
  if (facts.some((fact) => fact.type === 'closed')) {
    await enqueue(tx, 'schedule-follow-up', after.id, now)
    if (after.residentId) await enqueue(tx, 'tell-family', after.id, now)
  }
}
