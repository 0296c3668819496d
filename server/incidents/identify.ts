import type { z } from 'zod'
import { audit } from '../access/audit.ts'
import type { callRoutes, newCaller } from '../contracts/calls.ts'
import { dayAt } from '../contracts/days.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { homeSql } from '../platform/place.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { saveHousehold, saveResident } from '../residents/commands.ts'
import { type FoundResident, residentRow } from '../residents/view.ts'
import { changeIncident } from './change.ts'
import { actorOf } from './model.ts'
import { load, type Stored } from './store.ts'

type Candidates = z.input<typeof callRoutes.candidates.reply>

/** Who may be calling: the residents whose own number it is, then those whose contact has it. */
export async function candidates(parts: Parts, caller: Caller, id: string): Promise<Candidates | Refusal> {
  const incident = await load(parts.db, id)
  if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
  if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
  const rows = await parts.db.query<FoundResident & { because: 'own-number' | 'contact-number'; relation: string }>(
    `WITH numbers AS (SELECT DISTINCT number FROM call WHERE incident_id = $1 AND number IS NOT NULL AND asks IS NULL), found AS (
       SELECT r.id, 'own-number' AS because, '' AS relation FROM resident r JOIN numbers n ON n.number = r.phone WHERE r.active
       UNION ALL SELECT c.resident_id, 'contact-number', c.relation FROM contact c JOIN numbers n ON n.number = c.phone)
     SELECT DISTINCT ON (r.id) r.id, r.name, r.birth_date AS "birthDate", r.area_id AS "areaId", h.address, h.building, h.entrance, h.room, r.phone, r.risks,
       (SELECT count(*)::int FROM device d WHERE d.resident_id = r.id) AS devices, r.review_due AS "reviewDue", r.active, found.because, found.relation
     FROM found JOIN resident r ON r.id = found.id JOIN household h ON h.id = r.household_id JOIN area a ON a.id = r.area_id
     WHERE a.path LIKE ANY ($2) ORDER BY r.id, found.because DESC LIMIT 20`,
    [id, caller.pathsFor('handle-incident').map((path) => `${path}%`)],
  )
  await audit(parts, { accountId: caller.id, action: 'candidates', subjectKind: 'incident', subjectId: id })
  const items = rows.map(({ because, relation, ...row }) => ({ ...residentRow(row), because, relation }))
  return { items: items.sort((a, b) => b.because.localeCompare(a.because)), next: null }
}

/** This is who calls: the incident gets its file, its area and its place. */
export function identify(parts: Parts, caller: Caller, id: string, residentId: string): Promise<Stored | Refusal> {
  return changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
      const found = await homeOf(tx, residentId)
      if (!found || !caller.may('handle-incident', found.areaPath)) return refuse('not-found')
      const subject = `resident:${residentId}`
      const [other] = await tx.query<{ number: number }>(
        `SELECT number FROM incident WHERE subject = $1 AND id <> $2 AND status IN ('waiting', 'triage', 'response')`,
        [subject, id],
      )
      const data = { ...found, residentId, subject: other ? incident.subject : subject }
      return { facts: [{ at: parts.clock.now(), actor: actorOf.operator(caller.id), type: 'identified', data }] }
    },
  })
}

async function homeOf(tx: Tx, residentId: string) {
  const [row] = await tx.query<{ areaId: string; areaPath: string; lat: number; lon: number; fileClosed: boolean }>(
    `SELECT r.area_id AS "areaId", area.path AS "areaPath", ${homeSql('lat', 'h', 'area')} AS lat, ${homeSql('lon', 'h', 'area')} AS lon, NOT r.active AS "fileClosed"
     FROM resident r JOIN area ON area.id = r.area_id JOIN household h ON h.id = r.household_id WHERE r.id = $1`,
    [residentId],
  )
  return row
}

/** A new caller in five fields, entered while talking; the file is completed later, so its review is due at once. */
export async function enterNewCaller(
  parts: Parts,
  caller: Caller,
  id: string,
  form: z.output<typeof newCaller>,
): Promise<Stored | Refusal> {
  const incident = await load(parts.db, id)
  if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
  if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
  const [area] = await parts.db.query<{ lat: number; lon: number }>('SELECT lat, lon FROM area WHERE id = $1', [
    form.areaId,
  ])
  if (!area) return refuse('invalid', 'Choose a community.', [{ path: 'areaId', message: 'not found' }])
  // Before anything is stored: a number that is no number must not leave an empty household behind.
  const number = phoneField(form.phone, 'phone')
  if (isRefusal(number)) return number
  const home = { building: '', entrance: '', floor: null, room: '', lift: false, access: null }
  const household = await saveHousehold(parts, caller, {
    ...home,
    areaId: form.areaId,
    address: form.address,
    lat: area.lat,
    lon: area.lon,
  })
  if (isRefusal(household)) return household
  const resident = await saveResident(parts, caller, {
    householdId: household.id,
    name: form.name,
    nameToUse: '',
    sex: 'unknown',
    birthDate: null,
    phone: form.phone,
    languages: [form.language],
    hearing: 'ordinary',
    speech: 'ordinary',
    mobility: 'ordinary',
    risks: [],
    standingInstruction: '',
    healthNotes: null,
    lineClass: 3,
    familyConsent: false,
    reviewDue: dayAt(parts.clock.now()),
    active: true,
    contacts: [],
  })
  return isRefusal(resident) ? resident : identify(parts, caller, id, resident.id)
}
