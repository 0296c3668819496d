import { auditShown } from '../access/audit.ts'
import { centreZone } from '../contracts/days.ts'
import type { ResponderPage } from '../contracts/dispatch.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { foundOut } from './found-out.ts'
import { assignmentOf, linkToken } from './link.ts'
import { isGoing, isOpen } from './machine.ts'
import { loadAssignment, otherRequestOf } from './store.ts'

const knownAfterClosureMs = 60 * 60_000

type Row = {
  incidentId: string
  active: boolean
  householdId: string | null
  responderName: string
  service: string | null
  serviceEn: string | null
  class: number
  areaName: string
  areaNameEn: string
  closedAt: Date | null
  nameToUse: string | null
  risks: string[] | null
  hearing: string | null
  languages: string[] | null
  phone: string | null
  standingInstruction: string | null
  address: string | null
  building: string
  entrance: string
  floor: number | null
  room: string
  lift: boolean
  access: Buffer | null
  lat: number | null
  lon: number | null
}

/** The request as the responder sees it. Where it is and how to get in only after accepting, until an hour after closure, and once in the audit. */
export async function responderPage(parts: Parts, token: string): Promise<ResponderPage | Refusal> {
  const id = assignmentOf(parts.seal, token)
  const assignment = id ? await loadAssignment(parts.db, id) : undefined
  if (!assignment) return refuse('not-found', 'This link is not valid. Open the newest message again.')
  const [row] = await parts.db.query<Row>(
    `SELECT i.id AS "incidentId", re.active, h.id AS "householdId", re.name AS "responderName", c.name AS service, c.name_en AS "serviceEn", i.class, a.name AS "areaName", a.name_en AS "areaNameEn", i.closed_at AS "closedAt",
       coalesce(nullif(r.name_to_use, ''), r.name) AS "nameToUse", r.risks, r.hearing, r.languages, r.phone, r.standing_instruction AS "standingInstruction",
       h.address, h.building, h.entrance, h.floor, h.room, h.lift, h.access_sealed AS access, coalesce(i.lat, h.lat) AS lat, coalesce(i.lon, h.lon) AS lon
     FROM assignment s JOIN responder re ON re.id = s.responder_id JOIN incident i ON i.id = s.incident_id JOIN area a ON a.id = i.area_id
     LEFT JOIN catalogue_item c ON c.code = i.catalogue_code LEFT JOIN resident r ON r.id = i.resident_id LEFT JOIN household h ON h.id = r.household_id
     WHERE s.id = $1`,
    [assignment.id],
  )
  if (!row) return refuse('not-found')
  const now = parts.clock.now()
  const accepted = isGoing(assignment.status) || assignment.status === 'cleared'
  // By the state of today: who is done, or works here no more, is shown where people live for an hour at the most.
  const ends = [row.closedAt, assignment.status === 'cleared' ? assignment.endedAt : null]
  const over = ends.some((end) => end !== null && now.getTime() - end.getTime() >= knownAfterClosureMs)
  const known = accepted && row.active && !over
  const subject = row.householdId
    ? { subjectKind: 'household', subjectId: row.householdId }
    : { subjectKind: 'incident', subjectId: row.incidentId }
  // A link that is over leads nowhere else.
  const other = isOpen(assignment.status) ? await otherRequestOf(parts.db, assignment, now) : undefined
  if (known) await auditShown(parts, { ...subject, assignmentId: assignment.id })
  return {
    assignmentId: assignment.id,
    status: assignment.status,
    responderName: row.responderName,
    service: { name: row.service ?? '', nameEn: row.serviceEn ?? '', class: row.class },
    areaName: row.areaName,
    areaNameEn: row.areaNameEn,
    distanceM: assignment.distanceM,
    travelMinutes: assignment.travelMinutes,
    promiseAt: assignment.promiseAt.toISOString(),
    expiresAt: assignment.expiresAt.toISOString(),
    reason: assignment.reason,
    serverTime: now.toISOString(),
    zone: centreZone,
    version: assignment.version,
    alsoAsked: other ? linkToken(parts.seal, other) : null,
    place: known ? { ...placeOf(parts, row), ...(await foundOut(parts.db, row.incidentId)) } : null,
  }
}

type Home = Omit<NonNullable<ResponderPage['place']>, 'operatorNote' | 'answers' | 'ringBack'>

function placeOf(parts: Parts, row: Row): Home {
  return {
    nameToUse: row.nameToUse ?? '',
    address: row.address ?? '',
    building: row.building ?? '',
    entrance: row.entrance ?? '',
    floor: row.floor,
    room: row.room ?? '',
    lift: row.lift ?? false,
    access: row.access ? parts.seal.open(row.access) : '',
    standingInstruction: row.standingInstruction ?? '',
    risks: row.risks ?? [],
    hearing: row.hearing ?? 'ordinary',
    languages: row.languages ?? [],
    phone: row.phone,
    lat: row.lat,
    lon: row.lon,
  }
}
