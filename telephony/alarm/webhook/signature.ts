import { createHmac, timingSafeEqual } from 'node:crypto'

/** A message may be so old, or so far ahead: whoever recorded one cannot send it again tomorrow. */
export const windowSeconds = 300

/** What a platform signs: HMAC-SHA256 over seconds since 1970, a dot and the body, in hex. */
export const signatureOf = (seconds: string, body: Buffer, key: string): string =>
  createHmac('sha256', key).update(`${seconds}.`).update(body).digest('hex')

export type Signed = { seconds: string; signature: string; body: Buffer }

/** Has the holder of this key signed it, and lately? */
export function isSigned({ seconds, signature, body }: Signed, key: string, now: Date): boolean {
  if (!/^\d{1,12}$/.test(seconds) || Math.abs(now.getTime() / 1000 - Number(seconds)) > windowSeconds) return false
  const wanted = Buffer.from(signatureOf(seconds, body, key))
  const given = Buffer.from(signature.toLowerCase())
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}
