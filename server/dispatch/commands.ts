import { alertLeaders, changeIncident } from '../incidents/change.ts'
import { mayOpenFiles } from '../incidents/file-commands.ts'
import { dispatch as decideDispatch } from '../incidents/machine.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { cancel, enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { askOn, neededFor } from './ask-on.ts'
import { isGoing, move } from './machine.ts'
import type { Assignment, Report } from './model.ts'
import { tellAssignment } from './push.ts'
import { loadAssignment, lockAssignments, saveMove } from './store.ts'
import { sendWave, skillOf, strangers } from './wave.ts'

/** triage → response: the promise clock starts, the first wave is asked. Nobody near and free is a refusal that says so. */
export async function dispatchResponder(
  parts: Parts,
  caller: Caller,
  target: { id: string; version?: number | undefined },
  said: { responderIds?: string[] | undefined; needed: number },
): Promise<Stored | Refusal> {
  const now = parts.clock.now()
  const strange = said.responderIds && (await strangers(parts.db, target.id, said.responderIds))
  if (strange) return strange
  return changeIncident(parts, {
    ...target,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      const item = await skillOf(tx, incident.catalogueCode)
      const promiseAt = after(now, minutes(item?.targetMinutes ?? 60))
      const assigned = await lockAssignments(tx, incident.id)
      const needed = said.needed + (await stillWanted(tx, incident.id, assigned))
      const decision = decideDispatch(incident, { operatorId: caller.id, now, promiseAt, needed })
      if ('refused' in decision) return decision
      const wave = 1 + Math.max(0, ...assigned.map((assignment) => assignment.wave))
      const asked = await sendWave(
        tx,
        incident,
        {
          wave,
          needed: said.needed,
          promiseAt: incident.promiseAt ?? promiseAt,
          requestedBy: caller.id,
          by: said.responderIds ? { responderIds: said.responderIds } : 'rank',
        },
        now,
      )
      if (asked.length === 0)
        return refuse(
          'nobody-free',
          'Nobody with this skill is free nearby. Choose another service, pick somebody by hand, or call 120 / 110.',
        )
      return { facts: [...decision.facts, ...asked] }
    },
    also: async (tx, { before, after: sent }) => {
      if (!before.promiseAt && sent.promiseAt) await enqueue(tx, 'check-promise', sent.id, sent.promiseAt)
    },
  })
}

const factOf = {
  accepted: 'assignment-accepted',
  'en-route': 'en-route',
  'on-scene': 'on-scene',
  cleared: 'cleared',
  declined: 'assignment-declined',
  expired: 'assignment-expired',
  'stood-down': 'stood-down',
} as const

/**
 * A responder's report, from their page or entered for them, or our own stand-down. It comes in at the front as a new
 * command; a repeated or late one changes nothing. Accepting books the responder in the same transaction, or is refused
 * as `booked-elsewhere`; enough accepted stands the others down at once. `also` commits with it.
 */
