import { audit, auditLook, brokeGlass } from '../access/audit.ts'
import { pressHistoryOf } from '../alarms/press-history.ts'
import type { FactView, IncidentDetail } from '../contracts/incidents.ts'
import { alertLeaders } from '../incidents/change.ts'
import { seeClaim } from '../incidents/commands.ts'
import { isTheirs } from '../incidents/file-commands.ts'
import { alarmsOf, isOutage, nearbyIncidents, unitsOf } from '../incidents/queries.ts'
import { facts, load, type Stored } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { loadResidentView } from '../residents/queries.ts'
import { assignmentViews } from './view.ts'

/**
 * Identity by stage: the file opens for who owns the incident and for supervisors of its area; anybody else of the area
 * breaks the glass with a reason, said once for a few minutes. A look is in the audit before anything is shown.
 */
async function openFile(
  parts: Parts,
  caller: Caller,
  id: string,
  breakGlass?: string | undefined,
): Promise<Stored | Refusal> {
  const incident = await load(parts.db, id)
  if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
  const mine = isTheirs(caller, incident, parts.clock.now())
  const look = { accountId: caller.id, subjectKind: 'incident', subjectId: id }
  if (mine && !incident.claimSeen) await seeClaim(parts, id, caller.id)
  if (breakGlass && !mine) {
    await audit(parts, { ...look, action: 'break-glass', reason: breakGlass })
    alertLeaders(parts, incident, 'break-glass')
  } else if (mine || caller.may('supervise', incident.areaPath) || (await brokeGlass(parts, look)))
    await auditLook(parts, look)
  else
    return refuse(
      'not-owner',
      'Take the incident first. To look without taking it, give a reason; it will be reviewed.',
    )
  return incident
}

export async function screenPop(
  parts: Parts,
  caller: Caller,
  id: string,
  breakGlass: string | undefined,
): Promise<IncidentDetail | Refusal> {
  const incident = await openFile(parts, caller, id, breakGlass)
  if ('refused' in incident) return incident
  // Their file as it is today: of a closed matter only for who may read it today, wherever they live now.
  const reach = incident.status === 'closed' ? caller.pathsFor('read-file') : undefined
  const resident = incident.residentId ? ((await loadResidentView(parts, incident.residentId, reach)) ?? null) : null
  const [alarms, units, assignments, near, owner, outage, presses] = await Promise.all([
    alarmsOf(parts, id),
    unitsOf(parts, incident),
    assignmentViews(parts.db, { incidentId: id }),
    nearbyIncidents(parts, incident, resident?.householdId ?? null),
    parts.db.query<{ name: string }>('SELECT name FROM account WHERE id = $1', [incident.ownerId]),
    isOutage(parts, id),
    incident.residentId ? pressHistoryOf(parts, incident.residentId) : null,
  ])
  // One that cannot be true is seen at the signal, with its warning; where help is needed it is not.
  const fromDevice = alarms.find((alarm) => alarm.position && !alarm.notes.includes('position-far'))?.position
  const position = fromDevice
    ? { ...fromDevice, source: 'device' as const }
    : incident.lat !== null && incident.lon !== null
      ? { lat: incident.lat, lon: incident.lon, source: 'home' as const }
      : null
  return {
    row: rowView(incident),
    ownerName: owner[0]?.name ?? null,
    position,
    holdReason: incident.holdReason,
    answers: incident.answers,
    note: incident.note,
    disposition: incident.disposition,
    resident,
    outage,
    presses,
    alarms,
    units,
    assignments,
    nearbyIncidents: near,
  }
}

/** Every fact with the name of who did it; `intact` is false when the chain of hashes does not hold. */
export async function timeline(
  parts: Parts,
  caller: Caller,
  id: string,
): Promise<{ items: FactView[]; next: null; intact: boolean } | Refusal> {
  const incident = await openFile(parts, caller, id)
  if ('refused' in incident) return incident
  const said = await facts(parts.db, id)
  const ids = [...new Set(said.map((fact) => fact.actor.split(':')[1]).filter((actor) => actor !== undefined))]
  const names = await parts.db.query<{ id: string; name: string }>(
    'SELECT id::text, name FROM account WHERE id = ANY ($1::uuid[]) UNION ALL SELECT id::text, name FROM responder WHERE id = ANY ($1::uuid[])',
    [ids],
  )
  const nameOf = new Map(names.map((row) => [row.id, row.name]))
  return {
    items: said.map(({ seq, type, at, actor, data, hash }) => ({
      seq,
      type,
      at: at.toISOString(),
      actor,
      actorName: nameOf.get(actor.split(':')[1] ?? '') ?? null,
      data,
      hash,
    })),
    next: null,
    intact: said.every((fact) => fact.holds),
  }
}
