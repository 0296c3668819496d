import { actorOf, type Fact } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { changeCall } from './change.ts'
import { isTalking, waitsForUs } from './machine.ts'
import type { CallCommand, StoredCall } from './model.ts'
import { handOnCall, move } from './move.ts'
import { endListening, holdOperatorLeg, loadCall, lockLive, talkingCall } from './store.ts'
import { ownerAnswersWithinMs } from './timers.ts'
import { callPush } from './view.ts'

export type CallAnswer = Promise<StoredCall | Refusal>
type Answer = CallAnswer
/** In whose areas they may. */
export const scopeOf = (caller: Caller) => (path: string) => caller.may('handle-incident', path)
const surveyedFromClass = 3

export const onACall = refuse(
  'on-a-call',
  'You are talking, or keep somebody on hold. End that call first, or hand it over.',
)
export const noHeadset = refuse(
  'no-headset',
  'Your telephone is not connected. Connect it in the bar at the top, then answer.',
)

/** An operator's word to a call of an incident that they have in hand. */
function say(
  parts: Parts,
  caller: Caller,
  callId: string,
  command: CallCommand | ((incident: Stored) => CallCommand),
): Answer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: (call, incident) => {
      if (call.operatorId !== caller.id && incident.ownerId !== caller.id)
        return refuse('not-owner', 'A colleague talks with them.')
      return typeof command === 'function' ? command(incident) : command
    },
  })
}

export const holdCall = (parts: Parts, caller: Caller, id: string): Answer => say(parts, caller, id, { say: 'hold' })
export const resumeCall = (parts: Parts, caller: Caller, id: string): Answer =>
  say(parts, caller, id, { say: 'resume' })
/** Whoever was in need is not asked whether they were satisfied; whoever had an everyday matter is. */
export const hangUpCall = (parts: Parts, caller: Caller, id: string): Answer =>
  say(parts, caller, id, ({ class: grave }) => ({ say: 'end', because: 'hung-up', survey: grave >= surveyedFromClass }))
export const askByKeys = (parts: Parts, caller: Caller, id: string): Answer =>
  say(parts, caller, id, { say: 'ask-by-keys' })

/** Accepting the incident answers who waits on the line: the calls of it that nobody has. Called inside that transaction. */
export async function answerCallsOf(parts: Parts, tx: Tx, incident: Stored, operatorId: string): Promise<Fact[]> {
  const waiting = (await lockLive(tx, incident.id)).filter(waitsForUs)
  const facts: Fact[] = []
  const hasLine = await holdOperatorLeg(tx, operatorId)
  // Whoever takes an incident while they listen to another conversation leaves that one.
  if (hasLine && waiting.some((call) => call.medium === 'voice')) await leaveOthers(parts, tx, operatorId)
  let hasVoice = !hasLine || (await talkingCall(tx, operatorId)) !== undefined
  for (const call of waiting) {
    // One voice at a time, and only with a telephone: the others wait on, seen by their owner.
    if (call.medium === 'voice' && hasVoice) continue
    hasVoice ||= call.medium === 'voice'
    const answered = await move(parts, tx, call, { say: 'answer', operatorId }, operatorId)
    if (isRefusal(answered)) continue
    facts.push(...answered.facts)
    await handOnCall(parts, tx, answered.call)
  }
  return facts
}

async function leaveOthers(parts: Parts, tx: Tx, operatorId: string): Promise<void> {
  const now = parts.clock.now()
  for (const callId of await endListening(tx, { accountId: operatorId }, now)) {
    await enqueue(tx, 'settle-call', callId, now)
    const left = await loadCall(tx, callId)
    if (left) tx.afterCommit(() => parts.realtime.toArea(left.areaPath, 'call.changed', callPush(left)))
  }
}

/** Somebody waits on the line of an incident in hand: its owner answers; after 20 s any colleague may, and takes it over. */
export async function answerCall(parts: Parts, caller: Caller, callId: string): Answer {
  const now = parts.clock.now()
  let takes = false
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, incident, tx) => {
      if (!waitsForUs(call) && !isTalking(call)) return refuse('not-picked-up', 'It still rings at the other side.')
      const waitedMs = now.getTime() - (call.waitingSince ?? call.offeredAt).getTime()
      if (incident.status === 'waiting') return refuse('take-incident', 'Accept the incident; that answers the call.')
      if (incident.ownerId !== caller.id) {
        if (waitedMs < ownerAnswersWithinMs)
          return refuse('not-owner', 'It rings at the colleague who has the incident.')
        takes = incident.status === 'triage' || incident.status === 'response'
        if (!takes) return refuse('not-in-hand')
      }
      if (call.medium === 'voice') {
        if (!(await holdOperatorLeg(tx, caller.id))) return noHeadset
        const other = await talkingCall(tx, caller.id)
        if (other && other.id !== call.id) return onACall
      }
      return { say: 'answer', operatorId: caller.id }
    },
    facts: (_, incident) =>
      takes
        ? [
            {
              at: now,
              actor: actorOf.operator(caller.id),
              type: 'taken-over',
              data: { from: incident.ownerId ?? '', by: caller.id, reason: '', because: 'caller-waits' },
            },
          ]
        : [],
  })
}
