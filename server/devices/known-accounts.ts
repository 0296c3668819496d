import type { AlarmDevice } from '../contracts/alarms.ts'
import type { DeviceKind, Protocol } from '../contracts/vocabulary.ts'
import { groupCommit } from '../platform/group-commit.ts'
import type { Parts } from '../platform/parts.ts'
import { hashKey } from './key.ts'

type Row = {
  n: number
  id: string
  kind: DeviceKind
  gatewayId: string | null
  secret: Uint8Array | null
  keyHash: string | null
  quirks?: AlarmDevice['quirks'] | null
}
type Asked = { protocol: Protocol; account: string }
const batchMax = 500
const waitingMax = 20_000

const deviceOf = (row: Omit<Row, 'n'>, named: Asked, seal: Parts['seal']): AlarmDevice => ({
  ...named,
  id: row.id,
  kind: row.kind,
  gatewayId: row.gatewayId ?? undefined,
  keyHash: row.keyHash ?? undefined,
  secret: row.secret ? seal.open(row.secret) : undefined,
  ...(row.quirks && { quirks: row.quirks }),
})

/** Whose key this is, whatever its protocol. */
export async function keyHolder(
  { db, seal }: Pick<Parts, 'db' | 'seal'>,
  key: string,
): Promise<AlarmDevice | undefined> {
  const [row] = await db.query<Omit<Row, 'n'> & Asked>(
    `SELECT id, protocol, account, kind, gateway_id AS "gatewayId", secret, encode(key_hash, 'hex') AS "keyHash" FROM device WHERE key_hash = $1 AND revoked_at IS NULL`,
    [hashKey(key)],
    'key-holder',
  )
  return row && deviceOf(row, { protocol: row.protocol, account: row.account }, seal)
}

/**
 * The device that has this account at this protocol, and whose key was not revoked. Asked for each frame, so that a secret that
 * was taken away works no more;
 * thousands a second are looked up many in one read. Throws when too many wait.
 */
export function knownAccounts({ db, seal }: Pick<Parts, 'db' | 'seal'>) {
  const looks = groupCommit<Asked, AlarmDevice | undefined>(
    async (asked) => {
      const rows = await db.query<Row>(
        `SELECT t.n, d.id, d.kind, d.gateway_id AS "gatewayId", d.secret, encode(d.key_hash, 'hex') AS "keyHash", d.quirks FROM unnest($1::int[], $2::text[], $3::text[]) AS t(n, protocol, account)
         CROSS JOIN LATERAL (SELECT id, kind, gateway_id, secret, key_hash, (SELECT nullif(quirks, '{}') FROM device_type WHERE code = device.type_code) AS quirks FROM device WHERE device.protocol = t.protocol AND device.account = t.account AND revoked_at IS NULL LIMIT 1) d`,
        [asked.map((_, n) => n), asked.map((one) => one.protocol), asked.map((one) => one.account)],
        'known-accounts',
      )
      const found = new Map(rows.map((row) => [row.n, row]))
      return asked.map(({ protocol, account }, n) => {
        const row = found.get(n)
        return row && deviceOf(row, { protocol, account }, seal)
      })
    },
    { batchMax, waitingMax, lanes: 2 },
  )
  return (protocol: Protocol, account: string) => looks.submit({ protocol, account })
}
