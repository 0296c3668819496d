import { v7 } from 'uuid'
import { changeIncident } from '../incidents/change.ts'
import { endTransfer, transfer } from '../incidents/machine.ts'
import { actorOf } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import { claimStaleAfterMs } from '../incidents/timers.ts'
import type { Caller } from '../platform/caller.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { cancel, enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { transferRingsMs } from './choose.ts'
import type { Offer } from './model.ts'
import { endOffers, isTalking, loadOffer, offerColumns } from './store.ts'
import { offerPush } from './view.ts'

type Target = { id: string; version?: number | undefined }

/** To a colleague whose console is alive, who is not on a break or away, and whose area holds the incident: it rings at them. */
export function offerTransfer(
  parts: Parts,
  caller: Caller,
  target: Target,
  said: { operatorId: string; reason: string },
): Promise<Stored | Refusal> {
  const now = parts.clock.now()
  return changeIncident(parts, {
    ...target,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) =>
      transfer(incident, {
        operatorId: caller.id,
        now,
        to: said.operatorId,
        toQualifies: await isThere(tx, said.operatorId, incident.areaPath, now),
        reason: said.reason,
      }),
    also: async (tx, { after: incident, facts }) => {
      if (facts.length === 0) return
      const offer = await ringTransfer(tx, incident, { from: caller.id, to: said.operatorId, now })
      tx.afterCommit(() => parts.realtime.toArea(incident.areaPath, 'offer.changed', offerPush(offer)))
    },
  })
}

async function isThere(tx: Tx, operatorId: string, areaPath: string, now: Date): Promise<boolean> {
  const there = await tx.query(
    `SELECT 1 FROM presence p JOIN account_role r ON r.account_id = p.account_id JOIN area a ON a.id = r.area_id
     WHERE p.account_id = $1 AND p.status = 'available' AND p.seen_at > $2 AND r.role IN ('operator', 'supervisor', 'dispatcher') AND $3 LIKE a.path || '%'`,
    [operatorId, after(now, -claimStaleAfterMs), areaPath],
  )
  return there.length > 0
}

async function ringTransfer(
  tx: Tx,
  incident: Stored,
  { from, to, now }: { from: string; to: string; now: Date },
): Promise<Offer> {
  const id = v7()
  const expiresAt = after(now, transferRingsMs)
  const soft = (await isTalking(tx, to)) ? [to] : []
  // One that was meant for somebody before and has not been cleared away yet must not stand in its way.
  await endOffers(tx, [incident.id], 'withdrawn', now)
  const [offer] = await tx.query<Offer>(
    `INSERT INTO offer (id, incident_id, round, operators, reasons, created_at, expires_at, from_id, soft)
     VALUES ($1, $2, (SELECT coalesce(max(round), 0) + 1 FROM offer WHERE incident_id = $2), ARRAY[$3::uuid], '["handed-over"]', $4, $5, $6, $7)
     RETURNING ${offerColumns}`,
    [id, incident.id, to, now, expiresAt, from, soft],
  )
  await enqueue(tx, 'expire-offer', id, expiresAt)
  return offer as Offer
}

/** The colleague says no: it stays with who has it, and they see it. */
export async function refuseTransfer(parts: Parts, caller: Caller, offer: Offer): Promise<Offer | Refusal> {
  const now = parts.clock.now()
  const changed = await changeIncident(parts, {
    id: offer.incidentId,
    decide: async (incident, tx) => {
      const present = await loadOffer(tx, offer.id, true)
      if (present?.status !== 'ringing' || incident.offeredTo !== caller.id)
        return refuse('offer-over', 'It rings no longer.')
      return endTransfer(incident, { now, actor: actorOf.operator(caller.id), because: 'refused' })
    },
    also: (tx, { after: incident }) => endRinging(parts, tx, incident, 'declined', now),
  })
  if (isRefusal(changed)) return changed
  return (await loadOffer(parts.db, offer.id)) as Offer
}

/** Whoever handed it over keeps it after all. */
export function withdrawTransfer(parts: Parts, caller: Caller, target: Target): Promise<Stored | Refusal> {
  const now = parts.clock.now()
  return changeIncident(parts, {
    ...target,
    inScope: (path) => caller.may('handle-incident', path),
    decide: (incident) => {
      if (incident.ownerId !== caller.id) return refuse('not-owner', 'A colleague has it. Take it over first.')
      if (!incident.offeredTo) return refuse('no-transfer', 'It rings at nobody: it is with you.')
      return endTransfer(incident, { now, actor: actorOf.operator(caller.id), because: 'withdrawn' })
    },
    also: (tx, { after: incident }) => endRinging(parts, tx, incident, 'withdrawn', now),
  })
}

/** Ends what rings of it, with its timer. */
async function endRinging(
  parts: Parts,
  tx: Tx,
  incident: Stored,
  status: 'declined' | 'withdrawn',
  now: Date,
): Promise<void> {
  for (const offer of await endOffers(tx, [incident.id], status, now)) {
    await cancel(tx, 'expire-offer', offer.id)
    tx.afterCommit(() => parts.realtime.toArea(incident.areaPath, 'offer.changed', offerPush(offer)))
  }
}
