import { changeIncident } from '../incidents/change.ts'
import type { Parts } from '../platform/parts.ts'
import { askOn } from './ask-on.ts'
import { tellAssignment } from './push.ts'
import { loadAssignment, lockAssignments, saveUndelivered } from './store.ts'

/**
 * The request does not reach them. They stay asked, for they may look at their page; but nobody waits for them: the operator
 * sees it beside their name, and when all others have answered the next are asked at once. Twice is once.
 */
export async function noteUndelivered(parts: Parts, assignmentId: string): Promise<void> {
  const found = await loadAssignment(parts.db, assignmentId)
  if (!found) return
  const now = parts.clock.now()
  await changeIncident(parts, {
    id: found.incidentId,
    decide: async (incident, tx) => {
      const all = await lockAssignments(tx, incident.id)
      const present = all.find((one) => one.id === assignmentId)
      if (present?.status !== 'requested' || present.undeliveredAt) return { facts: [] }
      const saved = await saveUndelivered(tx, assignmentId, now)
      // Its own time still ends it, when nobody is left to ask.
      await askOn(tx, incident, all, assignmentId, now)
      tx.afterCommit(() => {
        tellAssignment(parts, incident.areaPath, saved)
        parts.outbox.kick()
      })
      const { responderId } = present
      return { facts: [{ at: now, actor: 'system', type: 'request-undelivered', data: { assignmentId, responderId } }] }
    },
  })
}
