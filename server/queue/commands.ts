import { answerCallsOf } from '../calls/commands.ts'
import { ringCalls } from '../calls/store.ts'
import { callPush } from '../calls/view.ts'
import { changeIncident } from '../incidents/change.ts'
import { answer } from '../incidents/machine.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import { cancel, enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import type { Offer } from './model.ts'
import { endOffers, loadOffer, offerColumns } from './store.ts'
import { refuseTransfer } from './transfer.ts'
import { offerPush } from './view.ts'

/**
 * Takes an incident: the offer that rings, or one from the list with every queue down. The row lock makes two operators
 * who press at once take turns; the second is told that it is taken. Offer and incident change in one transaction.
 */
export async function acceptOffer(
  parts: Parts,
  caller: Caller,
  target: { id: string; version?: number | undefined },
): Promise<Stored | Refusal> {
  const now = parts.clock.now()
  let fromQueue = false
  const answered = await changeIncident(parts, {
    id: target.id,
    inScope: (path) => caller.may('handle-incident', path),
    // No version here: whoever is first has it, whatever else was attached meanwhile.
    decide: async (incident, tx) => {
      const decision = answer(incident, { operatorId: caller.id, now })
      if ('refused' in decision) return decision
      // Handed over: whoever talks in it comes along, and is with the new owner at once if that one's telephone is free.
      await parts.conversations.follow(parts, tx, { ...incident, ownerId: caller.id }, decision.facts)
      return { facts: [...decision.facts, ...(await answerCallsOf(parts, tx, incident, caller.id))] }
    },
    also: async (tx, { before, after }) => {
      fromQueue = before.status === 'waiting'
      const offers = await endOffers(tx, [after.id], 'accepted', now, caller.id)
      for (const offer of offers) await cancel(tx, 'expire-offer', offer.id)
      await tx.query('UPDATE presence SET idle_since = $2 WHERE account_id = $1', [caller.id, now])
      tx.afterCommit(() => {
        for (const offer of offers) parts.realtime.toArea(after.areaPath, 'offer.changed', offerPush(offer))
      })
    },
  })
  if ('refused' in answered) return answered
  if (fromQueue)
    parts.metrics.answered.observe(
      { class: String(answered.class) },
      (now.getTime() - answered.waitingSince.getTime()) / 1000,
    )
  return answered
}

/** Not me: it rings on at the others of the offer, or at the next operator when I was the last. Twice is once. */
export async function declineOffer(parts: Parts, caller: Caller, offerId: string): Promise<Offer | Refusal> {
  const handedOver = await loadOffer(parts.db, offerId)
  if (handedOver?.fromId && handedOver.operators.includes(caller.id)) return refuseTransfer(parts, caller, handedOver)
  return parts.db.transaction(async (tx) => {
    const found = await loadOffer(tx, offerId)
    await tx.query('SELECT 1 FROM incident WHERE id = $1 FOR UPDATE', [found?.incidentId])
    const offer = await loadOffer(tx, offerId, true)
    if (!offer?.operators.includes(caller.id)) return refuse('not-found')
    if (offer.status !== 'ringing') return refuse('offer-over', 'It rings no longer.')
    const declined = [...new Set([...offer.declined, caller.id])]
    const over = offer.operators.every((id) => declined.includes(id))
    const [saved] = await tx.query<Offer>(
      `UPDATE offer SET declined = $2, status = $3, ended_at = $4, version = version + 1, seq = nextval('change_seq') WHERE id = $1 RETURNING ${offerColumns}`,
      [offer.id, declined, over ? 'declined' : 'ringing', over ? parts.clock.now() : null],
    )
    if (over) {
      const calls = await ringCalls(tx, [offer.incidentId], false)
      tx.afterCommit(() => {
        for (const call of calls) parts.realtime.toArea(call.areaPath, 'call.changed', callPush(call))
      })
      await cancel(tx, 'expire-offer', offer.id)
      await enqueue(tx, 'route-incident', offer.incidentId, parts.clock.now())
    }
    const [incident] = await tx.query<{ path: string }>('SELECT area_path AS path FROM incident WHERE id = $1', [
      offer.incidentId,
    ])
    tx.afterCommit(() => {
      if (!offer.declined.includes(caller.id)) parts.metrics.offersDeclined.inc()
      parts.realtime.toArea(incident?.path ?? '/', 'offer.changed', offerPush(saved as Offer))
      parts.outbox.kick()
    })
    return saved as Offer
  })
}
