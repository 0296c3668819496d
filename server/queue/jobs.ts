import { ringCalls } from '../calls/store.ts'
import { callPush } from '../calls/view.ts'
import { commitFacts } from '../incidents/change.ts'
import { ensureTimer, timerJob } from '../incidents/jobs.ts'
import { endTransfer, escalate } from '../incidents/machine.ts'
import { actorOf } from '../incidents/model.ts'
import { lock } from '../incidents/store.ts'
import { onCallStep } from '../incidents/timers.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Jobs } from '../platform/jobs.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import type { Offer } from './model.ts'
import { ringOnCall } from './on-call.ts'
import { checkOverflow } from './overflow.ts'
import { routeIncidents, tellLeaders } from './route-incident.ts'
import { offerColumns } from './store.ts'
import { offerPush } from './view.ts'

const leaderStep = 3
const hardLimitStep = 5

/** A transfer that is meant for them no more: taken back, or the incident went elsewhere. */
const over = '(offer.from_id IS NOT NULL AND NOT coalesce(i.offered_to = ANY (offer.operators), false))'

/** The colleague did not come to it: it stays with who has it, and they see it. */
async function rangOut(parts: Parts, tx: Tx, incidentId: string, now: Date): Promise<void> {
  const incident = await lock(tx, incidentId)
  const decision = incident && endTransfer(incident, { now, actor: actorOf.system, because: 'rang-out' })
  if (decision && 'facts' in decision) await commitFacts(parts, tx, incident, decision.facts)
}

/** Nobody answered in time: it rings on at somebody else. Offers that ended meanwhile, or ring on, are left alone. */
async function expireOffers(parts: Parts, ids: string[]): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const now = parts.clock.now()
    // Incident, call, offer: whoever answers locks in this order, so everybody does.
    await tx.query(
      'SELECT 1 FROM incident WHERE id IN (SELECT incident_id FROM offer WHERE id = ANY ($1)) ORDER BY id FOR UPDATE',
      [ids],
    )
    const expired = await tx.query<Offer & { path: string }>(
      `UPDATE offer SET status = CASE WHEN ${over} THEN 'withdrawn' ELSE 'expired' END, ended_at = $2, version = offer.version + 1, seq = nextval('change_seq')
       FROM incident i WHERE offer.id = ANY ($1) AND offer.status = 'ringing' AND (offer.expires_at <= $2 OR ${over}) AND i.id = offer.incident_id
       RETURNING ${offerColumns}, i.area_path AS path`,
      [ids, now],
    )
    for (const { fromId, incidentId, status } of expired)
      if (fromId && status === 'expired') await rangOut(parts, tx, incidentId, now)
    const early = await tx.query<{ id: string; due: Date }>(
      `SELECT id, expires_at AS due FROM offer WHERE id = ANY ($1) AND status = 'ringing'`,
      [ids],
    )
    for (const offer of early) await ensureTimer(tx, 'expire-offer', offer.id, offer.due)
    for (const offer of expired) await enqueue(tx, 'route-incident', offer.incidentId, now)
    const calls = await ringCalls(
      tx,
      expired.map((offer) => offer.incidentId),
      false,
    )
    tx.afterCommit(() => {
      parts.metrics.offersExpired.inc(expired.length)
      for (const call of calls) parts.realtime.toArea(call.areaPath, 'call.changed', callPush(call))
      for (const { path, ...offer } of expired) parts.realtime.toArea(path, 'offer.changed', offerPush(offer))
      parts.outbox.kick()
    })
  })
}

export function queueJobs(parts: Parts) {
  const escalateJob = timerJob(parts, 'escalate-incident', escalate, async (tx, incident, said) => {
    const { id, escalation, limitOpen, onCallAt } = incident
    // Past the hard limit nobody falls silent: the leaders hear again each minute until it is answered or dismissed.
    if (!said && (!limitOpen || onCallAt)) return
    await enqueue(tx, 'route-incident', id, parts.clock.now())
    if (escalation >= leaderStep) await enqueue(tx, 'tell-leaders', id, parts.clock.now())
    if (escalation >= onCallStep) await enqueue(tx, 'ring-on-call', id, parts.clock.now())
  })
  return {
    'route-incident': async () => routeIncidents(parts),
    'expire-offer': (ids) => expireOffers(parts, ids),
    'escalate-incident': escalateJob,
    'ring-on-call': async (ids) => {
      for (const id of ids) await ringOnCall(parts, id)
    },
    'check-overflow': async (ids) => {
      for (const id of ids) await checkOverflow(parts, id)
    },
    'tell-leaders': async (ids) => {
      const rows = await parts.db.query<{ id: string; escalation: number }>(
        `SELECT id, escalation FROM incident WHERE id = ANY ($1) AND status = 'waiting'`,
        [ids],
      )
      for (const row of rows)
        await tellLeaders(parts, row.id, row.escalation >= hardLimitStep ? 'hard-limit' : 'unanswered')
    },
  } satisfies Jobs
}

/** Offers without a running timer, after a fault: set again from the row. */
export async function sweepOffers(parts: Parts): Promise<void> {
  await parts.db.transaction(async (tx) => {
    const lost = await tx.query<{ id: string; due: Date }>(
      `SELECT o.id, o.expires_at AS due FROM offer o WHERE o.status = 'ringing' AND o.expires_at < $1
       AND NOT EXISTS (SELECT 1 FROM outbox x WHERE x.subject = o.id::text AND x.kind = 'expire-offer')`,
      [after(parts.clock.now(), -5_000)],
    )
    for (const offer of lost) await enqueue(tx, 'expire-offer', offer.id, offer.due)
  })
}
