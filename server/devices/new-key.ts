import { randomBytes } from 'node:crypto'
import type { Protocol } from '../contracts/vocabulary.ts'
import type { Parts } from '../platform/parts.ts'
import { hashKey } from './key.ts'

const keyBytes = 32

/** A spreadsheet takes what begins with - for a formula, and keys are handed on in spreadsheets. */
function random(bytes: number): string {
  const text = randomBytes(bytes).toString('base64url')
  return /^[A-Za-z0-9]/.test(text) ? text : random(bytes)
}
const token = () => random(keyBytes)
/** What an installer types into a device of this protocol. */
const newKey: Record<Protocol, () => string> = {
  http: token,
  web: token,
  lorawan: token,
  mqtt: token,
  coap: token,
  webhook: token,
  'contact-id': token,
  // Typed at a small keyboard or into its configuration: still 20 random characters.
  scaip: () => random(15),
  // AES-128, as each panel has it.
  dc09: () => randomBytes(16).toString('hex').toUpperCase(),
}
/** With these the secret itself is needed, to answer a challenge, to decrypt or to check a signature: it is kept sealed. Of the others there is a hash. */
const needSecret: Protocol[] = ['scaip', 'dc09', 'coap', 'webhook']

/** A fresh key, to be shown once, and what is kept of it. */
export function makeKey({ seal }: Pick<Parts, 'seal'>, protocol: Protocol) {
  const key = newKey[protocol]()
  return {
    key,
    kept: {
      keyHash: new Uint8Array(hashKey(key)),
      secret: needSecret.includes(protocol) ? new Uint8Array(seal.seal(key)) : null,
    },
  }
}
