import type { Stored } from '../incidents/store.ts'
import type { Db } from '../platform/db.ts'
import { farAwayM } from '../platform/place.ts'
import { type Ranked, rank } from './choose.ts'
import type { Candidate } from './model.ts'
import { rankedHelpers } from './wave.ts'

/**
 * Who could go, and behind them who was asked for this incident: one who accepted is no longer free, so the search for the
 * nearest does not find them, and yet the operator wants to see on the map where they are.
 */
export async function helpersFor(db: Pick<Db, 'query'>, incident: Stored, skill: string, now: Date): Promise<Ranked[]> {
  const near = await rankedHelpers(db, incident, skill, now)
  const asked = await db.query<Candidate>(
    `SELECT DISTINCT ON (r.id) r.id AS "responderId", area.path AS "areaPath", r.name, r.kind, p.name AS "providerName", r.phone, r.languages, r.skills, r.travel,
       r.lat, r.lon, r.position_at AS "positionAt", earth_distance(ll_to_earth(r.lat, r.lon), ll_to_earth($2, $3))::int AS "distanceM",
       r.open_assignments AS "openAssignments", r.offers_made AS "offersMade", r.offers_accepted AS "offersAccepted",
       false AS "helpedBefore", s.status AS asked
     FROM assignment s JOIN responder r ON r.id = s.responder_id JOIN area ON area.id = r.area_id LEFT JOIN provider p ON p.id = r.provider_id
     WHERE s.incident_id = $1 AND $2::float8 IS NOT NULL AND earth_distance(ll_to_earth(r.lat, r.lon), ll_to_earth($2, $3)) <= ${farAwayM} ORDER BY r.id, s.requested_at DESC`,
    [incident.id, incident.lat, incident.lon],
  )
  const others = asked.filter((one) => !near.some((helper) => helper.responderId === one.responderId))
  return [...near, ...rank(others, { language: incident.language, now })]
}
