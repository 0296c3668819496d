import type { AsksWhat, askedOutcomes, CallEnd, callAsides, listenModes } from '../contracts/calls.ts'
import type { LegEnd, PromptLocale, VoiceAddress } from '../contracts/voice.ts'

export type CallStatus = 'offered' | 'queued' | 'ringing' | 'answered' | 'held' | 'ended'

export type Aside = (typeof callAsides)[number]

/** One conversation, by voice or in writing. */
export type Call = {
  id: string
  incidentId: string
  direction: 'in' | 'out'
  medium: 'voice' | 'text'
  status: CallStatus
  line: string
  number: string | null
  /** Does its network vouch for the number? Null where it does not say. */
  verified: boolean | null
  deviceId: string | null
  contactId: string | null
  areaPath: string
  locale: PromptLocale
  operatorId: string | null
  offeredAt: Date
  greetedAt: Date | null
  noticedAt: Date | null
  queuedAt: Date | null
  /** Since when nobody talks with them, without a break; `queuedAt` keeps the first time, for the order of the queue. */
  waitingSince: Date | null
  answeredAt: Date | null
  heldAt: Date | null
  seenAt: Date | null
  /** Null: in the plain line, or answered. */
  aside: Aside | null
  /** Since when; null while the greeting is still heard. */
  asideAt: Date | null
  /** After how long the number that was dialled rings through; null: it has no such rule. */
  overflowMinutes: number | null
  /** When it is looked at whether this caller is rung through. */
  overflowAt: Date | null
  announced: number
  broken: number
  /** The keys they pressed, newest last; the last of them at `keyedAt`, by which a repeated event is known. */
  keyed: string
  keyedAt: Date | null
  /** They are being asked to answer by keys, since then. */
  askedAt: Date | null
  /** Until then a key is a word on the help they got; null: they are not asked. */
  surveyUntil: Date | null
  rating: number | null
  /** A call out that asks by keys: for whom or what, the assignment or the area whose on-call telephone it is. */
  asks: AsksWhat | null
  asksId: string | null
  /** The key they answered with, and what came of it. */
  reply: 'yes' | 'no' | null
  outcome: AskedOutcome | null
  endedAt: Date | null
  endedBecause: CallEnd | null
}

/** `too-late`: somebody else has taken care of it. */
export type AskedOutcome = (typeof askedOutcomes)[number]

/** A call to which nothing has happened yet; who opens one says the rest. */
export const untouchedCall = {
  verified: null,
  contactId: null,
  operatorId: null,
  greetedAt: null,
  noticedAt: null,
  queuedAt: null,
  waitingSince: null,
  answeredAt: null,
  heldAt: null,
  seenAt: null,
  aside: null,
  asideAt: null,
  overflowMinutes: null,
  overflowAt: null,
  announced: 0,
  broken: 0,
  keyed: '',
  keyedAt: null,
  askedAt: null,
  surveyUntil: null,
  rating: null,
  asks: null,
  asksId: null,
  reply: null,
  outcome: null,
  endedAt: null,
  endedBecause: null,
} satisfies Partial<Call>

export type StoredCall = Call & { version: number; seq: number }

/** How a supervisor is in a conversation: heard by nobody, by its operator alone, or by both. */
export type ListenMode = (typeof listenModes)[number]

/** One end of a call other than the operator's, whose leg stays up between calls. A third may be another operator. */
export type CallLeg = {
  callId: string
  legId: string
  side: 'caller' | 'third' | 'listener'
  /** Of a listener only. */
  mode: ListenMode | null
  address: VoiceAddress | { operator: string }
  label: string
  status: 'new' | 'early' | 'up' | 'down'
  createdAt: Date
  upAt: Date | null
  endedAt: Date | null
  endedBecause: LegEnd | null
}

export type CallCommand =
  /** The greeting is over; `heard` to its end, with the notice that calls are recorded. */
  | { say: 'greeted'; heard: boolean }
  | { say: 'announced' }
  | { say: 'answer'; operatorId: string }
  | { say: 'hold' }
  | { say: 'resume' }
  /** The operator's line broke off, or the incident went to somebody else: the caller waits on, at the first queue time. */
  | { say: 'requeue'; broken: boolean }
  /**
   * A key, pressed by the caller at that time. `grave`: it is urgent already, and nobody is let go by a slip of the finger.
   * `service`: what the key names at the number that they dialled (code of the catalogue).
   */
  | { say: 'key'; key: string; at: Date; grave: boolean; service?: string }
  /** The caller is asked to answer by keys; `asked` when they have heard it. */
  | { say: 'ask-by-keys' }
  | { say: 'asked' }
  /** Of a call that asks by keys: somebody is there; what came of their answer; they have heard that. */
  | { say: 'picked-up' }
  | { say: 'concluded'; outcome: AskedOutcome; operatorId: string | null }
  | { say: 'told' }
  /** They have heard what to do, and the tone: from now on they leave a message. */
  | { say: 'prompted' }
  /** Nobody answers: `number` is rung into the call; without one they are asked for a message, if `offer` says so. */
  | { say: 'overflow'; because: 'nobody-live' | 'waited'; number: string | null; offer: boolean }
  /** Somebody is on duty and may still come. */
  | { say: 'look-later' }
  /** The number outside has answered; or it did not come, or has gone. */
  | { say: 'outside' }
  | { say: 'unreached'; offer: boolean }
  /** An on-call telephone that has taken it comes to them: they talk, and are asked for no message meanwhile. */
  | { say: 'joined' }
  /** Nothing that could be heard was recorded. */
  | { say: 'unheard' }
  /** To a third who is an operator and takes the conversation over. */
  | { say: 'hand-over'; operatorId: string }
  /** `survey`: who helped them hangs up, and they are asked how it was. */
  | { say: 'end'; because: CallEnd; survey?: boolean }

/** What a command makes of a call: changes, a plain no, or nothing new. */
export type CallMove = { changes: Partial<Call> } | { refused: string; detail?: string } | 'known'
