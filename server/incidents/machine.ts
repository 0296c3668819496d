/**
 * The incident. waiting: nobody has it, it rings. triage: an operator has it and finds out what is needed. response:
 * somebody was sent. wrap-up: the resident has been helped, the operator writes. closed: for ever; a new need is a new
 * incident. While waiting it always has a running escalation; while owned it has a claim that must be kept alive.
 */
import type { Disposition } from '../contracts/vocabulary.ts'
import { after, minutes } from '../platform/clock.ts'
import { actorOf, type Decision, type Fact, type Incident } from './model.ts'
import {
  claimLostAfterMs,
  claimStaleAfterMs,
  dueSince,
  freshClaimMs,
  onCallStep,
  onCallTakesMs,
  stepReached,
  wrapUpMoreMs,
  wrapUpMs,
} from './timers.ts'

type By = { operatorId: string; now: Date }
const no = (refused: string, detail?: string): Decision => ({ refused, ...(detail && { detail }) })
const owned = (incident: Incident) => incident.status === 'triage' || incident.status === 'response'
const one = (fact: Fact): Decision => ({ facts: [fact] })
const by = (command: By) => ({ at: command.now, actor: actorOf.operator(command.operatorId) })

export function answer(incident: Incident, command: By): Decision {
  if (owned(incident) && incident.ownerId === command.operatorId) return { facts: [] } // pressed twice
  if (owned(incident) && incident.ownerId && incident.offeredTo === command.operatorId) {
    const handedOver = { from: incident.ownerId, to: command.operatorId, reason: '', accepted: true as const }
    return one({ ...by(command), type: 'transferred', data: handedOver })
  }
  if (incident.status !== 'waiting') return no('already-answered', 'Somebody else has it; the list shows who.')
  const waitedMs = command.now.getTime() - incident.waitingSince.getTime()
  return one({ ...by(command), type: 'answered', data: { operatorId: command.operatorId, waitedMs } })
}

function mine(incident: Incident, command: By): Decision | undefined {
  if (!owned(incident)) return no('not-in-hand', 'Only an incident in triage or response can be changed this way.')
  if (incident.ownerId !== command.operatorId) return no('not-owner', 'A colleague has it. Take it over first.')
  return undefined
}

export function classify(
  incident: Incident,
  command: By & {
    catalogueCode: string
    class: number
    answers: Record<string, string>
    lowerBecause: string
    known: boolean
  },
): Decision {
  if (!command.known) return no('unknown-catalogue-code', 'Choose a service of the catalogue.')
  if (incident.class === 1 && command.class > 1 && !command.lowerBecause.trim())
    return no('lower-needs-reason', 'It came in as a matter of life. Say why it is less than that.')
  const { catalogueCode, answers, lowerBecause } = command
  return (
    mine(incident, command) ??
    one({
      ...by(command),
      type: 'classified',
      data: { catalogueCode, class: command.class, answers, ...(lowerBecause && { lowerBecause }) },
    })
  )
}

/** They pressed it after it was installed, and were heard by voice: it guards them from now on. */
export function confirmDevice(
  incident: Incident,
  command: By & { deviceId: string; state: string | undefined; pressed: boolean },
): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  if (command.state === 'in-service') return { facts: [] } // confirmed twice
  if (command.state !== 'activated' || !command.pressed)
    return no('no-first-press', 'Only a device that was installed and has signalled here is confirmed.')
  return one({ ...by(command), type: 'device-confirmed', data: { deviceId: command.deviceId } })
}

export function note(incident: Incident, command: By & { text: string }): Decision {
  if (incident.status === 'closed') return no('closed', 'A closed incident stays closed.')
  return one({ ...by(command), type: 'noted', data: { text: command.text } })
}

export function hold(incident: Incident, command: By & { minutes: number; reason: string }): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  if (incident.class === 1)
    return no('class-1-needs-end', 'A life incident is not put aside: resolve it, send help, or hand it over.')
  if (!command.reason.trim()) return no('no-reason', 'Say why it can wait.')
  if (incident.heldUntil) return no('held-already')
  const until = after(command.now, minutes(command.minutes)).toISOString()
  return one({ ...by(command), type: 'held', data: { until, reason: command.reason } })
}

