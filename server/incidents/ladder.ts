/**
 * The no-response ladder: an incident in which nobody speaks is not a nuisance. Call the resident back, then each contact
 * in their order, all of them twice, then send the nearest helper, then advise the ambulance. Each rung has a time limit;
 * when it runs out the next one is climbed by itself. How often somebody pressed by mistake before removes no rung.
 */
import { after, seconds } from '../platform/clock.ts'
import { actorOf, type Decision, type Fact, type Incident, type LadderStep, type SkippedRung } from './model.ts'

const roundsOfContacts = 2
/** Longer than a call rings, so that the end of the call climbs first and the timer is the safety behind it. */
const callRungMs = seconds(40)
/** To dial by hand, to let it ring and to press the key of its result. */
const byHandRungMs = seconds(75)
/** Two waves of helpers were asked by then. */
const helperRungMs = seconds(130)

/** The rungs for these contacts, in their order. */
export function ladderOf(contactIds: string[]): LadderStep[] {
  const contacts = contactIds.map((contactId) => ({ step: 'contact' as const, contactId }))
  return [
    { step: 'call-back' },
    ...Array.from({ length: roundsOfContacts }, () => contacts).flat(),
    { step: 'helper' },
    { step: 'advice' },
  ]
}

/** How long a rung may take. */
export function rungMs(step: LadderStep['step'], byHand: boolean): number {
  if (step === 'helper') return helperRungMs
  return byHand ? byHandRungMs : callRungMs
}

const inHand = (incident: Incident) => incident.status === 'triage' || incident.status === 'response'

/** May this operator start it? */
export function startLadder(incident: Incident, command: { operatorId: string }): Decision {
  if (!inHand(incident)) return { refused: 'not-in-hand' }
  if (incident.ownerId !== command.operatorId) return { refused: 'not-owner' }
  if (!incident.residentId)
    return { refused: 'nobody-to-call', detail: 'Nobody is known for this device. Send a helper.' }
  if (incident.ladderRung !== null) return { refused: 'ladder-runs', detail: 'The ladder is being climbed already.' }
  return { facts: [] }
}

/** Is it time for the next rung? The rung's call has ended without an answer, or its time is over. */
export function mayClimb(incident: Incident, rungOver: boolean, now: Date): boolean {
  if (!inHand(incident) || incident.ladderRung === null || !incident.ladderUntil) return false
  return rungOver || incident.ladderUntil <= now
}

/** The fact of the next rung; the last one, the advice, ends the ladder: from there a person decides. */
export function climb(
  steps: LadderStep[],
  rung: number,
  placed: { callId: string | null; byHand: boolean },
  by: { at: Date; actor: string },
): Fact[] {
  const step = steps[rung] ?? { step: 'advice' as const }
  const until = after(by.at, rungMs(step.step, placed.byHand)).toISOString()
  const climbed: Fact = { ...by, type: 'ladder-climbed', data: { ...step, rung, until, ...placed } }
  if (step.step !== 'advice') return [climbed]
  return [climbed, { at: by.at, actor: actorOf.system, type: 'ladder-ended', data: { because: 'advice', reason: '' } }]
}

/** A rung that nothing can come of is left out at once, and that is said; its time would be lost to whoever does not speak. */
export const skipRung = (step: LadderStep, rung: number, because: SkippedRung, at: Date): Fact => ({
  at,
  actor: actorOf.system,
  type: 'rung-skipped',
  data: { ...step, rung, because },
})

/** Dialled by hand, in vain: its time is over now, and the next rung is climbed. */
export function failRung(incident: Incident, command: { operatorId: string; now: Date }): Decision {
  if (incident.ownerId !== command.operatorId) return { refused: 'not-owner' }
  if (incident.ladderRung === null) return { refused: 'no-ladder' }
  const by = { at: command.now, actor: actorOf.operator(command.operatorId) }
  return { facts: [{ ...by, type: 'rung-failed', data: { rung: incident.ladderRung } }] }
}

export function stopLadder(incident: Incident, command: { operatorId: string; reason: string; now: Date }): Decision {
  if (incident.ownerId !== command.operatorId) return { refused: 'not-owner' }
  if (incident.ladderRung === null) return { refused: 'no-ladder' }
  if (!command.reason.trim()) return { refused: 'no-reason', detail: 'Say why nobody need be reached any more.' }
  return {
    facts: [
      {
        at: command.now,
        actor: actorOf.operator(command.operatorId),
        type: 'ladder-ended',
        data: { because: 'operator', reason: command.reason },
      },
    ],
  }
}
