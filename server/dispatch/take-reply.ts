import { isUntold } from '../calls/asking.ts'
import { changeCall } from '../calls/change.ts'
import type { AskedOutcome, StoredCall } from '../calls/model.ts'
import { holdOperatorLeg, loadCall, talkingCall } from '../calls/store.ts'
import { onCallTakes } from '../incidents/machine.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { report } from './commands.ts'
import { deliver, linkOf } from './deliver.ts'
import { tellAssignment } from './push.ts'
import { loadAssignment, saveTellWhere } from './store.ts'
import { acceptedText } from './texts.ts'

/**
 * Somebody who was asked by telephone has pressed 1 or 2. What follows is committed before they hear of it; the same again
 * finds it concluded.
 */
export async function takeReply(parts: Parts, callId: string): Promise<void> {
  const call = await loadCall(parts.db, callId)
  if (call?.status === 'ended' && isUntold(call)) return untoldAfterAll(parts, call)
  if (!call?.asks || !call.reply || call.outcome) return
  if (call.asks === 'assignment') await helperReplied(parts, call)
  else await onCallReplied(parts, call)
}

/** The same command as from the page and by message: who comes first has it. */
async function helperReplied(parts: Parts, call: StoredCall): Promise<void> {
  const assignment = await loadAssignment(parts.db, call.asksId as string)
  if (!assignment) return
  const { id, responderId } = assignment
  const said = call.reply === 'yes' ? ({ report: 'accept' } as const) : ({ report: 'decline', reason: 'busy' } as const)
  const answer = await report(parts, id, said, actorOf.responder(responderId))
  const outcome: AskedOutcome = isRefusal(answer) ? 'too-late' : call.reply === 'yes' ? 'accepted' : 'declined'
  let untold = false
  await changeCall(parts, {
    callId: call.id,
    decide: async (now, incident, tx) => {
      const operatorId =
        outcome === 'accepted' && now.status === 'answered' ? await freeOwner(tx, incident.ownerId) : null
      untold = outcome === 'accepted' && !operatorId
      if (untold) {
        const saved = await saveTellWhere(tx, id)
        if (saved) tx.afterCommit(() => tellAssignment(parts, incident.areaPath, saved))
      }
      return { say: 'concluded', outcome, operatorId }
    },
  })
  if (untold) await sendLink(parts, id)
}

/** They have gone before the operator was with them: the operator has it as a task, and they get the link. Twice is once. */
async function untoldAfterAll(parts: Parts, { id: callId, asksId }: StoredCall): Promise<void> {
  const assignmentId = asksId as string
  let news = false
  await changeCall(parts, {
    callId,
    decide: async (_call, incident, tx) => {
      const saved = await saveTellWhere(tx, assignmentId)
      news = saved !== undefined
      if (saved) tx.afterCommit(() => tellAssignment(parts, incident.areaPath, saved))
      return null
    },
  })
  if (news) await sendLink(parts, assignmentId)
}

/** The owner of the incident, when they can be spoken with at once. */
async function freeOwner(tx: Tx, ownerId: string | null): Promise<string | null> {
  if (!ownerId || !(await holdOperatorLeg(tx, ownerId))) return null
  return (await talkingCall(tx, ownerId)) ? null : ownerId
}

async function sendLink(parts: Parts, assignmentId: string): Promise<void> {
  const [to] = await parts.db.query<{ phone: string; language: string }>(
    `SELECT r.phone, r.languages[1] AS language FROM assignment s JOIN responder r ON r.id = s.responder_id WHERE s.id = $1`,
    [assignmentId],
  )
  if (!to) return
  const text = acceptedText(to.language, linkOf(parts, assignmentId))
  await deliver(parts, { phone: to.phone, assignmentId, text })
}

/** Responsibility is taken in the transaction in which the call says so. */
async function onCallReplied(parts: Parts, call: StoredCall): Promise<void> {
  const [area] = await parts.db.query<{ name: string }>('SELECT name FROM area WHERE id = $1', [call.asksId])
  const facts: Fact[] = []
  await changeCall(parts, {
    callId: call.id,
    decide: (now, incident) => {
      if (!now.reply || now.outcome) return null
      const decision = onCallTakes(incident, {
        now: parts.clock.now(),
        reply: now.reply,
        callId: now.id,
        areaId: now.asksId as string,
        name: area?.name ?? '',
      })
      if ('facts' in decision) facts.push(...decision.facts)
      const taken: AskedOutcome = now.reply === 'yes' ? 'accepted' : 'declined'
      return { say: 'concluded', outcome: 'facts' in decision ? taken : 'too-late', operatorId: null }
    },
    facts: () => facts,
  })
}
