/**
 * A steady load for a long time: do memory and tables stay flat? Presses of every kind are answered, sent helpers and closed
 * by operators at their desks, as in the simulation, but by the built product, in real time. `--soak --minutes 60`; with
 * `--calls 20` so many people are on the line at once too, by SIP (sipp), each answered at a desk with a telephone, recorded, let go.
 *
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { freePort } from '../support/ports.ts'
import { readDemo, startProcess } from '../support/product.ts'
import { has } from '../telephony/sip/support/binary.ts'
import { enrolCrowd, makeCrowd } from './crowd.ts'
import { databaseOf } from './embedded.ts'
import { wait } from './figures.ts'
import { memoryOf } from './memory.ts'
import { startCallers } from './soak-callers.ts'
import { sitAtDesk } from './soak-desk.ts'
import { judge, type Sample, sampleTables, show } from './soak-samples.ts'
import { judgeCalls, seatsWithTelephones } from './soak-telephones.ts'

const { values } = parseArgs({
  options: {
    soak: { type: 'boolean' },
    minutes: { type: 'string', default: '60' },
    rate: { type: 'string', default: '2' },
    calls: { type: 'string', default: '0' },
  },
})
const minutes = Number(values.minutes)
const perSecond = Number(values.rate)
const callsAtOnce = Number(values.calls)
if (!(minutes >= 2 && perSecond > 0 && callsAtOnce >= 0))
  throw new Error('--minutes must be at least 2, --rate above 0, --calls a number')
if (callsAtOnce > 0 && !has('sipp')) throw new Error('--calls needs sipp (Debian: sip-tester)')
const crowdSize = 5_000
const desks = 12

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-soak-'))
const sipPort = await freePort()
const trunk = { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }
const product = await startProcess(
  dataDir,
  await freePort(),
  callsAtOnce > 0 ? { SIP_LISTEN: `udp:127.0.0.1:${sipPort}`, SIP_PEERS: JSON.stringify([trunk]) } : {},
)
const admin = new pg.Client({ connectionString: databaseOf(dataDir) })
await admin.connect()
const db = { query: async <T>(text: string, given?: unknown[]) => (await admin.query(text, given)).rows as T[] }
await enrolCrowd(db, crowdSize)
const crowd = makeCrowd(product.url)
const people = readDemo(dataDir)
  .accounts.filter((account) => account.role === 'operator')
  .slice(0, desks)
const seats = await Promise.all(people.map((account) => sitAtDesk(product.url, account)))
const telephones = await seatsWithTelephones(product.url, readDemo(dataDir), callsAtOnce)
const callers = callsAtOnce > 0 ? await startCallers(sipPort, callsAtOnce) : undefined

const samples: Sample[] = []
let lostCalls = 0
const pressing = crowd.keepPressing(crowdSize, 'button', perSecond, minutes * 60_000)
for (let minute = 0; minute <= minutes; minute++) {
  if (minute > 0) await wait(60_000)
  const sample = { minute, ...memoryOf(product.child.pid as number, dataDir), ...(await sampleTables(db)) }
  samples.push(sample)
  console.log(show(sample))
}
const { sent, failed } = await pressing
console.log(
  `${sent} presses, ${failed} not stored; ${seats.reduce((sum, seat) => sum + seat.closed(), 0)} incidents closed by operators`,
)
if (callers) {
  const { lost, lines } = await judgeCalls(db, await callers.stop(), telephones)
  lostCalls = lost
  for (const line of lines) console.log(line)
}
const verdict = judge(samples)
for (const line of verdict.lines) console.log(line)

for (const seat of [...seats, ...telephones]) await seat.leave()
crowd.close()
await admin.end()
product.child.kill('SIGINT')
await product.exit
rmSync(dataDir, { recursive: true, force: true })
process.exit(failed === 0 && lostCalls === 0 && verdict.flat !== false ? 0 : 1)
