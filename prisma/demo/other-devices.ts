import { randomBytes } from 'node:crypto'

type Other = {
  protocol: 'dc09' | 'scaip' | 'mqtt' | 'coap' | 'lorawan' | 'webhook'
  account: string
  kind: 'pendant' | 'bedside' | 'pull-cord' | 'fall-sensor' | 'gateway'
  room: string
  /** Of the residents' list; a gateway stands in the area of that one. */
  resident: number
  key: string | null
  /** Its protocol needs the key itself. */
  sealed: boolean
  /** By its account. */
  gateway: string | null
}

const token = () => randomBytes(24).toString('base64url')
const alone = { gateway: null, sealed: true }
const shown = { gateway: null, sealed: false }

/** Some devices of each protocol beside HTTP, for those who have no other: resident 3n has one already, 3n + 1 has none. */
export function otherDevices(now: Date): (Other & { activatedAt: Date; lastGoodTestAt: Date | null })[] {
  const list: Other[] = [
    { protocol: 'dc09', account: '7001', kind: 'pendant', room: '卧室', resident: 1, key: null, ...alone },
    { protocol: 'dc09', account: '7002', kind: 'pull-cord', room: '卫生间', resident: 4, key: aesKey(), ...alone },
    { protocol: 'scaip', account: '200300400', kind: 'pendant', room: '客厅', resident: 7, key: token(), ...alone },
    { protocol: 'scaip', account: '200300401', kind: 'bedside', room: '卧室', resident: 10, key: token(), ...alone },
    { protocol: 'mqtt', account: 'mq-77', kind: 'pendant', room: '客厅', resident: 13, key: token(), ...shown },
    { protocol: 'mqtt', account: 'mq-78', kind: 'pendant', room: '卫生间', resident: 16, key: token(), ...shown },
    { protocol: 'coap', account: 'nb-101', kind: 'pendant', room: '客厅', resident: 19, key: token(), ...alone },
    { protocol: 'lorawan', account: 'lora-network', kind: 'gateway', room: '', resident: 22, key: token(), ...shown },
    ...['24e124535cde0001', '24e124535cde0002'].map(
      (account, n): Other => ({
        protocol: 'lorawan',
        account,
        kind: 'pendant',
        room: '卧室',
        resident: 22 + 3 * n,
        key: null,
        sealed: false,
        gateway: 'lora-network',
      }),
    ),
    { protocol: 'webhook', account: 'demo-platform', kind: 'gateway', room: '', resident: 28, key: token(), ...alone },
    {
      protocol: 'webhook',
      account: 'wb-1',
      kind: 'fall-sensor',
      room: '卫生间',
      resident: 28,
      key: null,
      sealed: false,
      gateway: 'demo-platform',
    },
  ]
  const daysAgo = (days: number) => new Date(now.getTime() - days * 86_400_000)
  return list.map((one) => ({
    ...one,
    activatedAt: daysAgo(90),
    lastGoodTestAt: one.kind === 'gateway' ? null : daysAgo(12),
  }))
}

/** AES-128, as an installer types it into a panel. */
const aesKey = () => randomBytes(16).toString('hex').toUpperCase()
