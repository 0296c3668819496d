import { v7 } from 'uuid'
import { dayAt } from '../contracts/days.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import { farAwayM } from '../platform/place.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { chooseWave, type Ranked, rank, travelMinutes, waveAnswerMs } from './choose.ts'
import { notThemselves, phonesOf } from './not-themselves.ts'
import { nearest } from './store.ts'

const lookedAtMax = 40

/** Who could go, best first, with reasons. Without a place on the map nobody is near: the list is empty. */
export async function rankedHelpers(
  db: Pick<Tx, 'query'>,
  incident: Stored,
  skill: string,
  now: Date,
  limit = lookedAtMax,
): Promise<Ranked[]> {
  if (incident.lat === null || incident.lon === null) return []
  const { id, residentId, lat, lon, language } = incident
  const near = await nearest(db, { incidentId: id, residentId, skill, lat, lon, limit, day: dayAt(now) })
  return rank(notThemselves(near, await phonesOf(db, residentId)), { language, now })
}

/** What the incident needs somebody for. */
export async function skillOf(
  db: Pick<Tx, 'query'>,
  catalogueCode: string | null,
): Promise<{ skill: string; targetMinutes: number } | undefined> {
  const [item] = await db.query<{ skill: string; targetMinutes: number }>(
    'SELECT skill, target_minutes AS "targetMinutes" FROM catalogue_item WHERE code = $1',
    [catalogueCode],
  )
  return item
}

export type Wave = {
  wave: number
  needed: number
  promiseAt: Date
  requestedBy: string | null
  by: 'rank' | { responderIds: string[] }
}

/**
 * Asks the next helpers: their rows are locked and read again here, so that nobody is asked who has just become busy.
 * Writes the assignments with the job that tells them and the timer of the wave; answers the fact, or none when nobody is left.
 */
export async function sendWave(tx: Tx, incident: Stored, wave: Wave, now: Date): Promise<Fact[]> {
  const item = await skillOf(tx, incident.catalogueCode)
  const ranked = item ? await rankedHelpers(tx, incident, item.skill, now) : []
  const wanted: Asked[] =
    wave.by === 'rank' ? chooseWave(ranked, wave.needed) : await named(tx, ranked, wave.by.responderIds, incident)
  const free = await tx.query<{ id: string }>(
    `UPDATE responder SET offers_made = offers_made + 1
     WHERE id IN (SELECT id FROM responder WHERE id = ANY ($1) AND active AND on_duty AND open_assignments < max_open ORDER BY id FOR UPDATE) RETURNING id`,
    [wanted.map((helper) => helper.responderId)],
  )
  const asked = wanted.filter((helper) => free.some((row) => row.id === helper.responderId))
  if (asked.length === 0) return []
  const expiresAt = after(now, waveAnswerMs)
  for (const helper of asked) {
    const id = v7()
    await tx.query(
      `INSERT INTO assignment (id, incident_id, responder_id, wave, status, reasons, distance_m, travel_minutes, requested_by, requested_at, expires_at, promise_at)
       VALUES ($1, $2, $3, $4, 'requested', $5, $6, $7, $8, $9, $10, $11)`,
      [
        id,
        incident.id,
        helper.responderId,
        wave.wave,
        JSON.stringify(helper.reasons),
        helper.distanceM,
        helper.travelMinutes,
        wave.requestedBy,
        now,
        expiresAt,
        wave.promiseAt,
      ],
    )
    await enqueue(tx, 'notify-responder', id, now)
  }
  await enqueue(tx, 'next-wave', incident.id, expiresAt)
  const responderIds = asked.map((helper) => helper.responderId)
  return [
    {
      at: now,
      actor: wave.requestedBy ? actorOf.operator(wave.requestedBy) : actorOf.system,
      type: 'wave-sent',
      data: { wave: wave.wave, assignments: asked.length, responderIds },
    },
  ]
}

/** Refuses to send by hand whoever is not known, not in service, or of another district. */
export async function strangers(
  db: Pick<Tx, 'query'>,
  incidentId: string,
  responderIds: string[],
): Promise<Refusal | undefined> {
  const ids = [...new Set(responderIds)]
  const known = await db.query<{ phone: string; residentId: string | null }>(
    `SELECT r.phone, i.resident_id AS "residentId" FROM responder r JOIN area ON area.id = r.area_id JOIN incident i ON i.id = $1
     WHERE r.id = ANY ($2) AND r.active AND split_part(area.path, '/', 2) = split_part(i.area_path, '/', 2)`,
    [incidentId, ids],
  )
  if (known.length < ids.length)
    return refuse('responder-not-there', 'Choose helpers of this district who are in service.')
  if (notThemselves(known, await phonesOf(db, known[0]?.residentId ?? null)).length < known.length)
    return refuse('is-the-resident', 'This helper is the one who needs help. Choose somebody else.')
  return undefined
}

type Asked = Pick<Ranked, 'responderId' | 'reasons'> & { distanceM: number | null; travelMinutes: number | null }

/** Picked by hand: in the operator's order, whoever of them is not asked already; one outside of the ranked list is allowed. */
async function named(tx: Tx, ranked: Ranked[], ids: string[], incident: Stored): Promise<Asked[]> {
  const far = ids.filter((id) => !ranked.some((helper) => helper.responderId === id))
  type Named = Omit<Ranked, 'distanceM' | 'travelMinutes'> & { distanceM: number | null; travelMinutes: number | null }
  const others = await tx.query<Named>(
    `SELECT id AS "responderId", CASE WHEN metres <= ${farAwayM} THEN metres::int END AS "distanceM", NULL::int AS "travelMinutes", travel, ARRAY['picked-by-hand'] AS reasons,
       (SELECT s.status FROM assignment s WHERE s.incident_id = $4 AND s.responder_id = responder.id ORDER BY s.requested_at DESC LIMIT 1) AS asked
     FROM responder CROSS JOIN LATERAL (SELECT earth_distance(ll_to_earth(lat, lon), ll_to_earth($2, $3)) AS metres) way WHERE id = ANY ($1)`,
    [far, incident.lat, incident.lon, incident.id],
  )
  for (const one of others) if (one.distanceM !== null) one.travelMinutes = travelMinutes(one.distanceM, one.travel)
  const busy = ['requested', 'accepted', 'en-route', 'on-scene']
  return ids
    .map((id) => [...ranked, ...others].find((helper) => helper.responderId === id))
    .filter((helper) => helper !== undefined)
    .filter((helper) => !busy.includes(helper.asked ?? ''))
}
