import type { Stamp } from '../contracts/alarms.ts'
import { minutes } from '../platform/clock.ts'

/** The number and the stamp of the last word of a device that was believed; null where it said none. */
export type LastWord = { number: number | null; at: Date | null }
/** `same`: the last word once more. `unknown`: nothing to tell it by. `fresh`: by the device's own clock it was said just now. */
export type Order = { than: 'newer' | 'same' | 'older' | 'unknown'; fresh: boolean }

// A device's clock may be so far off, and a word may be so long under way.
const freshMs = minutes(5)

/**
 * Was this said after the last word that was believed? Whoever overheard a device can say its words again, and its proof fits: so
 * numbers and stamps count upwards. The number decides where both have one. Pure.
 */
export function orderOf(last: LastWord, { number, at }: Stamp, now: Date): Order {
  const time = at === undefined ? undefined : new Date(at)
  const fresh = time !== undefined && Math.abs(now.getTime() - time.getTime()) <= freshMs
  if (number !== undefined && last.number !== null) return { than: compared(number, last.number), fresh }
  if (time !== undefined && last.at !== null) return { than: compared(time.getTime(), last.at.getTime()), fresh }
  return { than: 'unknown', fresh }
}
const compared = (one: number, other: number) => (one > other ? 'newer' : one === other ? 'same' : 'older')

/** `again`: sent twice, which is no news. `old`: said long ago, and now by somebody else or by a device that counts anew. */
export type Verdict = 'believed' | 'again' | 'old'

/** A heartbeat or a test press: the device is there. Just now said, or after all that it said before. */
export function provesPresence({ than, fresh }: Order): Verdict {
  if (fresh || than === 'newer' || than === 'unknown') return 'believed'
  return than === 'same' ? 'again' : 'old'
}

/**
 * A word about an emergency. The last word once more goes through: the matter knows it already. That something is restored
 * may overtake another word on its way; that it is cancelled may not, since it would be said into the next emergency.
 */
export function mayBeNoted({ than, fresh }: Order, note: string): Verdict {
  if (than !== 'older' || (fresh && note === 'restored')) return 'believed'
  return fresh ? 'again' : 'old'
}
