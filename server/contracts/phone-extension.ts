import { asCode } from './text.ts'

/** A telephone number as it was typed or sent, and the extension behind it, if there is one. */
export type WithExtension = { number: string; extension: string | undefined }

// As people write it (转801, ext. 801, x801, #801, ,801) and as RFC 3966 does (;ext=801).
const marked =
  /^(.*\d.*?)\s*(?:转|轉|分机|分機|内线|內線|;ext=|extension|extn?\.?|x|#|[,，;；、]+)\s*[:：]?\s*(\d{1,7})#?$/i
const hyphened = /^(.*\d)\s*[-–—]\s*(\d{1,5})$/

/**
 * Parts a number from its extension. A hyphen parts one only from what is a number without it: `isNumber` says so, since a hyphen also
 * stands within numbers. Pure.
 */
export function partExtension(text: string, isNumber: (text: string) => boolean): WithExtension {
  const plain = asCode(text)
  const [, before, extension] = marked.exec(plain) ?? []
  if (before && extension) return { number: before.replace(/[\s,;(（]+$/, ''), extension }
  if (isNumber(plain)) return { number: plain, extension: undefined }
  const [, number, last] = hyphened.exec(plain) ?? []
  return number && last && isNumber(number) ? { number, extension: last } : { number: plain, extension: undefined }
}
