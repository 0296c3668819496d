import { auditLook } from '../access/audit.ts'
import { isLongClosed } from '../access/closed-matters.ts'
import type { AlarmView } from '../contracts/alarms.ts'
import type { ContactView } from '../contracts/residents.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { recordContactResult, revealAccess } from '../residents/commands.ts'
import { loadHousehold } from '../residents/queries.ts'
import { changeIncident } from './change.ts'
import { actorOf, type Fact, type Incident } from './model.ts'
import { findAlarm } from './queries.ts'
import { load, type Stored } from './store.ts'

type Matter = Pick<Incident, 'ownerId' | 'areaPath'> & { closedAt: Date | null }
/** Is it in this person's hands, or has it been lately? By the roles of today: who works elsewhere now has it no more. */
export const isTheirs = (caller: Caller, { ownerId, areaPath, closedAt }: Matter, now: Date): boolean =>
  ownerId === caller.id && caller.may('handle-incident', areaPath) && !isLongClosed(closedAt, now)

/** Identity by stage: the files behind an incident are for who has it, and for the supervisors of its area. */
export const mayOpenFiles = (caller: Caller, incident: Matter, now: Date): boolean =>
  isTheirs(caller, incident, now) || caller.may('supervise', incident.areaPath)

const by = (parts: Parts, caller: Caller) => ({ at: parts.clock.now(), actor: actorOf.operator(caller.id) })

/** Writes into the timeline what was done with a file for this incident. */
function tell(parts: Parts, caller: Caller, incidentId: string, fact: Fact): Promise<Stored | Refusal> {
  return changeIncident(parts, {
    id: incidentId,
    decide: (incident) =>
      mayOpenFiles(caller, incident, parts.clock.now())
        ? { facts: [fact] }
        : refuse('not-owner', 'A colleague has it by now.'),
  })
}

/**
 * The door code: for an open incident in hand whose resident lives there, and then in its timeline; or with a reason. It is
 * written down before it is shown.
 */
export async function revealAccessFor(
  parts: Parts,
  caller: Caller,
  householdId: string,
  { incidentId, reason }: { incidentId: string | null; reason: string },
): Promise<{ access: string } | Refusal> {
  if (!(await loadHousehold(parts, householdId, caller.pathsFor('reveal-access')))) return refuse('not-found')
  if (!incidentId || !(await inHandAt(parts, caller, incidentId, householdId))) {
    if (!reason) return refuse('no-reason', 'Take the incident of this home first, or say why the code is needed.')
    return revealAccess(parts, caller, householdId, reason)
  }
  const fact: Fact = { ...by(parts, caller), type: 'access-revealed', data: { householdId } }
  const told = await tell(parts, caller, incidentId, fact)
  if (isRefusal(told)) return told
  return revealAccess(parts, caller, householdId, [`incident ${incidentId}`, reason].filter(Boolean).join(': '))
}

async function inHandAt(parts: Parts, caller: Caller, incidentId: string, householdId: string): Promise<boolean> {
  const incident = await load(parts.db, incidentId)
  if (!incident || incident.status === 'closed' || !mayOpenFiles(caller, incident, parts.clock.now())) return false
  const lives = await parts.db.query('SELECT 1 FROM resident WHERE id = $1 AND household_id = $2', [
    incident.residentId,
    householdId,
  ])
  return lives.length > 0
}

/** What came of calling a contact; called for an incident, it stands in the timeline too. */
export async function contactResultFor(
  parts: Parts,
  caller: Caller,
  contactId: string,
  said: { result: NonNullable<ContactView['lastResult']>; incidentId: string | null },
): Promise<ContactView | Refusal> {
  const { incidentId, result } = said
  if (incidentId) {
    const refusal = await notOfIncident(parts, caller, contactId, incidentId)
    if (refusal) return refusal
  }
  const contact = await recordContactResult(parts, caller, contactId, said)
  if (isRefusal(contact) || !incidentId) return contact
  const fact: Fact = { ...by(parts, caller), type: 'contact-result', data: { contactId, result } }
  const told = await tell(parts, caller, incidentId, fact)
  return isRefusal(told) ? told : contact
}

async function notOfIncident(
  parts: Parts,
  caller: Caller,
  contactId: string,
  incidentId: string,
): Promise<Refusal | undefined> {
  const incident = await load(parts.db, incidentId)
  if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
  if (!mayOpenFiles(caller, incident, parts.clock.now())) return refuse('not-owner', 'Take the incident first.')
  if (incident.status === 'closed') return refuse('closed', 'A closed incident stays closed.')
  const known = await parts.db.query('SELECT 1 FROM contact WHERE id = $1 AND resident_id = $2', [
    contactId,
    incident.residentId,
  ])
  return known.length > 0 ? undefined : refuse('not-found')
}

/** One signal with its position: like the file of its incident; one that called nobody (a test) is for supervisors. */
export async function readAlarm(parts: Parts, caller: Caller, id: string): Promise<AlarmView | Refusal> {
  const found = await findAlarm(parts, caller.pathsFor('handle-incident'), id)
  if (!found) return refuse('not-found')
  if (!mayOpenFiles(caller, found.of, parts.clock.now())) return refuse('not-owner', 'Take the incident first.')
  const { incidentId, deviceId } = found.alarm
  const subject = incidentId
    ? { subjectKind: 'incident', subjectId: incidentId }
    : { subjectKind: 'device', subjectId: deviceId }
  await auditLook(parts, { accountId: caller.id, ...subject })
  return found.alarm
}