export function resume(incident: Incident, command: By): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  return incident.heldUntil ? one({ ...by(command), type: 'returned', data: { because: 'operator' } }) : no('not-held')
}

/** The on-call telephone answered by a key. It takes what nobody has; an operator's accept it is not. */
export function onCallTakes(
  incident: Incident,
  command: { now: Date; reply: 'yes' | 'no'; callId: string; areaId: string; name: string },
): Decision {
  if (incident.status !== 'waiting') return no('already-answered')
  const { now, reply, ...data } = command
  if (reply === 'yes' && incident.onCallAt) return { facts: [] }
  return one({ at: now, actor: actorOf.system, type: reply === 'yes' ? 'on-call-accepted' : 'on-call-declined', data })
}

/** The hold has run out: it returns by itself. Harmless when late or repeated. */
export function returnHeld(incident: Incident, now: Date): Decision {
  if (!owned(incident) || !incident.heldUntil || incident.heldUntil > now) return { facts: [] }
  return one({ at: now, actor: actorOf.system, type: 'returned', data: { because: 'time' } })
}

export function requeue(incident: Incident, command: By & { reason: string }): Decision {
  return (
    mine(incident, command) ??
    one({
      ...by(command),
      type: 'requeued',
      data: { because: 'released', reason: command.reason, operatorId: command.operatorId },
    })
  )
}

/** It rings at the colleague like an offer, and stays with the owner until they have taken it. */
export function transfer(
  incident: Incident,
  command: By & { to: string; toQualifies: boolean; reason: string },
): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  if (incident.offeredTo)
    return no('rings-already', 'It rings at a colleague. Wait until they have answered, or take the transfer back.')
  if (command.to === command.operatorId || !command.toQualifies)
    return no('colleague-not-there', 'Choose a colleague who is signed in and looks after this area.')
  return one({
    ...by(command),
    type: 'transfer-offered',
    data: { from: command.operatorId, to: command.to, reason: command.reason },
  })
}

/** The colleague says no, lets it ring out, or the owner takes it back: it stays where it is. Late or twice it is nothing. */
export function endTransfer(
  incident: Incident,
  command: { now: Date; actor: string; because: 'refused' | 'rang-out' | 'withdrawn' },
): Decision {
  const { ownerId: from, offeredTo: to } = incident
  if (!owned(incident) || !from || !to) return { facts: [] }
  const { now: at, actor, because } = command
  return one({ at, actor, type: 'transfer-ended', data: { from, to, because } })
}

/** Free while the claim is fresh or stale; a live claim needs a supervisor and a reason. */
export function takeOver(incident: Incident, command: By & { supervisor: boolean; reason: string }): Decision {
  const { ownerId, claimedAt, claimAt } = incident
  if (!(owned(incident) || incident.status === 'wrap-up') || !ownerId) return no('not-in-hand')
  if (ownerId === command.operatorId) return no('own-already')
  const since = (time: Date | null) => command.now.getTime() - (time?.getTime() ?? 0)
  const take = (because: 'fresh' | 'stale' | 'supervisor') =>
    one({
      ...by(command),
      type: 'taken-over',
      data: { from: ownerId, by: command.operatorId, reason: command.reason, because },
    })
  if (since(claimAt) >= claimStaleAfterMs) return take('stale')
  if (since(claimedAt) < freshClaimMs) return take('fresh')
  if (!command.supervisor)
    return no('live-claim', 'A colleague is working on it. Ask them to hand it over, or ask a supervisor.')
  if (!command.reason.trim()) return no('no-reason', 'Say why it is taken over.')
  return take('supervisor')
}

/** The owner's console has gone silent: first marked, then, if nobody took it over, back to the queue at its first place. */
export function checkClaim(incident: Incident, now: Date): Decision {
  if (!owned(incident) || !incident.ownerId) return { facts: [] }
  const silentMs = now.getTime() - (incident.claimAt?.getTime() ?? 0)
  const facts: Fact[] = []
  const operator = { operatorId: incident.ownerId }
  if (incident.claimStale && silentMs < claimStaleAfterMs)
    return one({ at: now, actor: actorOf.system, type: 'claim-recovered', data: operator })
  if (!incident.claimStale && silentMs >= claimStaleAfterMs) {
    facts.push({ at: now, actor: actorOf.system, type: 'claim-stale', data: operator })
  }
  if (silentMs >= claimLostAfterMs) {
    facts.push({
      at: now,
      actor: actorOf.system,
      type: 'requeued',
      data: { because: 'operator-lost', reason: '', operatorId: incident.ownerId },
    })
  }
  return { facts }
}

