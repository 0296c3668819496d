import { evolve, opened } from '../../server/incidents/evolve.ts'
import type { Decision, Fact, Incident } from '../../server/incidents/model.ts'

const day = '2026-11-24T'
export const at = (time: string): Date => new Date(`${day}${time.length === 5 ? `${time}:00` : time}Z`)
export const ana = '00000000-0000-7000-8000-00000000000a'
export const ben = '00000000-0000-7000-8000-00000000000b'

/** An incident opened at 10:00, with the facts that happened since. */
export function given(first: { class?: number; kind?: string }, ...facts: Fact[]): Incident {
  const fact = {
    at: at('10:00'),
    actor: 'device:d',
    type: 'opened' as const,
    data: { alarmIds: ['a'], deviceId: 'd', kind: first.kind ?? 'button', class: first.class ?? 2, signals: 1 },
  }
  const start = opened(
    {
      id: 'i',
      subject: 'resident:r',
      residentId: 'r',
      deviceId: 'd',
      areaId: 'c',
      areaPath: '/d/s/c/',
      language: 'zh',
      previousId: null,
      stickyOperatorId: null,
      lat: null,
      lon: null,
      fileClosed: false,
    },
    fact,
  )
  return facts.reduce(evolve, start)
}

export const answered = (operatorId: string, time: string): Fact => ({
  at: at(time),
  actor: `operator:${operatorId}`,
  type: 'answered',
  data: { operatorId, waitedMs: 0 },
})
export const classified = (time: string, incidentClass = 2): Fact => ({
  at: at(time),
  actor: 'operator:x',
  type: 'classified',
  data: { catalogueCode: 'fall-help', class: incidentClass, answers: {} },
})
export const dispatched = (time: string): Fact => ({
  at: at(time),
  actor: 'operator:x',
  type: 'dispatched',
  data: { promiseAt: at('11:00').toISOString(), needed: 1 },
})
export const asked = (n: number, time: string): Fact => ({
  at: at(time),
  actor: 'operator:x',
  type: 'wave-sent',
  data: { wave: 1, assignments: n, responderIds: [] },
})
export const resolved = (time: string): Fact => ({
  at: at(time),
  actor: 'operator:x',
  type: 'resolved',
  data: { wrapUpUntil: at('10:30').toISOString() },
})
export const typesOf = (decision: Decision): string[] =>
  'facts' in decision ? decision.facts.map((fact) => fact.type) : [`refused: ${decision.refused}`]
