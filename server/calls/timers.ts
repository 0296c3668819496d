import type { Timer } from '../contracts/jobs.ts'
import { isEmergencyNumber } from '../contracts/vocabulary.ts'
import { after, minutes, seconds } from '../platform/clock.ts'
import { isAsking } from './asking.ts'
import type { Call, CallLeg } from './model.ts'

/** The greeting lasts 6 s; when the media never says that it is over, the caller still gets into the queue. */
export const greetingMaxMs = seconds(12)
/** The place in the queue is told this often. */
export const announceEveryMs = seconds(30)
/** A call waits at an operator who has its incident in hand for so long; then the leaders hear of it and anybody may take over. */
export const ownerAnswersWithinMs = seconds(20)
/** The question to be answered by keys lasts 9 s; when the media never says that it is over, the two hear each other again. */
export const askedMaxMs = seconds(15)
/** How long after the call a key counts as a word on the help. */
export const surveyMs = seconds(30)
/** A call out rings as long as an old person needs to come to the telephone. */
export const ringMaxMs = seconds(30)
/** Who is asked by keys hears the question twice in it; then a wave's time is nearly over. */
const askingMaxMs = seconds(40)
/** What came of their answer lasts no longer; when the media never says that it was heard, they are let go. */
const toldMaxMs = seconds(15)
/** A reloaded page or a short gap in the network brings the operator's telephone back within this time. */
export const operatorLegGraceMs = seconds(6)
/** A page that writes and was not heard for so long is gone. */
export const textSilentMaxMs = seconds(90)

/** Calls of the gravest are kept the longest: complaints and inquests come late. */
const retentionDays: Record<number, number> = { 1: 730, 2: 365, 3: 180, 4: 90, 5: 90 }
export const expiresAt = (endedAt: Date, incidentClass: number): Date =>
  after(endedAt, minutes((retentionDays[incidentClass] ?? 90) * 24 * 60))

/** Nobody hears music for longer than this without that a leader hears of it. */
export const holdCheckMs = seconds(60)
/** A third who does not come to the telephone is let go when a call out would be; an emergency centre answers everybody, in its own time. */
export const thirdRingsMs = (address: CallLeg['address']): number =>
  'phone' in address && isEmergencyNumber(address.phone) ? minutes(3) : ringMaxMs

const askedUntil = ({ offeredAt, answeredAt, reply, outcome }: Call): Date =>
  answeredAt ? after(answeredAt, reply || outcome ? askingMaxMs + toldMaxMs : askingMaxMs) : after(offeredAt, ringMaxMs)

/** What is said to a number that is closed may be 30 s in somebody's own words; what the keys do, and the tone, come after it. */
export const promptsMaxMs = seconds(45)
/** A message says who and what, and is no diary. */
export const messageMaxMs = minutes(3)
/** Shorter is somebody who hung up at the tone. */
export const messageMinMs = seconds(2)
/** Who says nothing for so long has finished, or has put the receiver down beside the telephone. */
export const messageSilentMs = seconds(10)
/** As long as somebody is on duty it is looked at this often whether they still are. */
export const overflowLookMs = seconds(30)

/** The timers that must run in each state of a call: kind and due time. */
export function callTimersOf(call: Call): Timer[] {
  if (call.status === 'ended') return []
  if (isAsking(call)) return [{ kind: 'end-ringing', dueAt: askedUntil(call) }]
  const text = call.medium === 'text'
  // A kiosk's page asks as long as somebody stands there; of a telephone that writes, silence says nothing.
  const seen: Timer[] =
    text && call.deviceId
      ? [{ kind: 'check-text-call', dueAt: after(call.seenAt ?? call.offeredAt, textSilentMaxMs) }]
      : []
  const announce: Timer = {
    kind: 'announce-call',
    dueAt: after(call.waitingSince ?? call.offeredAt, announceEveryMs * (call.announced + 1)),
  }
  /** Who is aside hears no place; the number outside has the limit of every third. */
  function waiting(): Timer[] {
    switch (call.aside) {
      case 'closed':
      case 'offer':
        return [{ kind: 'end-prompts', dueAt: after(asideAt, promptsMaxMs) }]
      case 'message':
        return [{ kind: 'end-message', dueAt: after(asideAt, messageMaxMs) }]
      case 'overflow':
      case 'outside':
        return []
      case null:
        return call.overflowAt ? [announce, { kind: 'check-overflow', dueAt: call.overflowAt }] : [announce]
    }
  }
  const greeting: Timer = { kind: 'end-greeting', dueAt: after(call.offeredAt, greetingMaxMs) }
  const asideAt = call.asideAt ?? call.offeredAt
  switch (call.status) {
    case 'offered':
      return [greeting]
    case 'queued':
    case 'ringing':
      return call.direction === 'out' && !call.answeredAt
        ? [{ kind: 'end-ringing', dueAt: after(call.offeredAt, ringMaxMs) }]
        : [...seen, ...waiting()]
    case 'held':
      return [...seen, { kind: 'check-hold', dueAt: after(call.heldAt ?? call.offeredAt, holdCheckMs) }]
    case 'answered':
      if (call.direction === 'in' && !call.greetedAt && !text) return [greeting]
      return call.askedAt ? [...seen, { kind: 'end-asking', dueAt: after(call.askedAt, askedMaxMs) }] : seen
  }
}
