import { callBackAfter, urgentByKey } from './after-call.ts'
import type { Fact, Incident } from './model.ts'
import { onCallStep, rankOf } from './timers.ts'

const offLadder = { ladderRung: null, ladderUntil: null }
/** Somebody is there, or it cannot wait: the hours of the number count no more. */
const notQuiet = { quietUntil: null }
const noTransfer = { offeredTo: null, notTakenBy: null }
const unowned = {
  ...noTransfer,
  ownerId: null,
  claimedAt: null,
  claimAt: null,
  claimStale: false,
  claimSeen: true,
  heldUntil: null,
  holdReason: null,
}
const claimedBy = (ownerId: string, at: Date) => ({
  ...noTransfer,
  ownerId,
  claimedAt: at,
  claimAt: at,
  claimStale: false,
  claimSeen: true,
  heldUntil: null,
  holdReason: null,
})

/** What a fact makes of an incident. Total: every fact has a meaning, none is refused; deciding was before. */
export function evolve(incident: Incident, fact: Fact): Incident {
  switch (fact.type) {
    case 'opened':
      return incident
    case 'attached': {
      const raised = Math.min(incident.class, fact.data.class) // may raise, never lower
      return {
        ...incident,
        // Graver than what was known: it is called by that. And whoever signals again is not left aside.
        kind: fact.data.class < incident.class ? fact.data.kind : incident.kind,
        heldUntil: null,
        holdReason: null,
        ...notQuiet,
        lat: fact.data.lat ?? incident.lat,
        lon: fact.data.lon ?? incident.lon,
        // They took responsibility for something less grave: it climbs again.
        onCallAt: raised < incident.class ? null : incident.onCallAt,
        class: raised,
        rankAt: rankOf(incident.queuedAt, raised),
        signals: incident.signals + fact.data.signals,
      }
    }
    case 'escalated':
      return { ...incident, escalation: fact.data.step, limitOpen: incident.limitOpen || fact.data.step === 5 }
    case 'limit-dismissed':
      return { ...incident, limitOpen: false }
    case 'answered':
      return {
        ...incident,
        status: incident.assignmentsOpen > 0 ? 'response' : 'triage',
        answeredAt: incident.answeredAt ?? fact.at,
        onCallAt: null,
        ...notQuiet,
        ...claimedBy(fact.data.operatorId, fact.at),
      }
    case 'classified': {
      const { catalogueCode, answers } = fact.data
      return {
        ...incident,
        catalogueCode,
        answers,
        ...(fact.data.class === 1 && { heldUntil: null, holdReason: null }),
        class: fact.data.class,
        rankAt: rankOf(incident.queuedAt, fact.data.class),
      }
    }
    case 'held':
      return { ...incident, heldUntil: new Date(fact.data.until), holdReason: fact.data.reason }
    case 'returned':
      return { ...incident, heldUntil: null, holdReason: null }
    case 'requeued':
      // Keeps its first queue time; whoever knew it is asked first, unless that is the one who was lost.
      return {
        ...incident,
        status: 'waiting',
        ...unowned,
        ...offLadder,
        waitingSince: fact.at,
        escalation: 0,
        stickyOperatorId: null,
        onCallAt: null,
      }
    case 'transfer-offered':
      return { ...incident, offeredTo: fact.data.to, notTakenBy: null }
    case 'transfer-ended':
      return {
        ...incident,
        offeredTo: null,
        notTakenBy: fact.data.because === 'withdrawn' ? null : fact.data.to,
      }
    case 'transferred':
      return {
        ...incident,
        ...claimedBy(fact.data.to, fact.at),
        // Taken by their own hand, or while both talk: the new owner is there. Before transfers rang, they had to look first.
        claimSeen: fact.data.warm === true || fact.data.accepted === true,
        heldUntil: incident.heldUntil,
        holdReason: incident.holdReason,
      }
    case 'taken-over':
      return { ...incident, ...claimedBy(fact.data.by, fact.at) }
    case 'claim-stale':
      return { ...incident, claimStale: true }
    case 'claim-recovered':
      return { ...incident, claimStale: false }
    case 'dispatched':
      return { ...incident, status: 'response', promiseAt: new Date(fact.data.promiseAt) }
    case 'wave-sent':
      return { ...incident, assignmentsOpen: incident.assignmentsOpen + fact.data.assignments }
    case 'cleared':
    case 'assignment-declined':
    case 'assignment-expired':
    case 'stood-down':
    case 'handed-back':
      return { ...incident, assignmentsOpen: Math.max(0, incident.assignmentsOpen - 1) }
    case 'resolved':
      return {
        ...incident,
        status: 'wrap-up',
        resolvedAt: fact.at,
        wrapUpUntil: new Date(fact.data.wrapUpUntil),
        heldUntil: null,
        holdReason: null,
        limitOpen: false,
        callBack: null,
        ...offLadder,
        ...noTransfer,
      }
    case 'wrap-up-extended':
      return { ...incident, wrapUpUntil: new Date(fact.data.wrapUpUntil) }
    case 'closed':
      return {
        ...incident,
        status: 'closed',
        disposition: fact.data.disposition,
        note: fact.data.note,
        closedAt: fact.at,
        wrapUpUntil: null,
      }
    case 'call-answered':
      // Somebody speaks: the ladder has done its work.
      return { ...incident, callBack: null, ...offLadder }
    case 'keyed': {
      const { wish, catalogueCode } = fact.data
      // What they chose is a proposal: whoever answers finds it filled in, and what was found out stays.
      if (wish === 'service') return { ...incident, catalogueCode: incident.catalogueCode ?? catalogueCode ?? null }
      if (wish === 'zh' || wish === 'en') return { ...incident, language: wish }
      if (wish === 'call-back' || wish === 'wait') return incident // told by the call itself
      const raised = Math.min(incident.class, urgentByKey)
      return { ...incident, ...notQuiet, class: raised, rankAt: rankOf(incident.queuedAt, raised) }
    }
    case 'unit-to-call':
      return { ...incident, callBack: incident.callBack ?? fact.data.because }
    case 'called-back':
      return { ...incident, callBack: null }
    case 'contact-result':
      return fact.data.result === 'reached' ? { ...incident, ...offLadder } : incident
    case 'call-ended': {
      // Whoever was asked to help is nobody to be called back.
      if (fact.data.asks) return incident
      const callBack = callBackAfter(fact.data.because)
      if (fact.data.because !== 'media-lost') return { ...incident, callBack: callBack ?? incident.callBack }
      // Cut off by our own fault: nobody comes before them.
      return {
        ...incident,
        callBack,
        ...notQuiet,
        class: 1,
        rankAt: rankOf(incident.queuedAt, 1),
        heldUntil: null,
        holdReason: null,
      }
    }
    case 'out-of-hours':
      return { ...incident, quietUntil: fact.data.until === null ? null : new Date(fact.data.until) }
    case 'message-failed':
      return { ...incident, callBack: incident.callBack === 'voicemail' ? 'abandoned' : incident.callBack }
    case 'identified': {
      const { residentId, subject, areaId, areaPath, lat, lon } = fact.data
      return { ...incident, residentId, subject, areaId, areaPath, lat, lon, fileClosed: fact.data.fileClosed ?? false }
    }
    case 'ladder-climbed':
      return { ...incident, ladderRung: fact.data.rung, ladderUntil: new Date(fact.data.until) }
    case 'rung-failed':
    case 'rung-skipped':
      return { ...incident, ladderUntil: fact.at }
    case 'ladder-ended':
      return { ...incident, ...offLadder }
    case 'on-call-accepted':
      return { ...incident, onCallAt: fact.at }
    case 'on-call-lapsed':
      // From before the on-call telephone: it is rung again, and the last steps are climbed anew.
      return { ...incident, onCallAt: null, escalation: Math.min(incident.escalation, onCallStep - 1) }
    case 'asked-by-call':
    case 'asked-connected':
    case 'asked-unanswered':
    case 'on-call-declined':
    case 'call-placed':
    case 'call-held':
    case 'call-resumed':
    case 'unit-commanded':
    case 'third-called':
    case 'overflowed':
    case 'overflow-answered':
    case 'message-offered':
    case 'call-joined':
    case 'call-left':
    case 'noted':
    case 'device-noted':
    case 'device-confirmed':
    case 'resident-checked':
    case 'assignment-accepted':
    case 'request-undelivered':
    case 'en-route':
    case 'on-scene':
    case 'waves-exhausted':
    case 'access-revealed':
    case 'family-told':
    case 'family-untold':
    case 'followed-up':
    case 'follow-up-undone':
      return incident
  }
}

/** The row that the first fact makes; the statement of open-from-alarm writes the same. */
export function opened(
  base: Pick<
    Incident,
    | 'id'
    | 'subject'
    | 'residentId'
    | 'deviceId'
    | 'areaId'
    | 'areaPath'
    | 'language'
    | 'previousId'
    | 'stickyOperatorId'
    | 'lat'
    | 'lon'
    | 'fileClosed'
  >,
  fact: Fact & { type: 'opened' },
): Incident {
  return {
    ...base,
    status: 'waiting',
    kind: fact.data.kind,
    class: fact.data.class,
    openedAt: fact.at,
    queuedAt: fact.at,
    waitingSince: fact.at,
    rankAt: rankOf(fact.at, fact.data.class),
    signals: fact.data.signals,
    escalation: 0,
    limitOpen: false,
    answeredAt: null,
    ...unowned,
    catalogueCode: null,
    answers: {},
    assignmentsOpen: 0,
    promiseAt: null,
    resolvedAt: null,
    wrapUpUntil: null,
    disposition: null,
    note: '',
    closedAt: null,
    callBack: null,
    ...offLadder,
    onCallAt: null,
    ...notQuiet,
  }
}
