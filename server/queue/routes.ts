import type { FastifyInstance } from 'fastify'
import { incidentRoutes } from '../contracts/incidents.ts'
import { queueRoutes as api } from '../contracts/queue.ts'
import { rowView } from '../incidents/view.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { listAlerts } from './alerts.ts'
import { acceptOffer, declineOffer } from './commands.ts'
import type { Offer } from './model.ts'
import { listPresence, setPresence } from './presence.ts'
import { offerColumns } from './store.ts'
import { offerTransfer, withdrawTransfer } from './transfer.ts'
import { offerView } from './view.ts'
import { readWallboard } from './wallboard.ts'

export function queueRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, incidentRoutes.answer, async ({ caller, params, body }) => {
    const answered = await acceptOffer(parts, caller, { id: params.id, ...body })
    return isRefusal(answered) ? answered : rowView(answered)
  })
  serve(app, incidentRoutes.transfer, async ({ caller, params, body: { version, ...said } }) => {
    const offered = await offerTransfer(parts, caller, { id: params.id, version }, said)
    return isRefusal(offered) ? offered : rowView(offered)
  })
  serve(app, incidentRoutes.withdrawTransfer, async ({ caller, params, body }) => {
    const kept = await withdrawTransfer(parts, caller, { id: params.id, ...body })
    return isRefusal(kept) ? kept : rowView(kept)
  })
  serve(app, api.offers, async ({ caller }) => {
    const offers = await parts.db.query<Offer>(
      `SELECT ${offerColumns} FROM offer JOIN incident i ON i.id = offer.incident_id WHERE offer.status = 'ringing' AND $1 = ANY (operators)
         AND NOT $1 = ANY (declined) AND (from_id IS NULL OR i.offered_to = $1) ORDER BY created_at`,
      [caller.id],
    )
    return { items: offers.map(offerView), next: null }
  })
  serve(app, api.declineOffer, async ({ caller, params }) => {
    const offer = await declineOffer(parts, caller, params.id)
    return isRefusal(offer) ? offer : offerView(offer)
  })
  serve(app, api.setPresence, async ({ caller, body }) => {
    if (body.status === 'break' && !body.reason)
      return refuse('invalid', 'Say what kind of break it is.', [{ path: 'reason', message: 'required' }])
    return setPresence(parts, caller, { status: body.status, reason: body.reason ?? null })
  })
  serve(app, api.presence, async ({ caller }) => ({
    items: await listPresence(parts, caller.pathsFor('read-board')),
    next: null,
  }))
  serve(app, api.wallboard, async ({ caller }) => readWallboard(parts, caller.pathsFor('read-board')))
  serve(app, api.alerts, async ({ caller }) => ({
    items: await listAlerts(parts, caller.pathsFor('supervise')),
    next: null,
  }))
}
