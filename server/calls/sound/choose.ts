import type { LegId, PromptKey, PromptLocale } from '../../contracts/voice.ts'
import { operatorLegId, promptOf } from '../../contracts/voice.ts'
import { type AskedOf, askingSound, isAsking } from '../asking.ts'
import { isTalking } from '../machine.ts'
import type { Call, CallLeg } from '../model.ts'
import { messageSilentMs } from '../timers.ts'

export type Sound = {
  legId: LegId
  prompts: PromptKey[]
  locale: PromptLocale
  after: 'music' | 'silence' | 'hang-up'
  tailMs?: number
  /** The same token is the same sound: it goes on and is not started again. */
  token: string
}

/** How the media must be for a call, said anew after each change; carrying it out twice changes nothing. */
export type Media = {
  /** Who hears each other. */
  room: LegId[]
  /** Whoever is in it is heard by those alone, and not recorded. */
  only: Record<LegId, LegId[]>
  alone: Sound[]
  /** Left channel of the recording; null: nothing is recorded. */
  record: LegId[] | null
  /** The recording ends by itself after so long a silence. */
  silentMsMax?: number
  hangUp: LegId[]
}

const farFrom = 6
/** An old person looks for the key after the last word of the question. */
const surveyTailMs = 8_000

export function positionPrompt(position: number): PromptKey {
  return position < farFrom ? (`position-${position}` as PromptKey) : 'position-far'
}

/**
 * `position` in the queue counts from 1; `enrolled`: the number is the resident's own, who consented with their enrolment;
 * `asked`: what somebody is asked about; `menu`: the number that was dialled has choices by key, which are announced.
 */
type Heard = { position: number; enrolled: boolean; asked: AskedOf; menu: boolean }

/** A call in is recorded after its notice was heard, a call out only to the resident's own number. */
export function mediaOf(call: Call, legs: CallLeg[], { position, enrolled, asked, menu }: Heard): Media {
  if (call.medium === 'text') return { room: [], only: {}, alone: [], record: null, hangUp: [] }
  const live = legs.filter((leg) => leg.status !== 'down')
  if (call.status === 'ended') return afterwards(call, legs)
  const callers = live.filter((leg) => leg.side === 'caller' && leg.status === 'up').map(idOf)
  if (isAsking(call)) return askingMedia(call, callers, asked)
  const others = [
    ...(call.operatorId ? [operatorLegId(call.operatorId)] : []),
    ...live.filter((leg) => leg.side !== 'caller' && leg.status === 'up').map(idOf),
  ]
  // Alone in the room, so that nothing but them is recorded. That it is, the tone says, whether or not they heard the greeting.
  if (call.aside === 'message')
    return {
      room: callers,
      only: {},
      alone: [],
      record: callers.length > 0 ? callers : null,
      silentMsMax: messageSilentMs,
      hangUp: [],
    }
  if (call.aside === 'outside') return { room: [...callers, ...others], only: {}, alone: [], record: null, hangUp: [] }
  const sound = callers.map((legId) => ({ legId, locale: call.locale, ...soundOf(call, position, menu) }))
  const greeting = call.direction === 'in' && !call.greetedAt
  // An on-call telephone that has taken it over talks with who waits; an operator who answers comes to them.
  const joined = !isTalking(call) && live.some((leg) => leg.side === 'third' && leg.status === 'up')
  const talk = (call.status === 'answered' || joined) && !greeting && !call.askedAt && callers.length > 0
  const strangers = live.some((leg) => leg.side === 'third' && leg.status === 'up' && isOurs(leg))
  const noticed = call.direction === 'in' ? call.noticedAt !== null : enrolled && call.asks === null
  return {
    only: hearing(call, live),
    room: talk ? [...callers, ...others] : isTalking(call) ? others : [],
    alone: talk || (call.direction === 'out' && !call.answeredAt) ? [] : sound,
    // Not what is said behind the back of who hears music, and not somebody who was brought in and heard no notice.
    record: noticed && talk && !strangers ? callers : null,
    hangUp: [],
  }
}

