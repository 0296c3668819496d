/** Escalation of an unanswered incident, by its seconds in the queue: wider group, amber, leader, red + on-call, hard limit. */
export const escalationStepsSeconds = [10, 15, 30, 60, 180]
/** A flat battery wakes nobody at night: technical and planned ones climb the same steps this many times slower. */
const slower: Record<number, number> = { 4: 30, 5: 60 }

/** After how many seconds each step comes for this class. */
export const stepsOfClass = (incidentClass: number): number[] =>
  escalationStepsSeconds.map((step) => step * (slower[incidentClass] ?? 1))
