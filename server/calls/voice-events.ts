import type { LegEnd, VoiceEvent } from '../contracts/voice.ts'
import { urgentByKey } from '../incidents/after-call.ts'
import { actorOf, type Fact } from '../incidents/model.ts'
import { after } from '../platform/clock.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { joinWaiting } from './asked-calls.ts'
import { askingToken, isAsking, toldToken } from './asking.ts'
import { changeCall } from './change.ts'
import { isLive, waitsForUs, withoutThird } from './machine.ts'
import { menuOf } from './menu.ts'
import { whom } from './move.ts'
import { openFromCall } from './open-from-call.ts'
import { asideToken, askedToken, greetingToken } from './sound/choose.ts'
import { callRecorded, endRecording } from './sound/recordings.ts'
import { syncMedia } from './sound/sync-media.ts'
import {
  callOfLeg,
  legsOf,
  loadCall,
  moveLeg,
  operatorLegUp,
  saveOperatorLegDown,
  saveOperatorLegUp,
  surveyedCall,
  talkingCall,
} from './store.ts'
import { messageMinMs, operatorLegGraceMs } from './timers.ts'

/**
 * What telephony tells comes in here, at the front, as a new command. Every event may come twice, late or out of order: legs
 * only go forward, a call that has ended stays ended, and what is known already changes nothing.
 */
export async function takeVoiceEvent(parts: Parts, event: VoiceEvent): Promise<void> {
  switch (event.type) {
    case 'arrived':
      await openFromCall(parts, { ...event, medium: 'voice' })
      return
    case 'leg-up':
      return event.party.kind === 'operator' ? operatorUp(parts, event.party.accountId) : legUp(parts, event.legId)
    case 'leg-down':
      return event.party.kind === 'operator'
        ? operatorDown(parts, event.party.accountId)
        : legDown(parts, event.legId, event.because)
    case 'played': {
      const [token, callId] = event.token.split('|')
      if (!callId) return
      if (token === greetingToken(callId))
        await changeCall(parts, { callId, decide: () => ({ say: 'greeted', heard: true }) })
      else if (token?.startsWith('asked:'))
        await changeCall(parts, {
          callId,
          decide: (call) => (call.askedAt && token === askedToken(callId, call.askedAt) ? { say: 'asked' } : null),
        })
      else if (token === toldToken(callId)) await askedTold(parts, callId)
      else if (token?.startsWith('asking:'))
        await changeCall(parts, {
          callId,
          decide: (call) => (token === askingToken(callId, call.announced) ? { say: 'announced' } : null),
        })
      else if (token?.startsWith('closed:') || token?.startsWith('offer:'))
        await changeCall(parts, {
          callId,
          decide: (call) => (call.aside && token === asideToken(call) ? { say: 'prompted' } : null),
        })
      return
    }
    case 'recorded':
      await endRecording(parts, event)
      return messageRecorded(parts, event)
    case 'dtmf':
      return keyPressed(parts, event)
  }
}

async function legUp(parts: Parts, legId: string): Promise<void> {
  const found = await callOfLeg(parts.db, legId)
  if (!found) return
  await changeCall(parts, {
    callId: found.callId,
    decide: async (call, _incident, tx) => {
      const news = await moveLeg(tx, { callId: call.id, legId }, 'up', parts.clock.now())
      if (!news) return null
      if (call.asks && found.side === 'caller' && !call.answeredAt && isLive(call)) return { say: 'picked-up' }
      const answers = found.side === 'caller' && call.direction === 'out' && call.operatorId && isLive(call)
      if (found.side === 'third' && call.aside === 'overflow') return { say: 'outside' }
      return answers ? { say: 'answer', operatorId: call.operatorId as string } : 'legs'
    },
  })
  await watchOperator(parts, found.callId)
  // The same leg over a new connection: the media is told again what it should hear.
  await syncMedia(parts, found.callId)
}

/** A key of the caller. After the call, when nobody is in it any more, it may still be a word on the help. */
async function keyPressed(parts: Parts, { legId, key, at }: VoiceEvent & { type: 'dtmf' }): Promise<void> {
  const found = (await callOfLeg(parts.db, legId)) ?? (await surveyedCall(parts.db, legId, parts.clock.now()))
  if (found?.side !== 'caller') return
  await changeCall(parts, {
    callId: found.callId,
    decide: async (call, { class: graveness }, tx) => {
      // They talk with an on-call telephone: a key pressed by an ear must not end that.
      const thirds = call.operatorId ? [] : (await legsOf(tx, call.id)).filter((leg) => leg.side === 'third')
      if (thirds.some((leg) => leg.status === 'up')) return null
      const service = (await menuOf(tx, call)).find((choice) => choice.key === key)?.catalogueCode
      return { say: 'key', key, at, grave: graveness <= urgentByKey, ...(service && { service }) }
    },
  })
}

