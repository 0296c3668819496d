import { z } from 'zod'

/**
 * The one way in which the rooms of the server speak to telephony. A carrier (web, SIP, Twilio) lies behind it and cannot
 * be told apart. Commands say how it should be, not what to change, so each may be repeated; every event may come twice,
 * late or out of order.
 */
export type LegId = string
export type CallId = string

/** What is spoken to a caller. Position 1 … 5 has its own prompt, farther back is `position-far`. */
export const promptKeys = [
  'greeting', // with the recording notice
  'wait',
  'position-1',
  'position-2',
  'position-3',
  'position-4',
  'position-5',
  'position-far',
  'apology', // the operator's line broke off; you keep your place
  'hold',
  'nobody', // nobody is there now; we call you back
  'goodbye',
  'keys', // what the keys do while they wait
  'other-language', // spoken in that language: which key asks for it
  'noted', // a key was understood; stay on the line
  'will-call-back', // they asked for it and keep their place
  'ask-help', // for who cannot speak: press 5 if you need help, 6 if not
  'survey', // 1 satisfied, 2 partly, 3 not
  'thanks',
  'help-request', // to a helper: who calls, and that somebody near needs help
  'help-keys', // 1 I come, 2 I cannot, 3 again
  'help-accepted',
  'taken-care', // somebody else does it, or an operator has it
  'on-call-1', // to an on-call telephone: an incident of this class that nobody answers
  'on-call-2',
  'on-call-3',
  'waited-1', // for more than a minute; three; ten
  'waited-3',
  'waited-10',
  'on-call-keys', // 1 I take care of it, 2 I cannot, 3 again
  'on-call-noted',
  'menu', // what a key says that they need; each number has its own words
  'closed', // it is not the time of this number
  'closed-keys', // 1 if somebody's health or safety is at risk; else speak after the tone
  'overflow', // rung through to the number outside
  'offer-message', // nobody answered: speak after the tone, 1 wait on, 2 call me back
  'tone',
  'message-taken',
] as const
/** What each hotline number can say in its own words; until somebody has recorded it, that of all numbers is heard. */
export const ownKinds = ['greeting', 'menu', 'closed'] as const
type OwnKind = (typeof ownKinds)[number]
export type OwnPrompt = `${OwnKind}@${string}`
export type PromptKey = (typeof promptKeys)[number] | OwnPrompt
export const ownPrompt = /^(greeting|menu|closed)@\+?\d{3,15}$/
const split = (key: PromptKey) => key.split('@') as [OwnKind, string]
/** The prompt of this number; that of all for who called by no number. */
export const promptOf = (kind: OwnKind, line: string): PromptKey => {
  const own: OwnPrompt = `${kind}@${line}`
  return ownPrompt.test(own) ? own : kind
}
/** Whose prompt it is; undefined for one of all numbers. */
export const lineOf = (key: PromptKey): string | undefined => (ownPrompt.test(key) ? split(key)[1] : undefined)
/** What is heard in its place, and how it is described. */
export const usualPrompt = (key: PromptKey): (typeof promptKeys)[number] =>
  lineOf(key) === undefined ? (key as (typeof promptKeys)[number]) : split(key)[0]
export const promptLocales = ['zh-CN', 'en'] as const
export type PromptLocale = (typeof promptLocales)[number]

/**
 * Whom to ring: a number, the page of a kiosk, or an alarm unit, which is rung where it has registered, else at its own number.
 */
export type VoiceAddress = { phone: string } | { kiosk: string } | { unit: string; number: string | null }

/** Who is at the other end of a leg. */
export type Party =
  | { kind: 'operator'; accountId: string }
  /** A device of ours: a kiosk, or an alarm unit. */
  | { kind: 'kiosk'; deviceId: string }
  /** `verified`: its network vouches for the number; left out where there is no network that could. */
  | { kind: 'phone'; number: string | null; verified?: boolean }

export type Voice = {
  /** Could this address be rung now, by any way in? */
  reaches(to: VoiceAddress): Promise<boolean>
  /** What this leg is now; events may have been lost. `there`: ringing, opening, or waited for. */
  legState(legId: LegId): 'up' | 'there' | 'gone'
  /** Rings an address; `leg-up` or `leg-down` follow as events. */
  place(order: { callId: CallId; legId: LegId; to: VoiceAddress }): Promise<'ringing' | 'unreachable' | 'overloaded'>
  /**
   * Exactly these legs hear each other in the room of the call; one that was in it and is not named hears silence. Who is in
   * `only` is heard by those alone and not recorded: nobody ([]) hears who listens, the operator alone hears who coaches.
   */
  bridge(callId: CallId, legs: LegId[], only?: Record<LegId, LegId[]>): Promise<void>
  /**
   * This leg alone hears these prompts one after the other, then `after`; it hears nobody else meanwhile. `played`
   * follows, with `token`. `tailMs`: how long there is silence before a hang-up, for who shall answer by a key.
   */
  play(
    legId: LegId,
    what: {
      prompts: PromptKey[]
      locale: PromptLocale
      after: 'music' | 'silence' | 'hang-up'
      tailMs?: number
      token: string
    },
  ): Promise<void>
  /**
   * Records the room of the call, left the caller's legs, right the others; null ends the recording. With `silentMsMax` it
   * ends by itself when nobody was heard for so long. `recorded` follows.
   */
  record(callId: CallId, to: { recordingId: string; left: LegId[]; silentMsMax?: number } | null): Promise<void>
  /** With `clearing` its keys are pressed first, and the other side has so long to end the call itself. */
  hangUp(legId: LegId, reason: LegEnd, clearing?: Clearing): Promise<void>
  /** Presses keys at the far end, each so long; `no-keys`: it takes none. */
  press(legId: LegId, keys: string, pressMs: number): Promise<'pressed' | 'no-keys' | 'gone'>
}

