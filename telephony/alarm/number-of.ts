import { createHash } from 'node:crypto'

/** A number for what was said, so that the same again is the same: 48 bits of SHA-256, which fit a number. */
export const numberOf = (said: string | Buffer): number => createHash('sha256').update(said).digest().readUIntBE(0, 6)
