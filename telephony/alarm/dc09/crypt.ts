import { createCipheriv, createDecipheriv, randomInt } from 'node:crypto'

const blockBytes = 16
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** AES-128, -192 or -256 by the length of the key, CBC, with an IV of zeros [alarm-devices.md 3.1]. */
const cipherOf = (key: Buffer) => `aes-${key.length * 8}-cbc`
export const isKey = (hex: string): boolean => /^(?:[0-9A-Fa-f]{32}|[0-9A-Fa-f]{48}|[0-9A-Fa-f]{64})$/.test(hex)

/**
 * What was encrypted, without the padding before its first `|`; undefined when it is no hex, no whole blocks, or has no `|`: the
 * wrong key gives garbage, and garbage is never acknowledged.
 */
export function decrypt(hex: string, keyHex: string): string | undefined {
  if (!/^(?:[0-9A-Fa-f]{32})+$/.test(hex)) return undefined
  const key = Buffer.from(keyHex, 'hex')
  const decipher = createDecipheriv(cipherOf(key), key, Buffer.alloc(blockBytes)).setAutoPadding(false)
  const text = Buffer.concat([decipher.update(hex, 'hex'), decipher.final()]).toString('latin1')
  const from = text.indexOf('|')
  return from < 0 || from >= blockBytes || /[[\]]/.test(text.slice(0, from)) ? undefined : text.slice(from + 1)
}

/** `pad` is for tests; it is chosen at random otherwise, so that the same text does not look the same. */
export function encrypt(
  text: string,
  keyHex: string,
  pad = () => letters[randomInt(letters.length)] as string,
): string {
  const key = Buffer.from(keyHex, 'hex')
  const short = (blockBytes - ((text.length + 1) % blockBytes)) % blockBytes
  const whole = `${Array.from({ length: short }, pad).join('')}|${text}`
  const cipher = createCipheriv(cipherOf(key), key, Buffer.alloc(blockBytes)).setAutoPadding(false)
  return Buffer.concat([cipher.update(whole, 'latin1'), cipher.final()])
    .toString('hex')
    .toUpperCase()
}
