// The full metadata: the small one takes a mobile number that lacks a digit for a valid one.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { partExtension } from '../contracts/phone-extension.ts'
import { isEmergencyNumber } from '../contracts/vocabulary.ts'
import { type Refusal, refuse } from './refusal.ts'

/** The whole text has to be the number: `13800138000 王女士` would otherwise lose her name without a word. */
function whole(text: string): string | undefined {
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: 'CN', extract: false })
  return parsed?.isValid() && !parsed.ext ? parsed.number : undefined
}

/** The number in E.164 and its extension; undefined when the text is none. */
export function readPhone(text: string): { number: string; extension: string | undefined } | undefined {
  const { number, extension } = partExtension(text, (one) => whole(one) !== undefined)
  const found = whole(number)
  return found ? { number: found, extension } : undefined
}

/**
 * E.164 (+8657112345678); a number without a country is taken as Chinese. Undefined when nobody could be reached by it: a
 * digit too few, a landline without its area code, a service number such as 120, or an extension behind it, which is not dialled.
 */
export function toE164(text: string): string | undefined {
  const read = readPhone(text)
  return read?.extension === undefined ? read?.number : undefined
}

/**
 * Of this country, or an emergency service: what carriers may ring. Numbers abroad cost dear and are a thief's aim: a person dials
 * them by hand.
 */
export const isDomestic = (number: string): boolean => isEmergencyNumber(number) || number.startsWith('+86')

/** Why a text is no number to be rung, as the code of a field; undefined when it is one. */
export function phoneFault(text: string): 'not-a-phone-number' | `has-extension:${string}` | undefined {
  const read = readPhone(text)
  if (!read) return 'not-a-phone-number'
  return read.extension === undefined ? undefined : `has-extension:${read.extension}`
}

/** Normalised on write, so that a search never misses by a prefix. The refusal names the field. */
export function phoneField(text: string | null, path: string): { phone: string | null } | Refusal {
  if (!text?.trim()) return { phone: null }
  const message = phoneFault(text)
  if (!message) return { phone: toE164(text) ?? null }
  const detail =
    message === 'not-a-phone-number'
      ? 'Write the telephone number with its area code, e.g. 0571-8765 4321 or 138…'
      : 'An extension cannot be dialled from here: write the number that rings them, and the extension in a note.'
  return refuse('invalid', detail, [{ path, message }])
}
