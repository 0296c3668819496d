import type { AlarmDevice } from '../contracts/alarms.ts'
import type { Protocol } from '../contracts/vocabulary.ts'
import { groupCommit } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'

const batchMax = 500
const waitingMax = 20_000

/**
 * The device that has this account at this protocol. Asked for each frame, so that a secret that was taken away works no more;
 * thousands a second are looked up many in one read. Throws when too many wait.
 */
export function knownAccounts({ db, seal }: Pick<Parts, 'db' | 'seal'>) {
  type Asked = { protocol: Protocol; account: string }
  const looks = groupCommit<Asked, AlarmDevice | undefined>(
    async (asked) => {
      const rows = await db.query<{ n: number; id: string; secret: Uint8Array | null }>(
        `SELECT t.n, d.id, d.secret FROM unnest($1::int[], $2::text[], $3::text[]) AS t(n, protocol, account)
         CROSS JOIN LATERAL (SELECT id, secret FROM device WHERE device.protocol = t.protocol AND device.account = t.account LIMIT 1) d`,
        [asked.map((_, n) => n), asked.map((one) => one.protocol), asked.map((one) => one.account)],
      )
      const found = new Map(rows.map((row) => [row.n, row]))
      return asked.map(({ protocol, account }, n) => {
        const row = found.get(n)
        return row && { id: row.id, protocol, account, secret: row.secret ? seal.open(row.secret) : undefined }
      })
    },
    { batchMax, waitingMax, lanes: 2 },
  )
  return (protocol: Protocol, account: string) => looks.submit({ protocol, account })
}
