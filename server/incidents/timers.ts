import { escalationStepsSeconds, stepsOfClass } from '../contracts/escalation.ts'
import type { Timer } from '../contracts/jobs.ts'
import { after, minutes, seconds } from '../platform/clock.ts'
import type { Incident } from './model.ts'

/** The console beats every 15 s; three missed beats and the claim is stale. */
export const claimStaleAfterMs = seconds(45)
/** A stale claim of an unhelped resident goes back to the queue when nobody took it over by then. */
export const claimLostAfterMs = seconds(90)
/** A colleague may take over without a reason this long after the claim: two hands went for the same item. */
export const freshClaimMs = seconds(20)
export const wrapUpMs = seconds(90)
export const wrapUpMoreMs = seconds(60)
/** A new need of the same subject within this time is marked as unresolved. */
export const reopenedWithinMs = minutes(7 * 24 * 60)

export const escalationStepsMs = escalationStepsSeconds.map(seconds)
const stepsOf = (incidentClass: number): number[] => stepsOfClass(incidentClass).map(seconds)

/** After the hard limit the leader hears again, as long as nobody answers. */
export const escalationRepeatMs = seconds(60)

/** What the class may wait longer than an urgent one: the order of the queue is queue time plus this, so nothing starves. */
const allowanceSeconds: Record<number, number> = { 1: -86_400, 2: 0, 3: 300, 4: 1_800, 5: 3_600 }
export const allowancesSeconds = [1, 2, 3, 4, 5].map((c) => allowanceSeconds[c] as number)
export const rankOf = (queuedAt: Date, incidentClass: number): Date =>
  after(queuedAt, seconds(allowanceSeconds[incidentClass] ?? 3_600))

/** The step that has been reached after waiting this long; 0 before the first. */
export function stepReached(waitedMs: number, incidentClass: number): number {
  return stepsOf(incidentClass).filter((step) => waitedMs >= step).length
}

/** A unit that was told to call has so long; then whoever has the incident calls it [alarm-devices.md 1.3]. */
export const unitCallsWithinMs = seconds(60)

/** The on-call telephone is rung at this step. */
export const onCallStep = 4
/**
 * An on-call telephone that has taken responsibility has so long to sign in, or to see that somebody does: they may have to
 * come to a desk. Then it is escalated again.
 */
export const onCallTakesMs = minutes(10)
/** Since when it should have been answered: since it waits, or since its number opened. */
export const dueSince = ({ waitingSince, quietUntil }: Pick<Incident, 'waitingSince' | 'quietUntil'>): Date =>
  quietUntil && quietUntil > waitingSince ? quietUntil : waitingSince

/** When an unanswered incident must be looked at again. */
export function nextEscalation(incident: Incident, now: Date): Date {
  if (incident.onCallAt) return after(incident.onCallAt, onCallTakesMs)
  const next = stepsOf(incident.class)[incident.escalation]
  return next === undefined ? after(now, escalationRepeatMs) : after(dueSince(incident), next)
}

/** The timer that must be running in each state of the incident: kind and due time. The ledger holds it to this. */
export function timersOf(incident: Incident, now: Date): Timer[] {
  switch (incident.status) {
    case 'waiting':
      return [{ kind: 'escalate-incident', dueAt: nextEscalation(incident, now) }]
    case 'triage':
    case 'response': {
      const claim: Timer = {
        kind: 'check-claim',
        dueAt: after(incident.claimAt ?? now, incident.claimStale ? claimLostAfterMs : claimStaleAfterMs),
      }
      const { heldUntil, ladderUntil } = incident
      const held: Timer[] = heldUntil ? [{ kind: 'return-held', dueAt: heldUntil }] : []
      const ladder: Timer[] = ladderUntil ? [{ kind: 'climb-ladder', dueAt: ladderUntil }] : []
      return [claim, ...held, ...ladder]
    }
    case 'wrap-up':
      return [{ kind: 'end-wrap-up', dueAt: incident.wrapUpUntil ?? now }]
    case 'closed':
      return []
  }
}
