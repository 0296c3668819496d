import { minutes } from '../platform/clock.ts'

/** A slip of the hand is noticed at once; later the next one has built on it. */
export const undoWithinMs = minutes(5)

type Asked = { kind: string; closedById: string | null }
type Said = { result: string; note: string; operatorId: string; othersOnDuty: boolean }

/**
 * May this be said of a call that we promised? Who was not satisfied tells why, and is not asked by the one who closed their matter,
 * unless nobody else is on duty: then that is said. Pure.
 */
export function judgeFollowUp(
  asked: Asked,
  said: Said,
): { byCloser: boolean } | { refused: 'asked-by-closer' | 'note-needed' } {
  const byCloser = asked.kind === 'satisfaction-call' && asked.closedById === said.operatorId
  if (byCloser && said.othersOnDuty && said.result !== 'not-reached') return { refused: 'asked-by-closer' }
  if (said.result === 'not-satisfied' && !said.note.trim()) return { refused: 'note-needed' }
  return { byCloser }
}
