import { groupCommit } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'

const batchMax = 500
const waitingMax = 5_000

/**
 * Is this a key of ours? Asked apart from the line that stores presses, for addresses that show many wrong ones: a flood of
 * guesses must not take the places of those who press. Many are looked up in one read.
 */
export function knownKeys({ db }: Pick<Parts, 'db'>): (keyHash: Buffer) => Promise<boolean> {
  const looks = groupCommit<Buffer, boolean>(
    async (hashes) => {
      const rows = await db.query<{ key: Buffer }>('SELECT key_hash AS key FROM device WHERE key_hash = ANY ($1)', [
        hashes,
      ])
      const known = new Set(rows.map(({ key }) => key.toString('hex')))
      return hashes.map((hash) => known.has(hash.toString('hex')))
    },
    { batchMax, waitingMax, lanes: 2 },
  )
  return (keyHash) => looks.submit(keyHash)
}
