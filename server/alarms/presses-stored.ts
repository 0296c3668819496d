import type { Parts } from '../platform/parts.ts'
import type { AlarmIntake } from './open-from-alarm.ts'

// Whoever asks often is told what was found a moment ago: to ask costs a commit in the lane of presses.
const askedAgainAfterMs = 2_000
const answerMsMax = 3_000
// More than this waits when none of them is answered in time.
const waitingMax = 10_000

/**
 * Would a press be stored now? Tried in the lane of presses itself, by something that is written and flushed: a lane whose
 * connections are used up, a full disk and a database that only reads all refuse presses while everything else still answers.
 */
export function pressesAreStored(
  { db, log, metrics }: Parts,
  intake: Pick<AlarmIntake, 'waiting' | 'refusedLately'>,
): () => Promise<boolean> {
  let last: { at: number; found: Promise<boolean> } | undefined
  const look = async (): Promise<boolean> => {
    if (intake.waiting() > waitingMax) return false
    try {
      const late = new Promise<never>((_, no) => setTimeout(() => no(new Error('no answer')), answerMsMax).unref())
      const written = db.prepared('would-store', 'UPDATE lane_probe SET n = n + 1 WHERE id = 1 RETURNING n', [])
      await Promise.race([written, late])
      return true
    } catch (error) {
      log.warn({ fault: (error as Error).message }, 'a press would not be stored now')
      return false
    }
  }
  return async () => {
    if (!last || performance.now() - last.at > askedAgainAfterMs) last = { at: performance.now(), found: look() }
    const stored = (await last.found) && !intake.refusedLately()
    metrics.pressesStored.set(stored ? 1 : 0)
    return stored
  }
}
