import type { Disposition } from '../contracts/vocabulary.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { changeIncident } from './change.ts'
import * as machine from './machine.ts'
import type { Stored } from './store.ts'

/** Which incident, at which version the operator saw it. */
export type Target = { id: string; version?: number | undefined }
type Answer = Promise<Stored | Refusal>

/** An operator's command: in scope, at the version seen, decided by the machine. */
function command(
  parts: Parts,
  caller: Caller,
  target: Target,
  decide: Parameters<typeof changeIncident>[1]['decide'],
  also?: Parameters<typeof changeIncident>[1]['also'],
): Answer {
  const inScope = (path: string) => caller.may('handle-incident', path)
  return changeIncident(parts, { ...target, inScope, decide, ...(also && { also }) })
}
const byOf = (parts: Parts, caller: Caller) => ({ operatorId: caller.id, now: parts.clock.now() })

export function classifyIncident(
  parts: Parts,
  caller: Caller,
  target: Target,
  said: { catalogueCode: string; class: number; answers: Record<string, string>; lowerBecause: string },
): Answer {
  return command(parts, caller, target, async (incident, tx) => {
    const known = await tx.query('SELECT 1 FROM catalogue_item WHERE code = $1 AND active', [said.catalogueCode])
    return machine.classify(incident, { ...byOf(parts, caller), ...said, known: known.length > 0 })
  })
}

export const noteIncident = (parts: Parts, caller: Caller, target: Target, text: string): Answer =>
  command(parts, caller, target, (incident) => machine.note(incident, { ...byOf(parts, caller), text }))

export const holdIncident = (
  parts: Parts,
  caller: Caller,
  target: Target,
  said: { minutes: number; reason: string },
): Answer => command(parts, caller, target, (incident) => machine.hold(incident, { ...byOf(parts, caller), ...said }))

export const resumeIncident = (parts: Parts, caller: Caller, target: Target): Answer =>
  command(parts, caller, target, (incident) => machine.resume(incident, byOf(parts, caller)))

export const requeueIncident = (parts: Parts, caller: Caller, target: Target, reason: string): Answer =>
  command(parts, caller, target, (incident) => machine.requeue(incident, { ...byOf(parts, caller), reason }))

export function takeOverIncident(parts: Parts, caller: Caller, target: Target, reason: string): Answer {
  return command(parts, caller, target, (incident) =>
    machine.takeOver(incident, {
      ...byOf(parts, caller),
      supervisor: caller.may('supervise', incident.areaPath),
      reason,
    }),
  )
}

export const resolveIncident = (parts: Parts, caller: Caller, target: Target): Answer =>
  command(parts, caller, target, async (incident, tx) => {
    // Who is only being asked by telephone is let go with the rest.
    return (await parts.conversations.isOnLine(tx, incident.id))
      ? refuse('call-still-up', 'Somebody is on the line. End the call first.')
      : machine.resolve(incident, byOf(parts, caller))
  })

export const extendWrapUp = (parts: Parts, caller: Caller, target: Target): Answer =>
  command(parts, caller, target, (incident) => machine.extendWrapUp(incident, byOf(parts, caller)))

export const closeIncident = (
  parts: Parts,
  caller: Caller,
  target: Target,
  said: { disposition: Disposition; note: string },
): Answer => command(parts, caller, target, (incident) => machine.close(incident, { ...byOf(parts, caller), ...said }))

/** Of the areas in which they lead: who leads another street and only operates here does not. */
export const dismissLimit = (parts: Parts, caller: Caller, target: Target, reason: string): Answer =>
  changeIncident(parts, {
    ...target,
    inScope: (path) => caller.may('supervise', path),
    decide: (incident) => machine.dismissLimit(incident, { ...byOf(parts, caller), reason }),
  })

/** The owner has opened it: a transferred one is from now on kept alive by their heartbeat. */
export async function seeClaim(
  parts: Pick<Parts, 'db' | 'clock'>,
  incidentId: string,
  operatorId: string,
): Promise<void> {
  await parts.db.query(
    'UPDATE incident SET claim_seen = true, claim_at = $3 WHERE id = $1 AND owner_id = $2 AND NOT claim_seen',
    [incidentId, operatorId, parts.clock.now()],
  )
}

/**
 * The owner's console is alive: its claims are renewed. Not a fact and no new version, since nobody needs to see it;
 * a claim that was marked stale is looked at again at once, and the mark comes off.
 */
export async function beatClaims(parts: Pick<Parts, 'db' | 'clock' | 'outbox'>, operatorId: string): Promise<void> {
  const now = parts.clock.now()
  const stale = await parts.db.query(
    `WITH beaten AS (
       UPDATE incident SET claim_at = $2 WHERE owner_id = $1 AND claim_seen AND status IN ('triage', 'response', 'wrap-up') RETURNING id, claim_stale)
     INSERT INTO outbox (id, kind, subject, due_at) SELECT gen_random_uuid(), 'check-claim', id::text, $2 FROM beaten WHERE claim_stale
     RETURNING id`,
    [operatorId, now],
  )
  if (stale.length > 0) parts.outbox.kick()
}
