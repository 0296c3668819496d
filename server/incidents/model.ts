import type { DeviceNote } from '../contracts/alarms.ts'
import type { AsksWhat, CallEnd, KeyWish, UnitCommand } from '../contracts/calls.ts'
import type { CallBackReason, Disposition, IncidentStatus, Language } from '../contracts/vocabulary.ts'

/** One need for help, from first signal to closure, as the row holds it; `evolve` is the only thing that changes it. */
export type Incident = {
  id: string
  status: IncidentStatus
  kind: string
  class: number
  subject: string
  residentId: string | null
  deviceId: string | null
  areaId: string
  areaPath: string
  language: Language
  openedAt: Date
  queuedAt: Date
  /** Since when it waits without a break; a requeue starts it anew, and with it the escalation. */
  waitingSince: Date
  rankAt: Date
  signals: number
  escalation: number
  limitOpen: boolean
  previousId: string | null
  stickyOperatorId: string | null
  ownerId: string | null
  answeredAt: Date | null
  claimedAt: Date | null
  claimAt: Date | null
  claimStale: boolean
  /** False when it came to an owner who has not looked: until then their heartbeat does not keep the claim alive. */
  claimSeen: boolean
  /** The colleague at whom a transfer rings; until they take it the owner has it. */
  offeredTo: string | null
  /** The colleague who refused the last transfer or let it ring out, for the owner to see. */
  notTakenBy: string | null
  heldUntil: Date | null
  holdReason: string | null
  catalogueCode: string | null
  answers: Record<string, string>
  assignmentsOpen: number
  promiseAt: Date | null
  resolvedAt: Date | null
  wrapUpUntil: Date | null
  disposition: Disposition | null
  note: string
  closedAt: Date | null
  /** Where help is needed: the newest position that a signal told, else the home. */
  lat: number | null
  lon: number | null
  /** Somebody must be called back, and why. */
  callBack: CallBackReason | null
  /** The rung of the no-response ladder, and until when it may take; null without a running ladder. */
  ladderRung: number | null
  ladderUntil: Date | null
  /** Since when the on-call telephone has taken responsibility, while it still waits for an operator. */
  onCallAt: Date | null
  /** Came in while its number was closed and is not urgent: until then it rings at nobody and does not escalate. */
  quietUntil: Date | null
  /** The file of whoever it is about was closed when it came: moved away, or deceased. */
  fileClosed: boolean
}

/** What came in: an alarm of a device, or a call; the position only when the device told one. */
export type SignalData = {
  alarmIds: string[]
  deviceId: string | null
  callId?: string
  kind: string
  class: number
  signals: number
  /** What the device said in its own words. */
  said?: string
  lat?: number
  lon?: number
}
export type LadderStep =
  | { step: 'call-back' }
  | { step: 'contact'; contactId: string }
  | { step: 'helper' }
  | { step: 'advice' }

/** Why a rung of the ladder is left out: nobody dialled in its time; there is no number; nobody can be sent, or nobody knows where to. */
export type SkippedRung = 'not-dialled' | 'no-number' | 'no-service' | 'no-place' | 'nobody-near'

