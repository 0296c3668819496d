import { v7 } from 'uuid'
import type { CallTarget } from '../contracts/calls.ts'
import { operatorLegId } from '../contracts/voice.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import type { Caller } from '../platform/caller.ts'
import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { changeCall } from './change.ts'
import { type CallAnswer, noHeadset, onACall, scopeOf } from './commands.ts'
import { hangUpLeg } from './hosts.ts'
import { isTalking } from './machine.ts'
import type { StoredCall } from './model.ts'
import { addressOf, canRing, unfitNumber } from './outbound.ts'
import { holdOperatorLeg, insertLeg, legsOf, loadCall, moveLeg, talkingCall } from './store.ts'
import { thirdRingsMs } from './timers.ts'

type ThirdCalled = (Fact & { type: 'third-called' })['data']

/** Whom, by what can be looked up; an outside number stands as it was dialled. */
function calledThird(callId: string, to: CallTarget, label: string): ThirdCalled {
  return {
    callId,
    contactId: 'contactId' in to ? to.contactId : null,
    responderId: 'responderId' in to ? to.responderId : null,
    number: 'number' in to ? label : null,
  }
}

/** Rings a third into the conversation: a contact, a responder who was asked, or a colleague. */
export async function joinCall(parts: Parts, caller: Caller, callId: string, to: CallTarget): CallAnswer {
  let rung: ThirdCalled | undefined
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, incident, tx) => {
      if (call.operatorId !== caller.id || !isTalking(call)) return refuse('not-talking', 'First talk with the caller.')
      const unfit = unfitNumber(to)
      if (unfit) return unfit
      const target = await addressOf(tx, incident, to)
      if (!target)
        return 'operatorId' in to
          ? refuse('colleague-not-there', 'Choose a colleague who looks after this area.')
          : refuse(
              'no-number',
              'There is no number that can be called. Write one of this country with its area code, or 110, 119, 120, 122.',
            )
      const legId = 'operator' in target.address ? operatorLegId(target.address.operator) : v7()
      if ('operator' in target.address) {
        const there = await holdOperatorLeg(tx, target.address.operator)
        if (!there || (await talkingCall(tx, target.address.operator)))
          return refuse('colleague-not-there', 'This colleague has no telephone open, or is talking.')
      } else if (!(await canRing(parts, tx, target.address)))
        return refuse('not-reachable', 'Their telephone cannot be rung from here. Dial the number by hand.')
      const invited = 'operator' in target.address
      const { address, label } = target
      if (!invited) rung = calledThird(callId, to, label)
      await insertLeg(
        tx,
        { callId, legId, side: 'third', address, label, status: invited ? 'early' : 'new' },
        parts.clock.now(),
      )
      if (!invited) await enqueue(tx, 'place-leg', callId, parts.clock.now())
      await enqueue(tx, 'end-leg', `${callId}|${legId}`, after(parts.clock.now(), thirdRingsMs(address)))
      // One voice at a time: the caller hears music while the third is told what it is about.
      return call.status === 'answered' && invited ? { say: 'hold' } : 'legs'
    },
    facts: () =>
      rung ? [{ at: parts.clock.now(), actor: actorOf.operator(caller.id), type: 'third-called', data: rung }] : [],
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
export function acceptJoin(parts: Parts, caller: Caller, callId: string): CallAnswer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (_call, _incident, tx) => {
      if (!(await holdOperatorLeg(tx, caller.id))) return noHeadset
      const other = await talkingCall(tx, caller.id)
      if (other && other.id !== callId) return onACall
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
export function dropLeg(parts: Parts, caller: Caller, callId: string, legId: string): CallAnswer {
  return changeCall(parts, {
    callId,
    inScope: scopeOf(caller),
    operatorId: caller.id,
    decide: async (call, _incident, tx) => {
      if (call.operatorId !== caller.id && legId !== operatorLegId(caller.id)) return refuse('not-owner')
      const [leg] = (await legsOf(tx, callId)).filter(
        (one) =>
          one.legId === legId &&
          (one.side === 'third' || (one.side === 'listener' && legId === operatorLegId(caller.id))),
      )
      if (!leg) return refuse('not-found')
      await moveLeg(tx, { callId, legId }, 'down', parts.clock.now(), 'hung-up')
      if (!('operator' in leg.address)) tx.afterCommit(() => hangUpLeg(parts, callId, legId, 'hung-up'))
      return 'legs'
    },
  })
}

/** Warm transfer: the colleague in the conversation takes it and the incident; the one who called them leaves. */
export async function handOver(parts: Parts, caller: Caller, callId: string, operatorId: string): CallAnswer {
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
      const there = legs.some(
        (leg) => leg.legId === operatorLegId(operatorId) && leg.side === 'third' && leg.status === 'up',
      )
      const up = await holdOperatorLeg(tx, operatorId)
      if (!there || !up) return refuse('colleague-not-there', 'The colleague has not joined yet, or has gone.')
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