/** Who was asked has heard what came of it: the operator is with them now, or the caller who waits; else it is over. */
async function askedTold(parts: Parts, callId: string): Promise<void> {
  let joined: Fact | undefined
  const at = parts.clock.now()
  await changeCall(parts, {
    callId,
    decide: async (call, incident, tx) => {
      if (!call.outcome || !isAsking(call) || !isLive(call)) return null
      if (call.operatorId) return { say: 'told' }
      if (call.asks === 'on-call' && call.outcome === 'accepted' && incident.status === 'waiting')
        joined = await joinWaiting(parts, tx, call)
      return { say: 'end', because: 'hung-up' }
    },
    facts: (call) => {
      if (joined) return [joined]
      const { operatorId, asks } = call
      if (!operatorId || !asks) return []
      const data = { callId, asks, ...whom(call) }
      return [{ at, actor: actorOf.operator(operatorId), type: 'asked-connected', data }]
    },
  })
}

/**
 * The recording of somebody's message has ended: by silence, or because the disk took no more. So has their call. What turns
 * out too short to be a message is told as what it is, somebody who hung up.
 */
async function messageRecorded(parts: Parts, said: VoiceEvent & { type: 'recorded' }): Promise<void> {
  const callId = await callRecorded(parts.db, said.recordingId)
  const heard = said.durationMs >= messageMinMs
  if (callId)
    await changeCall(parts, {
      callId,
      decide: (call) => {
        if (call.aside === 'message') return { say: 'end', because: heard ? 'voicemail' : 'abandoned' }
        return call.endedBecause === 'voicemail' && !heard ? { say: 'unheard' } : null
      },
    })
}

/** They picked up, and the operator's telephone has gone meanwhile: nobody is left to speak into silence. */
async function watchOperator(parts: Parts, callId: string): Promise<void> {
  const call = await loadCall(parts.db, callId)
  if (!call?.operatorId || call.status !== 'answered' || (await operatorLegUp(parts.db, call.operatorId))) return
  const { operatorId } = call
  await parts.db.transaction((tx) =>
    enqueue(tx, 'operator-leg-lost', operatorId, after(parts.clock.now(), operatorLegGraceMs)),
  )
  parts.outbox.kick()
}

async function legDown(parts: Parts, legId: string, because: LegEnd): Promise<void> {
  const found = await callOfLeg(parts.db, legId)
  if (!found) return
  const at = parts.clock.now()
  let left = false
  await changeCall(parts, {
    callId: found.callId,
    decide: async (call, incident, tx) => {
      await moveLeg(tx, { callId: call.id, legId }, 'down', at, because)
      if (found.side === 'third') {
        const legs = await legsOf(tx, call.id)
        const others = legs.some((leg) => leg.side === 'third' && leg.legId !== legId && leg.status === 'up')
        // The on-call telephone had taken it and was with them: nobody is now, and that must not rest for its ten minutes.
        left = incident.status === 'waiting' && incident.onCallAt !== null && waitsForUs(call) && !others
        return withoutThird(call, legs, legId, incident.class)
      }
      return { say: 'end', because: because === 'refused' ? 'unreachable' : because }
    },
    facts: () => (left ? [{ at, actor: actorOf.system, type: 'on-call-lapsed', data: {} }] : []),
  })
}

/** The operator's telephone is there again: whom they talk with hears them again. A free one may be rung for calls now. */
async function operatorUp(parts: Parts, accountId: string): Promise<void> {
  const now = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    const news = await saveOperatorLegUp(tx, accountId, parts.bus.id, now)
    if (news) await enqueue(tx, 'route-incident', 'queue', now)
  })
  parts.realtime.toOperator(accountId, 'presence.changed', { id: accountId, version: 0, seq: 0, row: { line: true } })
  parts.outbox.kick()
  const call = await talkingCall(parts.db, accountId)
  if (call) await syncMedia(parts, call.id)
}

/** Gone: a reload comes back within seconds. After that the caller is put back into the queue. */
async function operatorDown(parts: Parts, accountId: string): Promise<void> {
  const now = parts.clock.now()
  const gone = await parts.db.transaction(async (tx) => {
    const news = await saveOperatorLegDown(tx, accountId, parts.bus.id, now)
    if (news) await enqueue(tx, 'operator-leg-lost', accountId, after(now, operatorLegGraceMs))
    return news
  })
  if (!gone) return
  parts.realtime.toOperator(accountId, 'presence.changed', { id: accountId, version: 0, seq: 0, row: { line: false } })
  parts.outbox.kick()
}