/** Something that happened; the timeline is made of these, and replaying them gives the row. */
export type Fact = { at: Date; actor: string } & (
  | { type: 'opened'; data: SignalData }
  | { type: 'attached'; data: SignalData }
  | { type: 'escalated'; data: { step: number } }
  | { type: 'limit-dismissed'; data: { reason: string } }
  | { type: 'answered'; data: { operatorId: string; waitedMs: number } }
  | {
      type: 'classified'
      data: { catalogueCode: string; class: number; answers: Record<string, string>; lowerBecause?: string }
    }
  | { type: 'noted'; data: { text: string } }
  | { type: 'device-noted'; data: DeviceNote & { deviceId: string } }
  | { type: 'device-confirmed'; data: { deviceId: string } }
  | { type: 'held'; data: { until: string; reason: string } }
  | { type: 'returned'; data: { because: 'time' | 'operator' } }
  | { type: 'requeued'; data: { because: 'released' | 'operator-lost'; reason: string; operatorId: string } }
  | { type: 'transfer-offered'; data: { from: string; to: string; reason: string } }
  /** It rings at the colleague no more, and stays with who had it. */
  | {
      type: 'transfer-ended'
      data: { from: string; to: string; because: 'refused' | 'rang-out' | 'withdrawn' }
    }
  /** `accepted`: the colleague took what rang at them. `warm`: both were in the conversation. */
  | { type: 'transferred'; data: { from: string; to: string; reason: string; warm?: true; accepted?: true } }
  | {
      type: 'taken-over'
      data: { from: string; by: string; reason: string; because: 'fresh' | 'stale' | 'supervisor' | 'caller-waits' }
    }
  | { type: 'claim-stale' | 'claim-recovered'; data: { operatorId: string } }
  | { type: 'dispatched'; data: { promiseAt: string; needed: number } }
  | { type: 'wave-sent'; data: { wave: number; assignments: number; responderIds: string[] } }
  | {
      type: 'assignment-accepted' | 'en-route' | 'on-scene' | 'request-undelivered'
      data: { assignmentId: string; responderId: string }
    }
  | {
      type: 'cleared' | 'assignment-declined' | 'assignment-expired' | 'stood-down' | 'handed-back'
      data: { assignmentId: string; responderId: string; reason: string }
    }
  | { type: 'waves-exhausted'; data: { waves: number } }
  | { type: 'contact-result'; data: { contactId: string; result: string } }
  /** One of those behind an outage. */
  | { type: 'resident-checked'; data: { residentId: string; result: 'reached' | 'not-reached' } }
  | {
      type: 'call-placed'
      data: { callId: string; to: 'resident' | 'contact' | 'kiosk' | 'unit'; contactId: string | null }
    }
  | { type: 'call-answered'; data: { callId: string; operatorId: string; direction: 'in' | 'out' } }
  | { type: 'call-held' | 'call-resumed'; data: { callId: string } }
  | {
      type: 'third-called'
      data: { callId: string; contactId: string | null; responderId: string | null; number: string | null }
    }
  | { type: 'call-joined' | 'call-left'; data: { callId: string; label: string } }
  | {
      type: 'call-ended'
      data: { callId: string; because: CallEnd; direction: 'in' | 'out'; talkedMs: number; asks?: AsksWhat }
    }
  | {
      type: 'asked-by-call' | 'asked-connected'
      data: { callId: string; asks: AsksWhat; assignmentId?: string; areaId?: string }
    }
  | {
      type: 'asked-unanswered'
      data: { callId: string; asks: AsksWhat; assignmentId?: string; areaId?: string; because: CallEnd }
    }
  /** Of the on-call telephone of this area; the name is the area's. */
  | { type: 'on-call-accepted' | 'on-call-declined'; data: { callId: string; areaId: string; name: string } }
  | { type: 'on-call-lapsed'; data: Record<string, never> }
  | { type: 'keyed'; data: { callId: string; wish: KeyWish; catalogueCode?: string } }
  | { type: 'out-of-hours'; data: { callId: string; until: string | null } }
  | { type: 'overflowed'; data: { callId: string; because: 'nobody-live' | 'waited'; number: string | null } }
  | { type: 'overflow-answered' | 'message-offered' | 'message-failed'; data: { callId: string } }
  /** Told to the alarm unit within its call. */
  | { type: 'unit-commanded'; data: { callId: string; deviceId: string; command: UnitCommand } }
  | { type: 'called-back'; data: { reason: string } }
  /** Its unit was told to call and has not; or it asks to be called. */
  | { type: 'unit-to-call'; data: { deviceId: string; alarmId: string; because: 'unit-silent' | 'unit-asked' } }
  | {
      type: 'identified'
      data: {
        residentId: string
        subject: string
        areaId: string
        areaPath: string
        lat: number | null
        lon: number | null
        fileClosed?: boolean
      }
    }
  | {
      type: 'ladder-climbed'
      data: { rung: number; until: string; callId: string | null; byHand: boolean } & LadderStep
    }
  | { type: 'rung-failed'; data: { rung: number } }
  /** Nothing could come of it, or nobody dialled: the next one is climbed at once. */
  | { type: 'rung-skipped'; data: { rung: number; because: SkippedRung } & LadderStep }
  | { type: 'ladder-ended'; data: { because: 'reached' | 'helper-goes' | 'advice' | 'operator'; reason: string } }
  /** A call that was promised after closure: what came of it. `byCloser`: nobody else was on duty to ask. */
  | {
      type: 'followed-up'
      data: { followUpId: string; kind: string; result: string; note: string; byCloser: boolean }
    }
  | { type: 'follow-up-undone'; data: { followUpId: string; kind: string } }
  | { type: 'family-told'; data: { contactIds: string[]; outcome: Disposition | null } }
  /** The message to this one did not arrive: somebody rings them. */
  | { type: 'family-untold'; data: { contactId: string; because: 'failed' | 'no-carrier' } }
  | { type: 'access-revealed'; data: { householdId: string } }
  | { type: 'resolved'; data: { wrapUpUntil: string } }
  | { type: 'wrap-up-extended'; data: { wrapUpUntil: string } }
  | { type: 'closed'; data: { disposition: Disposition; note: string; because: 'operator' | 'wrap-up-lapsed' } }
)

/** A decision: the facts that follow, or a plain no. */
export type Decision = { facts: Fact[] } | { refused: string; detail?: string }

export const actorOf = {
  operator: (id: string) => `operator:${id}`,
  responder: (id: string) => `responder:${id}`,
  device: (id: string) => `device:${id}`,
  system: 'system',
}
