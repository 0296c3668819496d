import type { Db, Tx } from '../platform/db.ts'
import type { Need, Offer, Operator } from './model.ts'

export const offerColumns = `offer.id, offer.incident_id AS "incidentId", offer.round, offer.operators, offer.declined, offer.status, offer.reasons,
  offer.created_at AS "createdAt", offer.expires_at AS "expiresAt", offer.accepted_by AS "acceptedBy", offer.from_id AS "fromId", offer.soft, offer.version, offer.seq`

/**
 * The head of the queue of each scope in which somebody could take it, in its order: a long queue elsewhere hides none. What
 * came in while its number was closed rings at nobody until that opens.
 */
export function loadNeeds(tx: Pick<Tx, 'query'>, limit: number, paths: string[], now: Date): Promise<Need[]> {
  return tx.query<Need>(
    `SELECT i.id AS "incidentId", i.class, i.area_path AS "areaPath", coalesce(r.languages, ARRAY[i.language]) AS languages, i.escalation,
       EXISTS (SELECT 1 FROM call c WHERE c.incident_id = i.id AND c.medium = 'voice' AND (c.direction = 'in' OR c.answered_at IS NOT NULL) AND c.status <> 'ended' AND c.asks IS NULL) AS voice, i.sticky_operator_id AS "stickyOperatorId",
       coalesce(past.round, 0) AS round, coalesce(past.passed, '{}') AS passed,
       CASE WHEN past.ringing_id IS NOT NULL THEN json_build_object('offerId', past.ringing_id, 'operators', past.ringing_operators) END AS ringing
     FROM (SELECT DISTINCT ON (head.rank_at, head.id) head.* FROM unnest($2::text[]) scope
       CROSS JOIN LATERAL (SELECT * FROM incident WHERE status = 'waiting' AND area_path LIKE scope
         AND (quiet_until IS NULL OR quiet_until <= $3) ORDER BY rank_at LIMIT $1) head) i
     LEFT JOIN resident r ON r.id = i.resident_id
     LEFT JOIN LATERAL (
       SELECT max(o.round) AS round,
         (array_agg(o.id) FILTER (WHERE o.status = 'ringing'))[1] AS ringing_id,
         (array_agg(to_json(o.operators)) FILTER (WHERE o.status = 'ringing'))[1] AS ringing_operators,
         (SELECT array_agg(DISTINCT p) FROM offer x, unnest(x.declined || CASE WHEN x.status = 'expired' THEN x.operators ELSE '{}' END) p WHERE x.incident_id = i.id) AS passed
       FROM offer o WHERE o.incident_id = i.id) past ON true
     ORDER BY i.rank_at`,
    [limit, paths.map((path) => `${path}%`), now],
  )
}

/** A conversation in which they are, as its operator or beside a colleague. */
const talkingSql = (
  id: string,
) => `(EXISTS (SELECT 1 FROM call c WHERE c.operator_id = ${id} AND c.medium = 'voice' AND c.status <> 'ended')
         OR EXISTS (SELECT 1 FROM call_leg g WHERE g.leg_id = 'operator:' || ${id} AND g.status = 'up'))`

export async function isTalking(tx: Pick<Tx, 'query'>, operatorId: string): Promise<boolean> {
  const [row] = await tx.query<{ talking: boolean }>(`SELECT ${talkingSql('$1::uuid')} AS talking`, [operatorId])
  return row?.talking ?? false
}

/** Every operator whose console was heard since `seenSince`, with what they have in hand. */
export function loadOperators(tx: Pick<Tx, 'query'>, seenSince: Date): Promise<Operator[]> {
  return tx.query<Operator>(
    `SELECT a.id, p.status, a.skills, a.languages, a.capacity, (extract(epoch FROM p.idle_since) * 1000)::float8 AS "idleSinceMs",
       (SELECT array_agg(area.path) FROM account_role r JOIN area ON area.id = r.area_id
        WHERE r.account_id = a.id AND r.role IN ('operator', 'supervisor', 'dispatcher')) AS paths,
       has.active, has."awaitingHelp", has."wrappingUp", ${talkingSql('a.id')} AS talking,
       EXISTS (SELECT 1 FROM operator_leg l WHERE l.account_id = a.id AND l.up)
         AND NOT ${talkingSql('a.id')} AS "voiceReady",
       EXISTS (SELECT 1 FROM offer o WHERE o.status = 'ringing' AND a.id = ANY (o.operators) AND NOT a.id = ANY (o.declined)) AS ringing
     FROM presence p JOIN account a ON a.id = p.account_id
     -- One look at what somebody has, by its index; as two subqueries the second would walk all open incidents.
     CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE i.status = 'triage' AND i.held_until IS NULL)::int AS active,
       count(*) FILTER (WHERE i.status = 'response' AND i.held_until IS NULL)::int AS "awaitingHelp",
       coalesce(bool_or(i.status = 'wrap-up'), false) AS "wrappingUp"
       FROM incident i WHERE i.owner_id = a.id AND i.status <> 'closed') has
     WHERE p.seen_at > $1 AND a.active
       AND EXISTS (SELECT 1 FROM account_role r WHERE r.account_id = a.id AND r.role IN ('operator', 'supervisor', 'dispatcher'))`,
    [seenSince],
  )
}

export async function loadOffer(tx: Pick<Db, 'query'>, id: string, lock = false): Promise<Offer | undefined> {
  const [row] = await tx.query<Offer>(`SELECT ${offerColumns} FROM offer WHERE id = $1 ${lock ? 'FOR UPDATE' : ''}`, [
    id,
  ])
  return row
}

/** Ends the ringing offers of these incidents; answers the offers that really ended by this. */
export function endOffers(
  tx: Tx,
  incidentIds: string[],
  status: 'accepted' | 'declined' | 'expired' | 'withdrawn',
  at: Date,
  acceptedBy: string | null = null,
): Promise<Offer[]> {
  return tx.query<Offer>(
    `UPDATE offer SET status = $2, ended_at = $3, accepted_by = $4, version = version + 1, seq = nextval('change_seq')
     WHERE incident_id = ANY ($1) AND status = 'ringing' RETURNING ${offerColumns}`,
    [incidentIds, status, at, acceptedBy],
  )
}
