import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Db } from './db.ts'
import { StartFault } from './start-fault.ts'

/** Field encryption for health notes and access codes: AES-256-GCM, a fresh 12-byte nonce before the text, the tag behind. */
export type Seal = {
  seal(text: string): Buffer
  open(sealed: Uint8Array): string
  /** Keyed digest for signed links; another key than the one of the fields. */
  sign(text: string): Buffer
  /** A 32-byte key as hex for one thing, e.g. a recording; another for each name. */
  keyFor(name: string): string
}

const nonceBytes = 12
const tagBytes = 16

export function makeSeal(keyHex: string): Seal {
  const key = Buffer.from(keyHex, 'hex')
  const linkKey = createHmac('sha256', key).update('links').digest()
  return {
    seal(text) {
      const nonce = randomBytes(nonceBytes)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()])
    },
    open(sealed) {
      const bytes = Buffer.from(sealed)
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes))
      decipher.setAuthTag(bytes.subarray(bytes.length - tagBytes))
      const body = bytes.subarray(nonceBytes, bytes.length - tagBytes)
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8')
    },
    keyFor: (name) => createHmac('sha256', key).update(`key:${name}`).digest('hex'),
    sign: (text) => createHmac('sha256', linkKey).update(text).digest(),
  }
}

const checkWord = 'yihu'

/** Is this the key with which this database was sealed? Another one is a StartFault, before anything is sealed with it. */
export async function checkKey(db: Pick<Db, 'query'>, seal: Seal): Promise<void> {
  await db.query('UPDATE system SET key_check = $1 WHERE key_check IS NULL', [seal.seal(checkWord)])
  const [row] = await db.query<{ key_check: Buffer }>('SELECT key_check FROM system')
  try {
    if (row && seal.open(row.key_check) === checkWord) return
  } catch {
    // another key, or a damaged row: the same sentence
  }
  throw new StartFault(
    'FIELD_KEY (or DATA_DIR/field.key) is not the key with which this database was sealed: set the one of its first start, on every host the same.',
  )
}

/** The key from env, or a random one kept in DATA_DIR (mode 0600). Lose it and the sealed fields are lost. */
export function fieldKey(fromEnv: string | undefined, dataDir: string): string {
  if (fromEnv) return fromEnv
  const file = join(dataDir, 'field.key')
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' })
  return readFileSync(file, 'utf8').trim()
}
