import type { Db } from '../platform/db.ts'
import { farAwayM } from '../platform/place.ts'
import type { Assignment, Candidate } from './model.ts'

type Asks = Pick<Db, 'query'>

export const assignmentColumns = `s.id, s.incident_id AS "incidentId", s.responder_id AS "responderId", s.wave, s.status, s.reasons,
  s.distance_m AS "distanceM", s.travel_minutes AS "travelMinutes", s.requested_at AS "requestedAt", s.expires_at AS "expiresAt",
  s.accepted_at AS "acceptedAt", s.en_route_at AS "enRouteAt", s.on_scene_at AS "onSceneAt", s.ended_at AS "endedAt",
  s.promise_at AS "promiseAt", s.undelivered_at AS "undeliveredAt", s.shown_at AS "shownAt", s.reason, s.note, s.version, s.seq`

export async function loadAssignment(db: Asks, id: string): Promise<Assignment | undefined> {
  const [row] = await db.query<Assignment>(`SELECT ${assignmentColumns} FROM assignment s WHERE s.id = $1`, [id])
  return row
}

/** All of an incident's, locked; the incident's own row is locked before, always in this order. */
export function lockAssignments(db: Asks, incidentId: string): Promise<Assignment[]> {
  return db.query<Assignment>(
    `SELECT ${assignmentColumns} FROM assignment s WHERE s.incident_id = $1 ORDER BY s.id FOR UPDATE`,
    [incidentId],
  )
}

/** The time stamp that belongs to a status. */
const stampOf: Record<string, string> = {
  accepted: 'accepted_at',
  'en-route': 'en_route_at',
  'on-scene': 'on_scene_at',
}

export async function saveMove(
  db: Asks,
  id: string,
  move: { to: string; reason?: string; note?: string },
  at: Date,
): Promise<Assignment> {
  const [row] = await db.query<Assignment>(
    `UPDATE assignment s SET status = $2, reason = coalesce($3, reason), note = coalesce($4, note), ${stampOf[move.to] ?? 'ended_at'} = $5,
       version = version + 1, seq = nextval('change_seq') WHERE id = $1 RETURNING ${assignmentColumns}`,
    [id, move.to, move.reason ?? null, move.note ?? null, at],
  )
  return row as Assignment
}

export async function saveUndelivered(db: Asks, id: string, at: Date): Promise<Assignment> {
  const [row] = await db.query<Assignment>(
    `UPDATE assignment s SET undelivered_at = $2, version = version + 1, seq = nextval('change_seq') WHERE id = $1 RETURNING ${assignmentColumns}`,
    [id, at],
  )
  return row as Assignment
}

/** Their page shows it; the first time counts. */
export async function saveShown(db: Asks, id: string, at: Date): Promise<void> {
  await db.query('UPDATE assignment SET shown_at = $2 WHERE id = $1 AND shown_at IS NULL', [id, at])
}

/** The newest other request that waits for this responder's answer. */
export async function otherRequestOf(
  db: Asks,
  { id, responderId }: Pick<Assignment, 'id' | 'responderId'>,
  now: Date,
): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(
    `SELECT id FROM assignment WHERE responder_id = $1 AND id <> $2 AND status = 'requested' AND expires_at > $3 ORDER BY requested_at DESC LIMIT 1`,
    [responderId, id, now],
  )
  return row?.id
}

/** They have accepted by telephone and were not told where. */
export async function saveTellWhere(db: Asks, id: string): Promise<Assignment | undefined> {
  const [row] = await db.query<Assignment>(
    `UPDATE assignment s SET tell_where = true, version = version + 1, seq = nextval('change_seq') WHERE id = $1 AND NOT tell_where RETURNING ${assignmentColumns}`,
    [id],
  )
  return row
}

/** The nearest available with the skill: exact, by index, however many there are; then the rest of the file for the rank. */
export function nearest(
  db: Asks,
  need: {
    incidentId: string
    residentId: string | null
    skill: string
    lat: number
    lon: number
    limit: number
    day: string
  },
): Promise<Candidate[]> {
  return db.query<Candidate>(
    `SELECT r.id AS "responderId", area.path AS "areaPath", r.name, r.kind, p.name AS "providerName", r.phone, r.languages, r.skills, r.travel, r.lat, r.lon,
       r.position_at AS "positionAt", near.distance::int AS "distanceM", r.open_assignments AS "openAssignments",
       r.offers_made AS "offersMade", r.offers_accepted AS "offersAccepted",
       EXISTS (SELECT 1 FROM assignment s JOIN incident i ON i.id = s.incident_id
         WHERE s.responder_id = r.id AND s.status = 'cleared' AND i.resident_id = $5) AS "helpedBefore",
       (SELECT s.status FROM assignment s WHERE s.incident_id = $4 AND s.responder_id = r.id ORDER BY s.requested_at DESC LIMIT 1) AS asked
     FROM (SELECT responder_id, earth_distance(earth::earth, ll_to_earth($2, $3)) AS distance FROM responder_skill
           WHERE skill = $1 ORDER BY earth <-> ll_to_earth($2, $3)::cube LIMIT ${Math.trunc(need.limit)}) near
     JOIN responder r ON r.id = near.responder_id JOIN area ON area.id = r.area_id LEFT JOIN provider p ON p.id = r.provider_id
     WHERE near.distance <= ${farAwayM} AND (p.licence_until IS NULL OR p.licence_until >= $6::date)`,
    [need.skill, need.lat, need.lon, need.incidentId, need.residentId, need.day],
    // Planning takes longer than searching. The limit stands in the text, or the plan for any limit would be another one.
    `nearest-${Math.trunc(need.limit)}`,
  )
}