export async function report(
  parts: Parts,
  assignmentId: string,
  said: Report,
  actor: string,
  by?: Caller,
  also?: (tx: Tx) => Promise<void>,
): Promise<Assignment | Refusal> {
  const found = await loadAssignment(parts.db, assignmentId)
  if (!found) return refuse('not-found')
  const now = parts.clock.now()
  const moved: Assignment[] = []
  const changed = await changeIncident(parts, {
    id: found.incidentId,
    ...(by && { inScope: (path: string) => by.may('handle-incident', path) }),
    decide: async (incident, tx) => {
      // Who sends helpers for an incident is who has it; a colleague of the area looks on.
      if (by && !mayOpenFiles(by, incident, now)) return refuse('not-owner', 'A colleague has it. Take it over first.')
      const all = await lockAssignments(tx, incident.id)
      const present = all.find((assignment) => assignment.id === assignmentId) as Assignment
      const next = move(present, said, now)
      if (next === 'known') {
        moved.push(present)
        return { facts: [] }
      }
      if ('refused' in next) return next
      if (next.to === 'accepted' && !(await book(tx, present.responderId))) {
        return refuse('booked-elsewhere', 'You are out on another task. Finish it first, or decline this one.')
      }
      if (isGoing(present.status) && !isGoing(next.to)) await unbook(tx, present.responderId)
      moved.push(await saveMove(tx, present.id, next, now))
      const type = said.report === 'hand-back' ? 'handed-back' : factOf[next.to as keyof typeof factOf]
      const facts: Fact[] = [
        {
          at: now,
          actor,
          type,
          data: { assignmentId, responderId: present.responderId, reason: next.reason ?? next.note ?? '' },
        } as Fact,
      ]
      if (next.to === 'accepted') facts.push(...(await standDownRest(tx, incident, all, present.id, now)))
      if (next.to === 'declined' || next.to === 'expired') await askOn(tx, incident, all, present.id, now)
      if (next.to === 'stood-down') await enqueue(tx, 'notify-stood-down', present.id, now)
      return { facts }
    },
    also: async (tx, { before, after: saved, facts }) => {
      await also?.(tx)
      if (saved.assignmentsOpen === 0) await takeBackWave(tx, saved, moved)
      const handedBack = facts.some((fact) => fact.type === 'handed-back')
      const times = handedBack ? await handBacksOf(tx, saved.id) : 0
      tx.afterCommit(() => {
        for (const assignment of facts.length > 0 ? moved : []) tellTimes(parts, assignment)
        for (const assignment of moved) {
          tellAssignment(parts, before.areaPath, assignment)
        }
        if (times >= 2) alertLeaders(parts, saved, 'second-hand-back')
      })
    },
  })
  return isRefusal(changed) ? changed : (moved[0] as Assignment)
}

function tellTimes({ metrics }: Parts, { status, requestedAt, acceptedAt, onSceneAt }: Assignment): void {
  const seconds = (until: Date | null) => ((until ?? requestedAt).getTime() - requestedAt.getTime()) / 1000
  if (status === 'accepted') metrics.accepted.observe(seconds(acceptedAt))
  if (status === 'on-scene') metrics.onScene.observe(seconds(onSceneAt))
}

/** Taken by this one only if they are still free: two incidents never book the same hands. */
async function book(tx: Tx, responderId: string): Promise<boolean> {
  const rows = await tx.query(
    'UPDATE responder SET open_assignments = open_assignments + 1, offers_accepted = offers_accepted + 1 WHERE id = $1 AND active AND open_assignments < max_open RETURNING id',
    [responderId],
  )
  return rows.length > 0
}

async function unbook(tx: Tx, responderId: string): Promise<void> {
  await tx.query('UPDATE responder SET open_assignments = greatest(0, open_assignments - 1) WHERE id = $1', [
    responderId,
  ])
}

/** Those who go or went, and those who are still asked for by an earlier dispatch that has not run out. */
async function stillWanted(tx: Tx, incidentId: string, all: Assignment[]): Promise<number> {
  const came = all.filter(({ status }) => isGoing(status) || status === 'cleared').length
  const asked = all.some((assignment) => assignment.status === 'requested')
  return asked ? Math.max(came, await neededFor(tx, incidentId)) : came
}

async function handBacksOf(tx: Tx, incidentId: string): Promise<number> {
  return (await tx.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'handed-back'`, [incidentId])).length
}

async function standDownRest(
  tx: Tx,
  incident: Stored,
  all: Assignment[],
  acceptedId: string,
  now: Date,
): Promise<Fact[]> {
  const going = 1 + all.filter(({ status }) => isGoing(status) || status === 'cleared').length
  if (going < (await neededFor(tx, incident.id))) return []
  await cancel(tx, 'next-wave', incident.id)
  const facts: Fact[] = []
  for (const assignment of all.filter((other) => other.id !== acceptedId && other.status === 'requested')) {
    await saveMove(tx, assignment.id, { to: 'stood-down', reason: 'enough-accepted' }, now)
    await enqueue(tx, 'notify-stood-down', assignment.id, now)
    facts.push({
      at: now,
      actor: actorOf.system,
      type: 'stood-down',
      data: { assignmentId: assignment.id, responderId: assignment.responderId, reason: 'enough-accepted' },
    })
  }
  return facts
}

async function takeBackWave(tx: Tx, incident: Stored, moved: Assignment[]): Promise<void> {
  if (moved.some((assignment) => assignment.status === 'cleared' || assignment.status === 'stood-down'))
    await cancel(tx, 'next-wave', incident.id)
}
