import type { KeyWish } from '../contracts/calls.ts'
import type { PromptLocale } from '../contracts/voice.ts'
import type { Call } from './model.ts'

/** So many keys are kept to be seen; a cat on the telephone must not fill the table. */
const keysKept = 20

const wishes: Record<string, KeyWish> = {
  '1': 'urgent',
  '2': 'call-back',
  '5': 'cannot-speak', // as while talking, where it means `yes, I need help`: the one key to teach
  '8': 'zh',
  '9': 'en',
}
const locales: Partial<Record<KeyWish, PromptLocale>> = { zh: 'zh-CN', en: 'en' }

/**
 * What the key means to who waits; undefined when it means nothing, or nothing new. Beyond the keys that are kept nobody means
 * anything: that is a cat on the telephone. A number that is withheld cannot be called back. Who is asked for a message and
 * rather waits has said nothing of an emergency. While they leave a message a key
 * still says that it is urgent, and nothing else. `service`: at this number the key names one.
 */
export function wishOf(
  call: Pick<Call, 'number' | 'keyed' | 'locale' | 'aside'>,
  key: string,
  service = false,
): KeyWish | undefined {
  if (call.aside === 'outside' || call.keyed.length >= keysKept) return undefined
  const wish = call.aside === 'offer' && key === '1' ? 'wait' : service ? 'service' : wishes[key]
  if (call.aside === 'message' && wish !== 'urgent' && wish !== 'cannot-speak') return undefined
  if (wish && localeOf(wish) === call.locale) return undefined
  return wish === 'call-back' && call.number === null ? undefined : wish
}

/** Who is asked to come, or to take it over: 1 yes, 2 no; anything else, 3 above all, has the question said again. */
export const answerOf = (key: string): 'yes' | 'no' | undefined =>
  key === '1' ? 'yes' : key === '2' ? 'no' : undefined

export const localeOf = (wish: KeyWish): PromptLocale | undefined => locales[wish]
export const withKey = (keyed: string, key: string): string => (keyed + key).slice(-keysKept)

/** 1 satisfied, 2 partly, 3 not. */
export const ratingOf = (key: string): number | undefined => (/^[1-3]$/.test(key) ? Number(key) : undefined)
