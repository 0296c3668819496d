import { wishOf } from '../calls/keypad.ts'
import { isTalking, moveCall, waitsForUs } from '../calls/machine.ts'
import type { CallCommand, StoredCall } from '../calls/model.ts'
import { settleCall } from '../calls/settle.ts'
import { endLegs, endListening, lockLive, moveLeg, saveCall } from '../calls/store.ts'
import { callPush } from '../calls/view.ts'
import { operatorLegId } from '../contracts/voice.ts'
import type { Tx } from '../platform/db.ts'
import { handOn } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal } from '../platform/refusal.ts'
import { actorOf, type Fact } from './model.ts'
import type { Stored } from './store.ts'

/** Moves one locked call, inside a transaction of its incident; the facts are for its timeline. */
export async function move(
  parts: Parts,
  tx: Tx,
  call: StoredCall,
  command: CallCommand,
  operatorId?: string,
): Promise<{ call: StoredCall; facts: Fact[]; changed: boolean } | Refusal> {
  const now = parts.clock.now()
  const next = moveCall(call, command, now)
  if (next === 'known') return { call, facts: [], changed: false }
  if ('refused' in next) return next
  const saved = await saveCall(tx, call, next.changes)
  if (saved.status === 'ended' && call.status !== 'ended') await endLegs(tx, saved.id, now)
  // Who takes a conversation in which they were already is its operator from now on and nothing else.
  if (saved.operatorId && saved.operatorId !== call.operatorId)
    await moveLeg(tx, { callId: saved.id, legId: operatorLegId(saved.operatorId) }, 'down', now, 'hung-up')
  // What a supervisor listened to is over; to the next conversation they come anew, with a row of its own.
  if (isTalking(call) && !isTalking(saved)) await endListening(tx, { callId: saved.id }, now)
  // A rung of the ladder may have come to nothing: it is looked at now and not when its time is up.
  if (saved.status === 'ended' && saved.direction === 'out') await handOn(tx, 'climb-ladder', saved.incidentId, now)
  const by = { at: now, actor: operatorId ? actorOf.operator(operatorId) : actorOf.system }
  return { call: saved, facts: factsOf(call, saved, command, by), changed: true }
}

function factsOf(before: StoredCall, after: StoredCall, command: CallCommand, by: { at: Date; actor: string }): Fact[] {
  const { id: callId, direction } = after
  switch (command.say) {
    case 'answer':
      return [{ ...by, type: 'call-answered', data: { callId, operatorId: command.operatorId, direction } }]
    case 'hold':
      return [{ ...by, type: 'call-held', data: { callId } }]
    case 'resume':
      return [{ ...by, type: 'call-resumed', data: { callId } }]
    case 'key':
      return keyFacts(before, after, command.key, by)
    case 'end': {
      const talkedMs = before.answeredAt ? by.at.getTime() - before.answeredAt.getTime() : 0
      return [
        {
          ...by,
          type: 'call-ended',
          data: { callId, because: after.endedBecause ?? command.because, direction, talkedMs },
        },
      ]
    }
    default:
      return []
  }
}

/** A wish of who waits stands in the timeline; what is pressed while talking is seen by the operator and is no fact. */
function keyFacts(before: StoredCall, after: StoredCall, key: string, by: { at: Date; actor: string }): Fact[] {
  const wish = waitsForUs(before) ? wishOf(before, key) : undefined
  if (!wish) return []
  const { id: callId, direction } = after
  const wished: Fact = { ...by, type: 'keyed', data: { callId, wish } }
  if (after.status !== 'ended') return [wished]
  return [wished, { ...by, type: 'call-ended', data: { callId, because: 'asked-call-back', direction, talkedMs: 0 } }]
}

/** The consoles hear of it and the media follows at once; the job that commits with the change makes sure of that. */
export async function handOnCall(parts: Parts, tx: Tx, call: StoredCall): Promise<void> {
  if (call.medium === 'voice') await handOn(tx, 'settle-call', call.id, parts.clock.now())
  tx.afterCommit(() => {
    parts.realtime.toArea(call.areaPath, 'call.changed', callPush(call))
    if (call.deviceId) parts.realtime.toKiosk(call.deviceId, 'call.changed', callPush(call))
    settleCall(parts, call.id).catch((error: unknown) =>
      parts.log.warn({ fault: (error as Error).message, call: call.id }, 'media does not follow yet'),
    )
    parts.outbox.kick()
  })
}

/** The incident went to nobody or to somebody else: whoever talks in it waits on, at the first queue time. */
export async function followIncident(parts: Parts, tx: Tx, incident: Stored, facts: Fact[]): Promise<void> {
  const lost = facts.some((fact) => fact.type === 'requeued' && fact.data.because === 'operator-lost')
  const moved = facts.some(
    (fact) => fact.type === 'requeued' || fact.type === 'transferred' || fact.type === 'taken-over',
  )
  if (!moved) return
  for (const call of await lockLive(tx, incident.id)) {
    if (call.operatorId === incident.ownerId) continue
    const next = await move(parts, tx, call, { say: 'requeue', broken: lost })
    if (!isRefusal(next) && next.changed) await handOnCall(parts, tx, next.call)
  }
}
