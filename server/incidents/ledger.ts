import type { Ledger } from '../contracts/incidents.ts'
import { after } from '../platform/clock.ts'
import { enqueue, keepTimers } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { load } from './store.ts'
import { claimStaleAfterMs, timersOf } from './timers.ts'

/**
 * The conservation ledger: each open incident has one owner with a live claim, or waits with a running escalation, or is
 * held with a running return. What holds none of these is a breach: somebody is forgotten.
 */
export async function readLedger({ db, clock }: Pick<Parts, 'db' | 'clock'>, paths: string[]): Promise<Ledger> {
  const [row] = await db.query<Ledger>(
    `WITH open AS (
       SELECT i.id, i.status, i.owner_id, i.held_until, i.claim_at,
         coalesce((SELECT array_agg(o.kind) FROM outbox o WHERE o.subject = i.id::text), '{}') AS timers
       FROM incident i WHERE i.status <> 'closed' AND i.area_path LIKE ANY ($1)
     ), judged AS (
       SELECT *, CASE
         WHEN status = 'waiting' THEN owner_id IS NULL AND 'escalate-incident' = ANY (timers)
         WHEN owner_id IS NULL THEN false
         WHEN status = 'wrap-up' THEN 'end-wrap-up' = ANY (timers)
         WHEN held_until IS NOT NULL AND NOT 'return-held' = ANY (timers) THEN false
         ELSE claim_at > $2 OR 'check-claim' = ANY (timers) END AS holds
       FROM open
     )
     SELECT count(*)::int AS open,
       (count(*) FILTER (WHERE status <> 'waiting' AND held_until IS NULL))::int AS owned,
       (count(*) FILTER (WHERE status = 'waiting'))::int AS waiting,
       (count(*) FILTER (WHERE held_until IS NOT NULL))::int AS held,
       (count(*) FILTER (WHERE holds IS NOT TRUE))::int AS breaches,
       coalesce(array_agg(id) FILTER (WHERE holds IS NOT TRUE), '{}') AS "breachedIds"
     FROM judged`,
    [paths.map((path) => `${path}%`), after(clock.now(), -claimStaleAfterMs)],
  )
  return row as Ledger
}

/**
 * The sweeper: publishes the number of breaches, re-arms their timers from the row, and lets the leaders hear of it.
 * Timers live in the database, so this finds something only after a fault; that is why it shouts.
 */
export async function sweepLedger(parts: Parts): Promise<number> {
  const ledger = await readLedger(parts, ['/'])
  parts.metrics.ledgerBreaches.set(ledger.breaches)
  for (const id of ledger.breachedIds) {
    parts.log.error({ incident: id }, 'ledger breach: timers set again')
    await parts.db.transaction(async (tx) => {
      const incident = await load(tx, id)
      if (!incident) return
      await keepTimers(tx, id, [], timersOf(incident, parts.clock.now()))
      if (incident.status === 'waiting') await enqueue(tx, 'route-incident', id, parts.clock.now())
      parts.realtime.toSupervisors(incident.areaPath, 'alert.raised', {
        id: `ledger:${id}`,
        kind: 'ledger-breach',
        incidentId: id,
        at: parts.clock.now().toISOString(),
      })
    })
  }
  return ledger.breaches
}
