import { v7 } from 'uuid'
import { isTalking } from '../calls/machine.ts'
import type { CallCommand, StoredCall } from '../calls/model.ts'
import {
  insertCall,
  insertLeg,
  legsOf,
  loadCall,
  lockLive,
  moveLeg,
  operatorLegUp,
  talkingCall,
} from '../calls/store.ts'
import { ownerAnswersWithinMs } from '../calls/timers.ts'
import type { CallTarget } from '../contracts/calls.ts'
import { operatorLegId, type VoiceAddress } from '../contracts/voice.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import { handOn } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { changeCall } from './call-change.ts'
import { handOnCall, move } from './call-move.ts'
import { changeIncident } from './change.ts'
import { actorOf, type Fact } from './model.ts'
import type { Stored } from './store.ts'

type Answer = Promise<StoredCall | Refusal>
const scopeOf = (caller: Caller) => (path: string) => caller.may('handle-incident', path)
const noHeadset = refuse(
  'no-headset',
  'Your telephone is not connected. Connect it in the bar at the top, then answer.',
)

/** An operator's word to a call of an incident that they have in hand. */
function say(parts: Parts, caller: Caller, callId: string, command: CallCommand): Answer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: (call, incident) => {
      if (call.operatorId !== caller.id && incident.ownerId !== caller.id)
        return refuse('not-owner', 'A colleague talks with them.')
      return command
    },
  })
}

export const holdCall = (parts: Parts, caller: Caller, id: string): Answer => say(parts, caller, id, { say: 'hold' })
export const resumeCall = (parts: Parts, caller: Caller, id: string): Answer =>
  say(parts, caller, id, { say: 'resume' })
export const hangUpCall = (parts: Parts, caller: Caller, id: string): Answer =>
  say(parts, caller, id, { say: 'end', because: 'hung-up' })

