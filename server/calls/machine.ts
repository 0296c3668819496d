/**
 * The call. offered: hears the greeting, which says that calls are recorded. queued: waits, hears music and its place.
 * ringing: the same, while it rings at operators (told by the queue); of a call out, while it rings at the other side. answered: operator and
 * caller talk. held: the caller hears music. ended: for ever. Who is queued may be `aside`: hears that we are closed, is rung through to
 * a number outside and talks with it, is asked for a message, leaves one; they keep their place, and an operator may answer at any time. A command that repeats what is known changes nothing.
 */
import type { CallEnd, KeyWish } from '../contracts/calls.ts'
import { after, minutes } from '../platform/clock.ts'
import { isAsking, moveAsking } from './asking.ts'
import { localeOf, ratingOf, wishOf, withKey } from './keypad.ts'
import type { Call, CallCommand, CallLeg, CallMove } from './model.ts'
import { announceEveryMs, messageMinMs, overflowLookMs, surveyMs } from './timers.ts'

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

export function moveCall(call: Call, command: CallCommand, now: Date): CallMove {
  if (isAsking(call)) return moveAsking(call, command, now)
  if (command.say === 'key') return pressed(call, command, now)
  if (command.say === 'unheard')
    return call.endedBecause === 'voicemail' ? { changes: { endedBecause: 'abandoned' } } : known
  if (call.status === 'ended') return command.say === 'end' || command.say === 'asked' ? known : over
  switch (command.say) {
    case 'greeted':
      if (call.greetedAt) return known
      return {
        changes: {
          greetedAt: now,
          noticedAt: command.heard ? now : null,
          // Answered during the greeting: only now do the two hear each other.
          ...(call.status === 'offered' && {
            status: 'queued' as const,
            queuedAt: call.queuedAt ?? now,
            ...(call.aside ? { asideAt: now } : looked(call, now)),
          }),
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
          ...notAside,
          overflowAt: null,
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
          ...looked(call, lookAgain(call, now)),
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
    case 'prompted':
      return isWaiting(call) && (call.aside === 'closed' || call.aside === 'offer')
        ? { changes: { aside: 'message', asideAt: now } }
        : known
    case 'look-later':
      return call.overflowAt ? { changes: { overflowAt: laterLook(call, now) } } : known
    case 'overflow': {
      if (!isWaiting(call) || call.aside) return known
      if (command.number !== null) return { changes: { aside: 'overflow', asideAt: now, overflowAt: null } }
      return { changes: command.offer ? offered(now) : looked(call, lookSoon(now)) }
    }
    case 'outside':
      return call.aside === 'overflow' ? { changes: { aside: 'outside', asideAt: now } } : known
    case 'joined':
      return isWaiting(call) && (call.aside === 'closed' || call.aside === 'offer' || call.aside === 'message')
        ? { changes: { ...notAside, ...looked(call, after(now, overflowLookMs)) } }
        : known
    case 'unreached':
      if (call.aside !== 'overflow' && call.aside !== 'outside') return known
      return { changes: command.offer ? offered(now) : { ...backInLine(call, now), ...looked(call, lookSoon(now)) } }
    case 'end':
      return {
        changes: {
          ...ending(call, command.because, now),
          ...(command.survey && isSurveyed(call) && { surveyUntil: after(now, surveyMs) }),
        },
      }
  }
}

const notAside = { aside: null, asideAt: null } satisfies Partial<Call>
const offered = (now: Date): Partial<Call> => ({ aside: 'offer', asideAt: now, overflowAt: null })
const looked = (call: Call, overflowAt: Date): Partial<Call> => (call.overflowMinutes === null ? {} : { overflowAt })
/** Who was rung through in vain, or would rather wait, is not asked again before as long has passed once more. */
const lookAgain = (call: Call, now: Date): Date => after(now, minutes(call.overflowMinutes ?? 0))

/** A life is asked for no message: it is tried again as soon as it is looked at again. */
const lookSoon = (now: Date): Date => after(now, overflowLookMs)

/** When their time is up, and before that now and then: whoever is on duty now may leave. */
function laterLook(call: Call, now: Date): Date {
  const due = lookAgain(call, call.waitingSince ?? call.offeredAt)
  const next = after(now, overflowLookMs)
  return due > now && due < next ? due : next
}

/** In the plain line as if they had never left it: the next place is told at its time and not three at once. */
function backInLine(call: Call, now: Date): Partial<Call> {
  const waitedMs = now.getTime() - (call.waitingSince ?? call.offeredAt).getTime()
  return { ...notAside, announced: Math.floor(waitedMs / announceEveryMs), ...looked(call, lookAgain(call, now)) }
}

/** They said that it cannot wait until we open: from now on they wait like anybody. */
const intoLine = (call: Call, now: Date): Partial<Call> => ({
  ...notAside,
  waitingSince: now,
  announced: 0,
  ...looked(call, now),
})

/** A third has gone. If it was the number outside, and nobody of it is left, the caller is asked for a message; a life is not. */
export function withoutThird(
  call: Call,
  legs: Pick<CallLeg, 'legId' | 'side' | 'status'>[],
  gone: string,
  incidentClass: number,
): CallCommand | 'legs' {
  const others = legs.some((leg) => leg.side === 'third' && leg.legId !== gone && leg.status !== 'down')
  if (others || (call.aside !== 'overflow' && call.aside !== 'outside')) return 'legs'
  return { say: 'unreached', offer: incidentClass > 1 }
}

const notTalking: CallMove = {
  refused: 'not-talking',
  detail: 'Only a call that was answered can be changed this way.',
}

const ending = (call: Call, because: CallEnd, now: Date): Partial<Call> => ({
  status: 'ended',
  endedAt: now,
  endedBecause: endOf(call, because, now),
  heldAt: null,
  askedAt: null,
  ...notAside,
  overflowAt: null,
})

/** Who called in by telephone and was helped is asked; a kiosk has no keys, and whoever was called by us did not ask for anything. */
const isSurveyed = (call: Call) =>
  call.direction === 'in' && call.medium === 'voice' && call.deviceId === null && call.status === 'answered'

const isUrgent = (wish: KeyWish | undefined) => wish === 'urgent' || wish === 'cannot-speak'

/** The same key twice is two presses, the same event twice is one. */
function pressed(call: Call, { key, at, grave, service }: CallCommand & { say: 'key' }, now: Date): CallMove {
  if (call.keyedAt && at <= call.keyedAt) return known
  const changes: Partial<Call> = { keyed: withKey(call.keyed, key), keyedAt: at, askedAt: null }
  if (call.status === 'ended') {
    const rating = call.surveyUntil && now <= call.surveyUntil ? ratingOf(key) : undefined
    return rating === undefined ? known : { changes: { ...changes, rating } }
  }
  if (!waitsForUs(call)) return { changes }
  if (call.aside === 'message' && key === '#') return { changes: { ...changes, ...ending(call, 'voicemail', now) } }
  const wish = wishOf(call, key, service !== undefined)
  if (wish === 'call-back' && !grave) return { changes: { ...changes, ...ending(call, 'asked-call-back', now) } }
  // Who is slow at the keys presses after the tone.
  if ((call.aside === 'closed' || call.aside === 'message') && isUrgent(wish))
    return { changes: { ...changes, ...intoLine(call, now) } }
  if (call.aside === 'offer' && (wish === 'wait' || isUrgent(wish)))
    return { changes: { ...changes, ...backInLine(call, now) } }
  const locale = wish && localeOf(wish)
  return { changes: { ...changes, ...(locale && { locale }) } }
}

/** Hanging up means something else before anybody answered: who called in gave up waiting, who was called did not want it. */
function endOf(call: Call, because: CallEnd, now: Date): CallEnd {
  if (call.aside === 'message' && (because === 'hung-up' || because === 'lost' || because === 'voicemail'))
    return call.asideAt && now.getTime() - call.asideAt.getTime() >= messageMinMs ? 'voicemail' : 'abandoned'
  // They talked with somebody; the incident still waits for one of us.
  if (call.aside === 'outside' && because === 'hung-up') return because
  if (!isWaiting(call) || because === 'media-lost') return because
  if (call.direction === 'in' || call.answeredAt)
    return because === 'hung-up' || because === 'lost' ? 'abandoned' : because
  return because === 'hung-up' ? 'declined' : because === 'lost' ? 'no-answer' : because
}
