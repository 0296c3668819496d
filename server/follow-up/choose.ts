import { minutes } from '../platform/clock.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'

/** A slip of the hand is noticed at once; later the next one has built on it. */
export const undoWithinMs = minutes(5)

type Asked = { kind: string; closedById: string | null }
type Said = { result: string; note: string; operatorId: string; othersOnDuty: boolean }

/**
 * May this be said of a call that we promised? Who was not satisfied tells why, and is not asked by the one who closed their matter,
 * unless nobody else is on duty: then that is said. Pure.
 */
export function judgeFollowUp(asked: Asked, said: Said): { byCloser: boolean } | Refusal {
  const byCloser = asked.kind === 'satisfaction-call' && asked.closedById === said.operatorId
  if (byCloser && said.othersOnDuty && said.result !== 'not-reached')
    return refuse('asked-by-closer', 'You closed this one yourself. Leave the question to a colleague who is on duty.')
  if (said.result === 'not-satisfied' && !said.note.trim())
    return refuse('invalid', 'Write what was not all right: whoever takes it on begins from it.', [
      { path: 'note', message: 'required' },
    ])
  return { byCloser }
}
