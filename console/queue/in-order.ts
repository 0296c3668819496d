import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'

/** What an offer counts as until its row is there. */
export const ordinaryClass = 3

/** The gravest first, then whoever has waited longest: the order in which they should be answered. Pure. */
export function inOrder(
  offers: OfferView[],
  rowOf: (incidentId: string) => Pick<IncidentRow, 'class' | 'queuedAt'> | undefined,
): OfferView[] {
  const rank = (offer: OfferView) => {
    const row = rowOf(offer.incidentId)
    return `${row?.class ?? ordinaryClass}|${row?.queuedAt ?? offer.createdAt}`
  }
  return [...offers].sort((a, b) => (rank(a) < rank(b) ? -1 : 1))
}
