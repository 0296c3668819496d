import { changeIncident } from '../incidents/change.ts'
import { skipRung } from '../incidents/ladder.ts'
import { actorOf, type Fact, type SkippedRung } from '../incidents/model.ts'
import { after, minutes } from '../platform/clock.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { neededFor } from './ask-on.ts'
import { isOpen } from './machine.ts'
import { lockAssignments } from './store.ts'
import { sendWave, skillOf } from './wave.ts'

/** What a helper is sent for when nobody speaks and nobody was reached: to look. */
const lookCode = 'no-answer'

/**
 * A rung of the no-response ladder: the nearest helper is asked without an operator's hand. Somebody asked or on the way
 * already is enough. Twice is once: the second finds the wave of the first.
 */
export async function sendLadderHelper(parts: Parts, incidentId: string): Promise<void> {
  const now = parts.clock.now()
  await changeIncident(parts, {
    id: incidentId,
    decide: async (incident, tx) => {
      // Skipped already: the next rung is climbed by now, or soon.
      if (
        incident.ladderRung === null ||
        !incident.ladderUntil ||
        incident.ladderUntil <= now ||
        (incident.status !== 'triage' && incident.status !== 'response')
      )
        return { facts: [] }
      const all = await lockAssignments(tx, incidentId)
      if (all.some((assignment) => isOpen(assignment.status) || assignment.status === 'cleared')) return { facts: [] }
      // Nobody can come of this rung: its time is not waited for, and the desk sees why.
      const skip = async (because: SkippedRung) => {
        await enqueue(tx, 'climb-ladder', incidentId, now)
        return { facts: [skipRung({ step: 'helper' }, incident.ladderRung ?? 0, because, now)] }
      }
      const catalogueCode = incident.catalogueCode ?? lookCode
      const item = await skillOf(tx, catalogueCode)
      if (!item) return skip('no-service')
      if (incident.lat === null || incident.lon === null) return skip('no-place')
      const by = { at: now, actor: actorOf.system }
      const promiseAt = incident.promiseAt ?? after(now, minutes(item.targetMinutes))
      const facts: Fact[] = []
      if (!incident.catalogueCode)
        facts.push({ ...by, type: 'classified', data: { catalogueCode, class: incident.class, answers: {} } })
      const wave = 1 + Math.max(0, ...all.map((assignment) => assignment.wave))
      const asked = await sendWave(
        tx,
        { ...incident, catalogueCode },
        { wave, needed: 1, promiseAt, requestedBy: null, by: 'rank' },
        now,
      )
      if (asked.length === 0) return skip('nobody-near')
      const needed = Math.max(1, await neededFor(tx, incidentId))
      facts.push({ ...by, type: 'dispatched', data: { promiseAt: promiseAt.toISOString(), needed } }, ...asked)
      return { facts }
    },
    also: async (tx, { before, after: sent }) => {
      if (!before.promiseAt && sent.promiseAt) await enqueue(tx, 'check-promise', sent.id, sent.promiseAt)
    },
  })
}
