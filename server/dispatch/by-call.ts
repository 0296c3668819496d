import { askingCalls, placeAsking } from '../calls/asked-calls.ts'
import { handOnCall, move, releasing } from '../calls/move.ts'
import { canRing } from '../calls/outbound.ts'
import { changeIncident } from '../incidents/change.ts'
import { after, seconds } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { loadAssignment, lockAssignments } from './store.ts'
import { noteUndelivered } from './undelivered.ts'

/** Once more, and no more: the others of the wave are rung as well, and after a minute the next are asked. */
const triesMax = 2
/** To come to the telephone, to hear what it is and to press a key; with less left it is not rung again. */
const leastMs = seconds(20)

type Asked = { name: string; phone: string; language: string }

/**
 * Rings a responder who is asked by telephone, at most twice within the time of the wave. Who hung up, or answered, is not
 * rung again. Twice is once: while it rings nothing is placed.
 */
export async function ringResponder(parts: Parts, assignmentId: string): Promise<void> {
  const found = await loadAssignment(parts.db, assignmentId)
  if (!found) return
  const now = parts.clock.now()
  let unreachable = false
  await changeIncident(parts, {
    id: found.incidentId,
    decide: async (incident, tx) => {
      const present = (await lockAssignments(tx, incident.id)).find((one) => one.id === assignmentId)
      const calls = await askingCalls(tx, assignmentId, incident.id)
      const last = calls[0]
      if (present?.status !== 'requested' || (last && last.status !== 'ended')) return { facts: [] }
      if (last && (last.reply || last.endedBecause === 'declined' || last.endedBecause === 'hung-up'))
        return { facts: [] }
      const [asked] = await tx.query<Asked>(
        'SELECT name, phone, languages[1] AS language FROM responder WHERE id = $1',
        [present.responderId],
      )
      const left = calls.length === 0 || present.expiresAt >= after(now, leastMs)
      if (!asked || calls.length >= triesMax || !left || !(await canRing(parts, tx, { phone: asked.phone }))) {
        unreachable = last?.endedBecause === 'unreachable'
        return { facts: [] }
      }
      const { name, phone, language } = asked
      const locale = language === 'en' ? 'en' : 'zh-CN'
      const asking = { asks: 'assignment', asksId: assignmentId, phone, label: name, locale } as const
      return { facts: [await placeAsking(parts, tx, incident, asking)] }
    },
  })
  if (unreachable) await noteUndelivered(parts, assignmentId)
}

/** The request is over: who is asked about it by telephone at this moment is told, and rung no more. Twice is once. */
export async function releaseByCall(parts: Parts, assignmentId: string): Promise<void> {
  const found = await loadAssignment(parts.db, assignmentId)
  if (!found) return
  await changeIncident(parts, {
    id: found.incidentId,
    decide: async (incident, tx) => {
      for (const call of await askingCalls(tx, assignmentId, incident.id)) {
        // One who had accepted and is told where at this moment is told by the operator.
        if (call.status === 'ended' || call.operatorId) continue
        const moved = await move(parts, tx, call, releasing(call))
        if (!isRefusal(moved) && moved.changed) await handOnCall(parts, tx, moved.call)
      }
      return { facts: [] }
    },
  })
}
