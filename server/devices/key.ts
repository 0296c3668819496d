import { createHash } from 'node:crypto'

/** What is kept of a device key: its SHA-256. The key itself has 256 bits of chance, so it needs no salt and no slow hash. */
export const hashKey = (key: string): Buffer => createHash('sha256').update(key).digest()
