/**
 * The call. offered: hears the greeting, which says that calls are recorded. queued: waits, hears music and its place.
 * ringing: the same, while it rings at operators (told by the queue); of a call out, while it rings at the other side. answered: operator and
 * caller talk. held: the caller hears music. ended: for ever. A command that repeats what is known changes nothing.
 */
import type { CallBackReason } from '../contracts/vocabulary.ts'
import { after } from '../platform/clock.ts'
import { isAsking, moveAsking } from './asking.ts'
import { localeOf, ratingOf, wishOf, withKey } from './keypad.ts'
import type { Call, CallCommand, CallEnd, CallMove } from './model.ts'
import { surveyMs } from './timers.ts'

const over: CallMove = { refused: 'call-over', detail: 'The call has ended. Call back from the incident.' }
const known = 'known' as const
const isWaiting = (call: Call) => call.status === 'offered' || call.status === 'queued' || call.status === 'ringing'
/** Somebody is on the line and talks with nobody; a call out that still rings at the other side is not that. */
export const waitsForUs = (call: Call): boolean =>
  isWaiting(call) && (call.direction === 'in' || call.answeredAt !== null)
/** By messages from telephone to telephone: no page asks for it, and it lasts as long as nobody ends it. */
export const isByMessage = (call: Pick<Call, 'medium' | 'deviceId' | 'number'>): boolean =>
  call.medium === 'text' && call.deviceId === null && call.number !== null
export const isLive = (call: Pick<Call, 'status'>): boolean => call.status !== 'ended'
export const isTalking = (call: Pick<Call, 'status'>): boolean => call.status === 'answered' || call.status === 'held'
/** Who must be called back, and why, when a call ends like this. */
export function callBackAfter(because: CallEnd): CallBackReason | null {
  if (because === 'asked-call-back') return 'asked'
  const left = ['abandoned', 'lost', 'media-lost', 'not-taken'] as const
  return left.find((one) => one === because) ?? null
}

export function moveCall(call: Call, command: CallCommand, now: Date): CallMove {
  if (isAsking(call)) return moveAsking(call, command, now)
  if (command.say === 'key') return pressed(call, command, now)
  if (call.status === 'ended') return command.say === 'end' || command.say === 'asked' ? known : over
  switch (command.say) {
    case 'greeted':
      if (call.greetedAt) return known
      return {
        changes: {
          greetedAt: now,
          noticedAt: command.heard ? now : null,
          // Answered during the greeting: only now do the two hear each other.
          ...(call.status === 'offered' && { status: 'queued' as const, queuedAt: call.queuedAt ?? now }),
        },
      }
    case 'announced':
      return isWaiting(call) ? { changes: { announced: call.announced + 1 } } : known
    case 'answer':
      if (call.operatorId === command.operatorId && isTalking(call)) return known
      if (!isWaiting(call)) return { refused: 'already-answered', detail: 'A colleague is talking with them.' }
      return {
        changes: {
          status: 'answered',
          operatorId: command.operatorId,
          queuedAt: call.queuedAt ?? now,
          answeredAt: call.answeredAt ?? now,
          heldAt: null,
        },
      }
    case 'hold':
      if (call.status === 'held') return known
      return call.status === 'answered' ? { changes: { status: 'held', heldAt: now } } : notTalking
    case 'resume':
      if (call.status === 'answered') return known
      return call.status === 'held' ? { changes: { status: 'answered', heldAt: null } } : notTalking
    case 'requeue':
      if (!isTalking(call)) return known
      return {
        changes: {
          status: 'queued',
          queuedAt: call.queuedAt ?? now,
          waitingSince: now,
          operatorId: null,
          heldAt: null,
          broken: call.broken + (command.broken ? 1 : 0),
          announced: 0,
        },
      }
    case 'ask-by-keys':
      if (call.askedAt) return known
      return call.status === 'answered' && call.direction === 'in' ? { changes: { askedAt: now } } : notTalking
    case 'asked':
      return call.askedAt ? { changes: { askedAt: null } } : known
    case 'hand-over':
      if (call.operatorId === command.operatorId) return known
      if (!isTalking(call)) return notTalking
      return { changes: { status: 'answered', operatorId: command.operatorId, heldAt: null } }
    case 'picked-up':
    case 'concluded':
    case 'told':
      return known // late: an operator is with them
    case 'end':
      return {
        changes: {
          ...ending(call, command.because, now),
          ...(command.survey && isSurveyed(call) && { surveyUntil: after(now, surveyMs) }),
        },
      }
  }
}

const notTalking: CallMove = {
  refused: 'not-talking',
  detail: 'Only a call that was answered can be changed this way.',
}

const ending = (call: Call, because: CallEnd, now: Date): Partial<Call> => ({
  status: 'ended',
  endedAt: now,
  endedBecause: endOf(call, because),
  heldAt: null,
  askedAt: null,
})

/** Who called in by telephone and was helped is asked; a kiosk has no keys, and whoever was called by us did not ask for anything. */
const isSurveyed = (call: Call) =>
  call.direction === 'in' && call.medium === 'voice' && call.deviceId === null && call.status === 'answered'

/** The same key twice is two presses, the same event twice is one. */
function pressed(call: Call, { key, at, grave }: CallCommand & { say: 'key' }, now: Date): CallMove {
  if (call.keyedAt && at <= call.keyedAt) return known
  const changes: Partial<Call> = { keyed: withKey(call.keyed, key), keyedAt: at, askedAt: null }
  if (call.status === 'ended') {
    const rating = call.surveyUntil && now <= call.surveyUntil ? ratingOf(key) : undefined
    return rating === undefined ? known : { changes: { ...changes, rating } }
  }
  if (!waitsForUs(call)) return { changes }
  const wish = wishOf(call, key)
  if (wish === 'call-back' && !grave) return { changes: { ...changes, ...ending(call, 'asked-call-back', now) } }
  const locale = wish && localeOf(wish)
  return { changes: { ...changes, ...(locale && { locale }) } }
}

/** Hanging up means something else before anybody answered: who called in gave up waiting, who was called did not want it. */
function endOf(call: Call, because: CallEnd): CallEnd {
  if (!isWaiting(call) || because === 'media-lost') return because
  if (call.direction === 'in' || call.answeredAt)
    return because === 'hung-up' || because === 'lost' ? 'abandoned' : because
  return because === 'hung-up' ? 'declined' : because === 'lost' ? 'no-answer' : because
}