/** Accepting the incident answers who waits on the line: the calls of it that nobody has. Called inside that transaction. */
export async function answerCallsOf(parts: Parts, tx: Tx, incident: Stored, operatorId: string): Promise<Fact[]> {
  const waiting = (await lockLive(tx, incident.id)).filter((call) => call.direction === 'in' && !isTalking(call))
  const facts: Fact[] = []
  let hasVoice = (await talkingCall(tx, operatorId)) !== undefined || !(await operatorLegUp(tx, operatorId))
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

/** Somebody waits on the line of an incident in hand: its owner answers; after 20 s any colleague may, and takes it over. */
export async function answerCall(parts: Parts, caller: Caller, callId: string): Answer {
  const now = parts.clock.now()
  let takes = false
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, incident, tx) => {
      const waitedMs = now.getTime() - (call.queuedAt ?? call.offeredAt).getTime()
      if (incident.status === 'waiting') return refuse('take-incident', 'Accept the incident; that answers the call.')
      if (incident.ownerId !== caller.id) {
        if (waitedMs < ownerAnswersWithinMs)
          return refuse('not-owner', 'It rings at the colleague who has the incident.')
        takes = incident.status === 'triage' || incident.status === 'response'
        if (!takes) return refuse('not-in-hand')
      }
      if (call.medium === 'voice') {
        const other = await talkingCall(tx, caller.id)
        if (other && other.id !== call.id) return refuse('on-a-call', 'You are talking. Hold or end that call first.')
        if (!(await operatorLegUp(tx, caller.id))) return noHeadset
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

/** Where a target can be rung, and how it is called; undefined when it is not in this operator's reach. */
export async function addressOf(
  db: Pick<Tx, 'query'>,
  incident: Stored,
  to: CallTarget,
): Promise<{ address: VoiceAddress | { operator: string }; label: string; contactId: string | null } | undefined> {
  if ('operatorId' in to) {
    const [row] = await db.query<{ name: string }>('SELECT name FROM account WHERE id = $1 AND active', [to.operatorId])
    return row && { address: { operator: to.operatorId }, label: row.name, contactId: null }
  }
  if ('contactId' in to) {
    const [row] = await db.query<{ name: string; phone: string }>(
      'SELECT name, phone FROM contact WHERE id = $1 AND resident_id = $2',
      [to.contactId, incident.residentId],
    )
    return row && { address: { phone: row.phone }, label: row.name, contactId: to.contactId }
  }
  if ('responderId' in to) {
    const [row] = await db.query<{ name: string; phone: string }>(
      `SELECT r.name, r.phone FROM responder r WHERE r.id = $1 AND EXISTS (SELECT 1 FROM assignment s WHERE s.responder_id = r.id AND s.incident_id = $2)`,
      [to.responderId, incident.id],
    )
    return row && { address: { phone: row.phone }, label: row.name, contactId: null }
  }
  const [row] = await db.query<{ name: string; phone: string | null; kiosk: string | null }>(
    `SELECT coalesce(r.name, '') AS name, coalesce((SELECT c.number FROM call c WHERE c.incident_id = i.id AND c.direction = 'in' AND c.number IS NOT NULL ORDER BY c.offered_at DESC LIMIT 1), r.phone) AS phone,
       (SELECT c.device_id FROM call c WHERE c.incident_id = i.id AND c.device_id IS NOT NULL ORDER BY c.offered_at DESC LIMIT 1) AS kiosk
     FROM incident i LEFT JOIN resident r ON r.id = i.resident_id WHERE i.id = $1`,
    [incident.id],
  )
  if (row?.kiosk && !row.phone) return { address: { kiosk: row.kiosk }, label: row.name, contactId: null }
  return row?.phone ? { address: { phone: row.phone }, label: row.name, contactId: null } : undefined
}

/** Writes a call out, ringing; the job places it. Inside the transaction that decided it. */
export async function placeCall(
  parts: Parts,
  tx: Tx,
  incident: Stored,
  operatorId: string,
  to: { address: VoiceAddress; contactId: string | null; label: string },
): Promise<StoredCall> {
  const now = parts.clock.now()
  const kiosk = 'kiosk' in to.address ? to.address.kiosk : null
  const call = await insertCall(tx, {
    id: v7(),
    incidentId: incident.id,
    direction: 'out',
    medium: 'voice',
    status: 'ringing',
    line: '',
    number: 'phone' in to.address ? to.address.phone : null,
    deviceId: kiosk,
    contactId: to.contactId,
    areaPath: incident.areaPath,
    locale: incident.language === 'en' ? 'en' : 'zh-CN',
    operatorId,
    offeredAt: now,
    greetedAt: null,
    noticedAt: null,
    queuedAt: null,
    answeredAt: null,
    heldAt: null,
    seenAt: null,
    announced: 0,
    broken: 0,
    endedAt: null,
    endedBecause: null,
  })
  await insertLeg(
    tx,
    { callId: call.id, legId: v7(), side: 'caller', address: to.address, label: to.label, status: 'new' },
    now,
  )
  await handOn(tx, 'place-leg', call.id, now)
  await handOnCall(parts, tx, call)
  return call
}

export const placedFact = (call: StoredCall, at: Date, actor: string): Fact => ({
  at,
  actor,
  type: 'call-placed',
  data: {
    callId: call.id,
    to: call.contactId ? 'contact' : call.deviceId ? 'kiosk' : 'resident',
    contactId: call.contactId,
  },
})

/** Calls the resident (or the number that called) or a contact from an incident in hand. */
export async function callOut(parts: Parts, caller: Caller, incidentId: string, to: CallTarget): Answer {
  let placed: StoredCall | undefined
  const changed = await changeIncident(parts, {
    id: incidentId,
    inScope: scopeOf(caller),
    decide: async (incident, tx) => {
      if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
      if (await talkingCall(tx, caller.id)) return refuse('on-a-call', 'You are talking. Hold or end that call first.')
      if (!(await operatorLegUp(tx, caller.id))) return noHeadset
      const target = await addressOf(tx, incident, to)
      if (!target || 'operator' in target.address) return refuse('no-number', 'There is no number to call.')
      if (!parts.voice.reaches(target.address))
        return refuse('not-reachable', 'Their telephone cannot be rung from here. Dial the number by hand.')
      placed = await placeCall(parts, tx, incident, caller.id, { ...target, address: target.address })
      return { facts: [placedFact(placed, parts.clock.now(), actorOf.operator(caller.id))] }
    },
  })
  return isRefusal(changed) ? changed : (placed as StoredCall)
}

/** Rings a third into the conversation: a contact, a responder who was asked, or a colleague. */
export async function joinCall(parts: Parts, caller: Caller, callId: string, to: CallTarget): Answer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, incident, tx) => {
      if (call.operatorId !== caller.id || !isTalking(call)) return refuse('not-talking', 'First talk with the caller.')
      const target = await addressOf(tx, incident, to)
      if (!target) return refuse('no-number', 'There is no number to call.')
      const legId = 'operator' in target.address ? operatorLegId(target.address.operator) : v7()
      if ('operator' in target.address) {
        const there = await operatorLegUp(tx, target.address.operator)
        if (!there || (await talkingCall(tx, target.address.operator)))
          return refuse('colleague-not-there', 'This colleague has no telephone open, or is talking.')
      } else if (!parts.voice.reaches(target.address))
        return refuse('not-reachable', 'Their telephone cannot be rung from here. Dial the number by hand.')
      const invited = 'operator' in target.address
      const { address, label } = target
      await insertLeg(
        tx,
        { callId, legId, side: 'third', address, label, status: invited ? 'early' : 'new' },
        parts.clock.now(),
      )
      if (!invited) await handOn(tx, 'place-leg', callId, parts.clock.now())
      // One voice at a time: the caller hears music while the third is told what it is about.
      return call.status === 'answered' && invited ? { say: 'hold' } : 'legs'
    },
    also: async (tx, call) => tellInvited(parts, tx, call),
  })
}

