import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'

/** What an offer counts as until its row is there. */
export const ordinaryClass = 3

/** The order of the line, as on the board and as callers are told it: a life first, then by wait and what the class may wait. Pure. */
export function inOrder(
  offers: OfferView[],
  rowOf: (incidentId: string) => Pick<IncidentRow, 'class' | 'rankAt'> | undefined,
): OfferView[] {
  const rank = (offer: OfferView) => {
    const row = rowOf(offer.incidentId)
    return `${row?.class === 1 ? 0 : 1}|${row?.rankAt ?? offer.createdAt}|${offer.incidentId}`
  }
  return [...offers].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
}
