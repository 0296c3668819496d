import type { CallEnd } from '../contracts/calls.ts'
import type { CallBackReason } from '../contracts/vocabulary.ts'

/** Who says by a key that it is urgent is taken at their word, short of a life alarm, which an operator declares. */
export const urgentByKey = 2

/** Who must be called back, and why, when a call ends like this. */
export function callBackAfter(because: CallEnd): CallBackReason | null {
  if (because === 'asked-call-back') return 'asked'
  const left = ['abandoned', 'lost', 'media-lost', 'not-taken', 'voicemail'] as const
  return left.find((one) => one === because) ?? null
}