/** The invited colleague's console rings. */
async function tellInvited(parts: Parts, tx: Tx, call: StoredCall): Promise<void> {
  const legs = await legsOf(tx, call.id)
  tx.afterCommit(() => {
    for (const leg of legs)
      if ('operator' in leg.address && leg.status === 'early')
        parts.realtime.toOperator(leg.address.operator, 'call.changed', {
          id: call.id,
          version: call.version,
          seq: call.seq,
        })
  })
}

/** The colleague comes into the conversation. */
export function acceptJoin(parts: Parts, caller: Caller, callId: string): Answer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (_call, _incident, tx) => {
      const here = await moveLeg(tx, { callId, legId: operatorLegId(caller.id) }, 'up', parts.clock.now())
      return here ? 'legs' : refuse('invitation-over', 'You are not asked any more.')
    },
    facts: () => [
      {
        at: parts.clock.now(),
        actor: actorOf.operator(caller.id),
        type: 'call-joined',
        data: { callId, label: caller.name },
      },
    ],
  })
}

/** A third leaves: told to by who talks, or by themself. */
export function dropLeg(parts: Parts, caller: Caller, callId: string, legId: string): Answer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, _incident, tx) => {
      if (call.operatorId !== caller.id && legId !== operatorLegId(caller.id)) return refuse('not-owner')
      const [leg] = (await legsOf(tx, callId)).filter((one) => one.legId === legId && one.side === 'third')
      if (!leg) return refuse('not-found')
      await moveLeg(tx, { callId, legId }, 'down', parts.clock.now(), 'hung-up')
      if (!('operator' in leg.address)) tx.afterCommit(() => void parts.voice.hangUp(legId, 'hung-up').catch(() => {}))
      return 'legs'
    },
  })
}

/** Warm transfer: the colleague in the conversation takes it and the incident; the one who called them leaves. */
export async function handOver(parts: Parts, caller: Caller, callId: string, operatorId: string): Answer {
  const now = parts.clock.now()
  const found = await loadCall(parts.db, callId)
  if (!found) return refuse('not-found')
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, incident, tx) => {
      if (call.operatorId !== caller.id || incident.ownerId !== caller.id) return refuse('not-owner')
      const legs = await legsOf(tx, callId)
      const there = legs.some((leg) => leg.legId === operatorLegId(operatorId) && leg.status === 'up')
      if (!there) return refuse('colleague-not-there', 'The colleague has not joined yet.')
      await moveLeg(tx, { callId, legId: operatorLegId(operatorId) }, 'down', now, 'hung-up')
      return { say: 'hand-over', operatorId }
    },
    facts: (_, incident) => [
      {
        at: now,
        actor: actorOf.operator(caller.id),
        type: 'transferred',
        data: { from: incident.ownerId ?? '', to: operatorId, reason: '', warm: true },
      },
    ],
  })
}
