import { checkUnitCall } from '../alarms/unit-calls.ts'
import type { JobKind } from '../contracts/jobs.ts'
import type { VoiceAddress } from '../contracts/voice.ts'
import { alertLeaders, changeIncident } from '../incidents/change.ts'
import { ensureTimer } from '../incidents/jobs.ts'
import { actorOf } from '../incidents/model.ts'
import { load } from '../incidents/store.ts'
import { after } from '../platform/clock.ts'
import type { Jobs } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { changeCall } from './change.ts'
import { atHost, hangUpLeg } from './hosts.ts'
import { isTalking, withoutThird } from './machine.ts'
import type { CallCommand } from './model.ts'
import { removeRecording } from './sound/recordings.ts'
import { syncMedia } from './sound/sync-media.ts'
import { legsOf, loadCall, moveLeg, operatorLegGone, talkingCall } from './store.ts'
import { callTimersOf, holdCheckMs, operatorLegGraceMs, thirdRingsMs } from './timers.ts'

/** A call's timer has run out: it is read again, and one that came early or is still needed is set again. */
function timer(parts: Parts, kind: JobKind, due: CallCommand) {
  return async (ids: string[]): Promise<void> => {
    for (const callId of ids) {
      await changeCall(parts, {
        callId,
        decide: async (call, _incident, tx) => {
          const now = parts.clock.now()
          const next = callTimersOf(call).find((one) => one.kind === kind)
          if (!next) return null // answered or ended meanwhile
          if (next.dueAt > now) await ensureTimer(tx, kind, callId, next.dueAt)
          return next.dueAt > now ? null : due
        },
      })
    }
  }
}

/** Rings the new legs of a call, at its host. A leg is marked before it is placed, so that a repeated job rings nobody twice. */
export async function placeLegs(parts: Parts, callId: string): Promise<void> {
  const call = await loadCall(parts.db, callId)
  if (!call || call.status === 'ended') return
  for (const leg of await legsOf(parts.db, callId)) {
    if (leg.status !== 'new' || 'operator' in leg.address) continue
    if (!(await moveLeg(parts.db, leg, 'early', parts.clock.now()))) continue
    const placed = await parts.voice.place({ callId, legId: leg.legId, to: leg.address as VoiceAddress })
    if (placed === 'ringing') continue
    await changeCall(parts, {
      callId,
      decide: async (now, incident, tx) => {
        await moveLeg(tx, leg, 'down', parts.clock.now(), 'refused')
        if (leg.side === 'caller') return { say: 'end', because: 'unreachable' }
        return withoutThird(now, await legsOf(tx, callId), leg.legId, incident.class)
      },
    })
  }
}

/** The telephone of an operator did not come back: whoever they talked with waits again, and the incident rings at others. */
async function operatorLegLost(parts: Parts, accountId: string): Promise<void> {
  // The timer of an earlier gap, from which they came back, says nothing of this one: it has its own.
  if (!(await operatorLegGone(parts.db, accountId, after(parts.clock.now(), -operatorLegGraceMs)))) return
  const call = await talkingCall(parts.db, accountId)
  if (!call || !isTalking(call)) return
  const requeued = await changeIncident(parts, {
    id: call.incidentId,
    decide: (incident) => {
      if (incident.ownerId !== accountId || (incident.status !== 'triage' && incident.status !== 'response'))
        return { facts: [] }
      const data = { because: 'operator-lost' as const, reason: '', operatorId: accountId }
      return { facts: [{ at: parts.clock.now(), actor: actorOf.system, type: 'requeued', data }] }
    },
  })
  if (!isRefusal(requeued) && requeued.status === 'waiting') return
  // Not an incident that rings again: the talk is over, and who was cut off is called back.
  await changeCall(parts, {
    callId: call.id,
    decide: (now) => (isTalking(now) && now.operatorId === accountId ? { say: 'end', because: 'lost' } : null),
  })
}

/** Still on hold after a minute: the leaders hear, and again each minute. */
async function checkHold(parts: Parts, callId: string): Promise<void> {
  const now = parts.clock.now()
  await changeCall(parts, {
    callId,
    decide: async (call, incident, tx) => {
      if (call.status !== 'held' || !call.heldAt) return null
      const due = after(call.heldAt, holdCheckMs)
      await ensureTimer(tx, 'check-hold', callId, due > now ? due : after(now, holdCheckMs))
      if (due <= now) tx.afterCommit(() => alertLeaders(parts, incident, 'caller-waits'))
      return null
    },
  })
}

/** A third did not come within their time: they are let go, and the caller is not kept on hold for them. */
async function endLeg(parts: Parts, subject: string): Promise<void> {
  const [callId = '', legId = ''] = subject.split('|')
  await changeCall(parts, {
    callId,
    decide: async (call, incident, tx) => {
      const legs = await legsOf(tx, callId)
      const leg = legs.find((one) => one.legId === legId)
      if (call.status === 'ended' || (leg?.status !== 'new' && leg?.status !== 'early')) return null
      // The same colleague was asked again meanwhile: this is the timer of the first time.
      if (leg.createdAt > after(parts.clock.now(), -thirdRingsMs(leg.address))) return null
      await moveLeg(tx, leg, 'down', parts.clock.now(), 'no-answer')
      if (!('operator' in leg.address)) tx.afterCommit(() => hangUpLeg(parts, callId, legId, 'no-answer'))
      const others = legs.some((one) => one.side === 'third' && one.status === 'up')
      return call.status === 'held' && !others ? { say: 'resume' } : withoutThird(call, legs, legId, incident.class)
    },
  })
}

/** The place is told again; a call that waits at an owner who does not answer is told to the leaders. */
async function announce(parts: Parts, callId: string): Promise<void> {
  await timer(parts, 'announce-call', { say: 'announced' })([callId])
  const call = await loadCall(parts.db, callId)
  const incident = call && (await load(parts.db, call.incidentId))
  if (call && incident && incident.status !== 'waiting' && !isTalking(call) && call.status !== 'ended')
    alertLeaders(parts, incident, 'caller-waits')
}

export function callJobs(parts: Parts) {
  const each = (work: (id: string) => Promise<unknown>) => async (ids: string[]) => {
    for (const id of ids) await work(id)
  }
  return {
    'settle-call': each((id) => syncMedia(parts, id)),
    'place-leg': each((callId) => atHost(parts, callId, { do: 'place', callId })),
    'end-greeting': timer(parts, 'end-greeting', { say: 'greeted', heard: false }),
    'announce-call': each((id) => announce(parts, id)),
    'end-asking': timer(parts, 'end-asking', { say: 'asked' }),
    'end-ringing': timer(parts, 'end-ringing', { say: 'end', because: 'no-answer' }),
    'end-prompts': timer(parts, 'end-prompts', { say: 'prompted' }),
    'end-message': timer(parts, 'end-message', { say: 'end', because: 'voicemail' }),
    'check-text-call': timer(parts, 'check-text-call', { say: 'end', because: 'lost' }),
    'check-hold': each((id) => checkHold(parts, id)),
    'end-leg': each((id) => endLeg(parts, id)),
    'operator-leg-lost': each((id) => operatorLegLost(parts, id)),
    'check-unit-call': each((alarmId) => checkUnitCall(parts, alarmId)),
    'expire-recording': each((id) => removeRecording(parts, id, { accountId: null, reason: 'expired' })),
  } satisfies Jobs
}
