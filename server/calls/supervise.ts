import { audit } from '../access/audit.ts'
import { operatorLegId } from '../contracts/voice.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { changeCall } from './change.ts'
import { type CallAnswer, noHeadset, onACall } from './commands.ts'
import { isTalking } from './machine.ts'
import type { ListenMode } from './model.ts'
import { holdOperatorLeg, insertLeg, talkingCall } from './store.ts'

/**
 * A supervisor comes into a conversation of their area: to listen (nobody hears them), to coach (the operator alone does), or
 * to talk with both. Again with another mode changes the mode; each has a row in the audit, committed before the first sound.
 */
export function superviseCall(parts: Parts, caller: Caller, callId: string, mode: ListenMode): CallAnswer {
  return changeCall(parts, {
    callId,
    inScope: (path) => caller.may('supervise', path),
    operatorId: caller.id,
    decide: async (call, _incident, tx) => {
      if (call.medium !== 'voice' || !isTalking(call) || !call.operatorId)
        return refuse('not-talking', 'Nobody talks with them now.')
      if (call.operatorId === caller.id) return onACall
      if (!(await holdOperatorLeg(tx, caller.id))) return noHeadset
      const other = await talkingCall(tx, caller.id)
      if (other && other.id !== callId) return onACall
      const at = parts.clock.now()
      await audit(
        { db: tx, clock: parts.clock },
        { accountId: caller.id, action: 'listen-call', subjectKind: 'call', subjectId: callId, reason: mode },
      )
      const legId = operatorLegId(caller.id)
      await insertLeg(
        tx,
        { callId, legId, side: 'listener', mode, address: { operator: caller.id }, label: caller.name, status: 'up' },
        at,
      )
      return 'legs'
    },
  })
}