/** Who is asked by keys hears the question alone. They are not recorded, and nobody of ours need be there. */
function askingMedia(call: Call, callers: LegId[], asked: AskedOf): Media {
  const sound = { locale: call.locale, ...askingSound(call, asked) }
  const alone = call.answeredAt ? callers.map((legId) => ({ legId, ...sound })) : []
  return { room: [], only: {}, alone, record: null, hangUp: [] }
}

/** Who listens is heard by nobody, who coaches by the operator alone. One who has taken the call over is its operator, and no listener. */
function hearing(call: Call, live: CallLeg[]): Record<LegId, LegId[]> {
  const operator = call.operatorId ? [operatorLegId(call.operatorId)] : []
  const quiet = live.filter(
    (leg) => leg.side === 'listener' && leg.status === 'up' && leg.mode !== 'join' && !operator.includes(leg.legId),
  )
  return Object.fromEntries(quiet.map((leg) => [leg.legId, leg.mode === 'coach' ? operator : []]))
}

/** When it is over everybody is let go; who is asked how it was, or told that we call back, hears that first. */
function afterwards(call: Call, legs: CallLeg[]): Media {
  const word: PromptKey[] | null =
    call.endedBecause === 'asked-call-back'
      ? ['will-call-back', 'goodbye']
      : call.endedBecause === 'voicemail'
        ? ['message-taken']
        : call.surveyUntil
          ? [call.rating === null ? 'survey' : 'thanks']
          : null
  const heard = (leg: CallLeg) => word !== null && leg.side === 'caller' && isOurs(leg)
  return {
    room: [],
    only: {},
    alone: legs.filter(heard).map(({ legId }) => ({
      legId,
      prompts: word ?? [],
      locale: call.locale,
      after: 'hang-up',
      ...(word?.[0] === 'survey' && { tailMs: surveyTailMs }),
      token: `after:${word?.[0]}`,
    })),
    record: null,
    hangUp: legs.filter((leg) => isOurs(leg) && !heard(leg)).map(idOf),
  }
}

const idOf = (leg: CallLeg): LegId => leg.legId
/** An operator's telephone stays up when a call ends; hanging up who has gone already is harmless. */
const isOurs = (leg: CallLeg) => !('operator' in leg.address)

function soundOf(call: Call, position: number, menu: boolean): Pick<Sound, 'prompts' | 'after' | 'token'> {
  if (call.status === 'held') return { prompts: ['hold'], after: 'music', token: `hold:${call.heldAt?.getTime()}` }
  if (!call.greetedAt && call.direction === 'in')
    return { prompts: [promptOf('greeting', call.line)], after: 'music', token: greetingToken(call.id) }
  if (call.askedAt) return { prompts: ['ask-help'], after: 'silence', token: askedToken(call.id, call.askedAt) }
  if (call.aside === 'closed' || call.aside === 'offer')
    return { prompts: aboutMessage(call), after: 'silence', token: asideToken(call) }
  if (call.aside) return { prompts: ['overflow'], after: 'music', token: asideToken(call) }
  const place: PromptKey[] = [positionPrompt(position)]
  // "At once" is said to whoever is next; the others hear how many come before them.
  const soon: PromptKey[] = position === 1 ? ['wait'] : []
  const first: PromptKey[] = call.keyed ? ['noted'] : call.broken > 0 ? ['apology'] : soon
  // What the keys do is said once, to who has just come.
  const keys: PromptKey[] =
    call.direction === 'in' && !call.keyed && call.broken === 0
      ? [...(menu ? [promptOf('menu', call.line)] : []), 'keys', 'other-language']
      : []
  const prompts = call.announced === 0 ? [...first, ...place, ...keys] : place
  return { prompts, after: 'music', token: `queue:${call.broken}:${call.announced}:${call.keyed.length}` }
}

const aboutMessage = (call: Call): PromptKey[] =>
  call.aside === 'closed' ? [promptOf('closed', call.line), 'closed-keys', 'tone'] : ['offer-message', 'tone']

/** In another language it is another sound. By it the tone is known to be over. */
export const asideToken = (call: Call): string => `${call.aside}:${call.id}:${call.asideAt?.getTime()}:${call.locale}`

/** By it the end of the question is known. */
export const askedToken = (callId: string, askedAt: Date): string => `asked:${callId}:${askedAt.getTime()}`

export const greetingToken = (callId: string): string => `greeting:${callId}`