export function escalate(incident: Incident, now: Date): Decision {
  if (incident.status !== 'waiting') return { facts: [] }
  const reached = stepReached(now.getTime() - dueSince(incident).getTime(), incident.class)
  const facts: Fact[] = []
  const taken = incident.onCallAt !== null
  // The on-call telephone has said that it takes care of it: the steps rest for its time, and are climbed again after it.
  if (incident.onCallAt && now < after(incident.onCallAt, onCallTakesMs)) return { facts }
  if (taken) facts.push({ at: now, actor: actorOf.system, type: 'on-call-lapsed', data: {} })
  const from = taken ? Math.min(incident.escalation, onCallStep - 1) : incident.escalation
  for (let step = from + 1; step <= reached; step++)
    facts.push({ at: now, actor: actorOf.system, type: 'escalated', data: { step } })
  return { facts }
}

export function dismissLimit(incident: Incident, command: By & { reason: string }): Decision {
  return incident.limitOpen
    ? one({ ...by(command), type: 'limit-dismissed', data: { reason: command.reason } })
    : no('no-limit-open')
}

/** triage → response. A second dispatch in response asks for more helpers and leaves the promise as it is. */
export function dispatch(incident: Incident, command: By & { promiseAt: Date; needed: number }): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  if (!incident.catalogueCode) return no('not-classified', 'Say first what is needed.')
  return one({
    ...by(command),
    type: 'dispatched',
    data: { promiseAt: (incident.promiseAt ?? command.promiseAt).toISOString(), needed: command.needed },
  })
}

export function resolve(incident: Incident, command: By): Decision {
  const refused = mine(incident, command)
  if (refused) return refused
  if (incident.assignmentsOpen > 0)
    return no('responders-still-out', 'A helper is still asked or out. Wait until they are done, or stand them down.')
  return one({ ...by(command), type: 'resolved', data: { wrapUpUntil: after(command.now, wrapUpMs).toISOString() } })
}

export function extendWrapUp(incident: Incident, command: By): Decision {
  if (incident.status !== 'wrap-up' || incident.ownerId !== command.operatorId) return no('not-owner')
  return one({
    ...by(command),
    type: 'wrap-up-extended',
    data: { wrapUpUntil: after(incident.wrapUpUntil ?? command.now, wrapUpMoreMs).toISOString() },
  })
}

/** Outcomes that cannot be true of what happened: nobody was sent, so nobody helped on site; a real press is no test. */
export function dispositionFits(disposition: Disposition, incident: Incident): boolean {
  if (disposition === 'helped-on-site') return incident.promiseAt !== null
  if (disposition === 'test') return incident.class >= 2
  return true
}

export function close(incident: Incident, command: By & { disposition: Disposition; note: string }): Decision {
  if (incident.status === 'closed') return no('closed', 'It is closed already.')
  if (incident.status !== 'wrap-up') return no('not-resolved', 'Resolve it first: the resident must have been helped.')
  if (incident.ownerId !== command.operatorId) return no('not-owner', 'A colleague has it. Take it over first.')
  if (!dispositionFits(command.disposition, incident))
    return no('disposition-unfit-for-type', 'This outcome does not fit what happened. Choose another.')
  return one({
    ...by(command),
    type: 'closed',
    data: { disposition: command.disposition, note: command.note, because: 'operator' },
  })
}

/** Wrap-up ran out without an outcome: closed as "needs review", which a supervisor sees; never as a silent success. */
export function endWrapUp(incident: Incident, now: Date): Decision {
  if (incident.status !== 'wrap-up' || !incident.wrapUpUntil || incident.wrapUpUntil > now) return { facts: [] }
  return one({
    at: now,
    actor: actorOf.system,
    type: 'closed',
    data: { disposition: 'needs-review', note: '', because: 'wrap-up-lapsed' },
  })
}
