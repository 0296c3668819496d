import type { OfferView } from '../contracts/queue.ts'
import type { Offer } from './model.ts'

export function offerView(offer: Offer): OfferView {
  const { id, incidentId, round, operators, status, reasons, fromId, soft, version, seq } = offer
  return {
    id,
    incidentId,
    round,
    operators,
    status,
    reasons,
    createdAt: offer.createdAt.toISOString(),
    expiresAt: offer.expiresAt.toISOString(),
    fromId,
    soft,
    version,
    seq,
  }
}

export const offerPush = (offer: Offer) => ({
  id: offer.id,
  version: offer.version,
  seq: offer.seq,
  row: offerView(offer),
})
