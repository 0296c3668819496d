import { operatorLegId } from '../contracts/voice.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Conversations, Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal } from '../platform/refusal.ts'
import { isAsking, isUntold } from './asking.ts'
import { hangUpLeg } from './hosts.ts'
import { wishOf } from './keypad.ts'
import { isTalking, moveCall, waitsForUs } from './machine.ts'
import type { Call, CallCommand, StoredCall } from './model.ts'
import { syncMedia } from './sound/sync-media.ts'
import { endLegs, endListening, legsOf, lockLive, moveLeg, saveCall } from './store.ts'
import { callPush } from './view.ts'

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
  if (command.say === 'answer' && call.aside === 'overflow') await letRingNoMore(parts, tx, saved.id, now)
  // What a supervisor listened to is over; to the next conversation they come anew, with a row of its own.
  if (isTalking(call) && !isTalking(saved)) await endListening(tx, { callId: saved.id }, now)
  // A rung of the ladder may have come to nothing: it is looked at now and not when its time is up.
  if (saved.status === 'ended' && saved.direction === 'out' && !saved.asks)
    await enqueue(tx, 'climb-ladder', saved.incidentId, now)
  // What follows from an answer by key is done by the room that asked; who did not answer is perhaps rung once more.
  if (saved.reply && !call.reply) await enqueue(tx, 'take-reply', saved.id, now)
  if (saved.status === 'ended' && saved.asks === 'assignment' && saved.asksId && !saved.reply)
    await enqueue(tx, 'ring-responder', saved.asksId, now)
  // They accepted, and have gone before the operator was with them: nobody has told them where.
  if (saved.status === 'ended' && isUntold(saved)) await enqueue(tx, 'take-reply', saved.id, now)
  const by = { at: now, actor: operatorId ? actorOf.operator(operatorId) : actorOf.system }
  return { call: saved, facts: factsOf(call, saved, command, by), changed: true }
}

/** One of us is there: the number outside that still rings is let be, and does not come into what they talk about. */
async function letRingNoMore(parts: Parts, tx: Tx, callId: string, now: Date): Promise<void> {
  for (const { legId, side, status } of await legsOf(tx, callId)) {
    if (side !== 'third' || (status !== 'new' && status !== 'early')) continue
    await moveLeg(tx, { callId, legId }, 'down', now, 'no-answer')
    tx.afterCommit(() => hangUpLeg(parts, callId, legId, 'no-answer'))
  }
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
      return after.asks ? [] : keyFacts(before, after, command, by)
    case 'overflow':
      return [
        { ...by, type: 'overflowed', data: { callId, because: command.because, number: command.number } },
        ...offeredFacts(after, by),
      ]
    case 'outside':
      return [{ ...by, type: 'overflow-answered', data: { callId } }]
    case 'unreached':
      return offeredFacts(after, by)
    case 'unheard':
      return [{ ...by, type: 'message-failed', data: { callId } }]
    case 'end':
      return after.asks && isAsking(before) ? unanswered(after, by) : [endedFact(before, after, by)]
    default:
      return []
  }
}

/** Nobody there, or no key. Whoever answered is in the timeline by what came of it. */
function unanswered(call: StoredCall, by: { at: Date; actor: string }): Fact[] {
  if (!call.asks || call.reply || call.outcome || call.endedBecause === 'let-go') return []
  const { id: callId, asks, endedBecause } = call
  return [
    { ...by, type: 'asked-unanswered', data: { callId, asks, ...whom(call), because: endedBecause ?? 'hung-up' } },
  ]
}

/** Whom a call asked, as its facts say it. */
export function whom({ asks, asksId }: Pick<StoredCall, 'asks' | 'asksId'>): {
  assignmentId?: string
  areaId?: string
} {
  return asks === 'assignment' ? { assignmentId: asksId as string } : { areaId: asksId as string }
}

