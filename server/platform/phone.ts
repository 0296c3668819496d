// The full metadata: the small one takes a mobile number that lacks a digit for a valid one.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { isEmergencyNumber } from '../contracts/vocabulary.ts'
import { type Refusal, refuse } from './refusal.ts'

/**
 * E.164 (+8657112345678); a number without a country is taken as Chinese. Undefined when nobody could be reached by it: a
 * digit too few, a landline without its area code, a service number such as 120.
 */
export function toE164(text: string): string | undefined {
  const parsed = parsePhoneNumberFromString(text, 'CN')
  return parsed?.isValid() ? parsed.number : undefined
}

/**
 * Of this country, or an emergency service: what carriers may ring. Numbers abroad cost dear and are a thief's aim: a person dials
 * them by hand.
 */
export const isDomestic = (number: string): boolean => isEmergencyNumber(number) || number.startsWith('+86')

/** Normalised on write, so that a search never misses by a prefix. The refusal names the field. */
export function phoneField(text: string | null, path: string): { phone: string | null } | Refusal {
  if (!text?.trim()) return { phone: null }
  const phone = toE164(text)
  if (phone) return { phone }
  return refuse('invalid', 'Write the telephone number with its area code, e.g. 0571-8765 4321 or 138…', [
    { path, message: 'not-a-phone-number' },
  ])
}