export type Clearing = { keys: string; pressMs: number; waitMs: number }

/**
 * Why a leg ended. `lost`: no packets or a broken connection; `media-lost`: the media process died with it; `not-taken`: they
 * called, and there was no place for them or no way to store it.
 */
export const legEnds = ['hung-up', 'declined', 'no-answer', 'lost', 'media-lost', 'not-taken', 'refused'] as const
export type LegEnd = (typeof legEnds)[number]

export type VoiceEvent =
  /** Somebody dials the one number. It is acknowledged to them only after the handler has committed it. */
  | {
      type: 'arrived'
      callId: CallId
      legId: LegId
      party: Party
      /** The hotline number that was dialled; `kiosk` or `web` for calls without one. */
      line: string
      locale: PromptLocale
      at: Date
    }
  | { type: 'leg-up'; callId: CallId | null; legId: LegId; party: Party; at: Date }
  | { type: 'leg-down'; callId: CallId | null; legId: LegId; party: Party; because: LegEnd; at: Date }
  | { type: 'played'; legId: LegId; token: string; at: Date }
  | { type: 'dtmf'; legId: LegId; key: string; at: Date }
  | { type: 'recorded'; recordingId: string; durationMs: number; bytes: number; at: Date }

/** Recordings on the disk, each sealed with a key of its own. */
export type Recordings = {
  /** Where a new one goes, and its key. */
  target(recordingId: string): { file: string; keyHex: string }
  /** A WAV file, PCM 16 bit stereo, as it is read: left the caller, right the others. Throws when it is not there. */
  wav(recordingId: string): AsyncIterable<Uint8Array>
  /** The loudest sample of each of `buckets` equal parts, 0 … 1. */
  peaks(recordingId: string, buckets: number): Promise<{ left: number[]; right: number[] }>
  /** Twice is once. */
  /** Does its file lie where it should? A disk that was changed, or a backup without recordings, may have lost it. */
  isThere(recordingId: string): Promise<boolean>
  remove(recordingId: string): Promise<void>
}

/** Each operator has one leg that stays up between calls; its name follows from theirs. */
export const operatorLegId = (accountId: string): LegId => `operator:${accountId}`
export const isOperatorLeg = (legId: LegId): boolean => legId.startsWith('operator:')

/**
 * Signalling of web telephones, on socket.io path /realtime. The handshake says who it is: an operator's session cookie,
 * `auth: {kiosk: <device key>}`, or, with demo data only, `auth: {phone: <number>}`.
 *
 * Telephone → server, each acknowledged:
 *   voice.settings {}                  before the first offer                     → {iceServers}
 *   voice.open   {sdp}                 operator's leg; again replaces it          → {legId, sdp}
 *   voice.echo   {on}                  operator's leg hears itself a second later  → {ok}
 *   voice.dial   {sdp, locale, line?}  kiosk or pretend telephone calls the number → {callId, legId, sdp}
 *   voice.answer {legId, sdp}          picks up what rings here                    → {sdp}
 *   voice.redial {legId, sdp}          the same leg over a new connection          → {sdp}
 *   voice.hang-up {legId}              hangs up, or declines what rings            → {ok}
 * A refused one is acknowledged with {refused: code}.
 *
 * Server → telephone: voice.ring {legId, callId} · voice.state {legId, state}
 */
export const voiceOffer = z.object({ sdp: z.string().min(10).max(20_000) })
export const voiceDial = voiceOffer.extend({
  locale: z.enum(promptLocales).default('zh-CN'),
  line: z.string().max(20).default('web'),
})
export const voiceLeg = z.object({ legId: z.string().max(80) })
export const voiceLegOffer = voiceOffer.extend({ legId: z.string().max(80) })
export const voiceEcho = z.object({ on: z.boolean() })

export type VoiceAnswer = { legId: LegId; callId?: CallId; sdp: string } | { refused: string }
/** `up` audio flows · `lost` offer again · `moved` offer again at once, the call is at another media process · `replaced` opened in another tab · `ended` it is over. */
export type VoiceState = { legId: LegId; state: 'up' | 'lost' | 'moved' | 'replaced' | 'ended'; because?: LegEnd }
export type VoiceRing = { legId: LegId; callId: CallId }

/** Public addresses for the browser's leg: STUN and TURN servers, from configuration. */
export const iceServer = z.object({
  urls: z.string(),
  username: z.string().optional(),
  credential: z.string().optional(),
})
export type IceServer = z.infer<typeof iceServer>