const offeredFacts = ({ id: callId, aside }: Call, by: { at: Date; actor: string }): Fact[] =>
  aside === 'offer' ? [{ ...by, type: 'message-offered', data: { callId } }] : []

function endedFact(before: Call, after: Call, by: { at: Date; actor: string }): Fact {
  const talkedMs = before.answeredAt ? by.at.getTime() - before.answeredAt.getTime() : 0
  const { id: callId, direction, asks } = after
  const because = after.endedBecause ?? 'lost'
  return { ...by, type: 'call-ended', data: { callId, because, direction, talkedMs, ...(asks && { asks }) } }
}

/** A wish of who waits stands in the timeline; what is pressed while talking is seen by the operator and is no fact. */
function keyFacts(
  before: StoredCall,
  after: StoredCall,
  { key, service }: CallCommand & { say: 'key' },
  by: { at: Date; actor: string },
): Fact[] {
  const wish = waitsForUs(before) ? wishOf(before, key, service !== undefined) : undefined
  return [
    ...(wish
      ? [
          {
            ...by,
            type: 'keyed' as const,
            data: { callId: after.id, wish, ...(wish === 'service' && service && { catalogueCode: service }) },
          },
        ]
      : []),
    ...(after.status === 'ended' && before.status !== 'ended' ? [endedFact(before, after, by)] : []),
  ]
}

/** The consoles hear of it and the media follows at once; the job that commits with the change makes sure of that. */
export async function handOnCall(parts: Parts, tx: Tx, call: StoredCall): Promise<void> {
  if (call.medium === 'voice') await enqueue(tx, 'settle-call', call.id, parts.clock.now())
  tx.afterCommit(() => {
    parts.realtime.toArea(call.areaPath, 'call.changed', callPush(call))
    if (call.deviceId) parts.realtime.toKiosk(call.deviceId, 'call.changed', callPush(call))
    syncMedia(parts, call.id).catch((error: unknown) =>
      parts.log.warn({ fault: (error as Error).message, call: call.id }, 'media does not follow yet'),
    )
    parts.outbox.kick()
  })
}

/** The incident went to nobody or to somebody else: whoever talks in it waits on, at the first queue time. */
const follow: Conversations['follow'] = async (parts, tx, incident, facts) => {
  const lost = facts.some(
    ({ type, data }) => type === 'requeued' && 'because' in data && data.because === 'operator-lost',
  )
  const moved = facts.some(
    (fact) => fact.type === 'requeued' || fact.type === 'transferred' || fact.type === 'taken-over',
  )
  const answered = facts.some((fact) => fact.type === 'answered')
  if (!moved && !answered) return
  for (const call of await lockLive(tx, incident.id)) {
    const command = commandFor(call, incident, { moved, lost })
    if (!command) continue
    const next = await move(parts, tx, call, command)
    if (!isRefusal(next) && next.changed) await handOnCall(parts, tx, next.call)
  }
}

function commandFor(
  call: StoredCall,
  incident: { ownerId: string | null },
  { moved, lost }: { moved: boolean; lost: boolean },
): CallCommand | undefined {
  // An operator has it: the on-call telephone need not take it.
  if (call.asks === 'on-call') return moved ? undefined : releasing(call)
  if (!moved || call.operatorId === incident.ownerId) return undefined
  // A helper who was asked is nobody who waits: they are told by the operator who has it next.
  if (call.asks) return call.operatorId ? { say: 'end', because: 'lost' } : undefined
  return { say: 'requeue', broken: lost }
}

/** It is taken care of, or not needed any more: who is being asked hears so, and whose telephone still rings is let be. */
export const releasing = (call: StoredCall): CallCommand =>
  call.answeredAt ? { say: 'concluded', outcome: 'too-late', operatorId: null } : { say: 'end', because: 'let-go' }

export const conversations: Conversations = {
  follow,
  isOnLine: async (tx, incidentId) => (await lockLive(tx, incidentId)).some((call) => !call.asks || call.operatorId),
}
