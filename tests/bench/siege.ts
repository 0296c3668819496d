/**
 * A quiet centre, and the same under siege, in one run: people press and call, while strangers sign in, lines drip, frames are broken,
 * consoles come back, a kiosk is abused and an office tries large lists, all at once. No press and no call may be lost for it.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../support/ports.ts'
import { readDemo, startProcess } from '../support/product.ts'
import { enrolCrowd, keyOf } from './crowd.ts'
import { databaseOf } from './embedded.ts'
import { cpuSeconds, wait } from './figures.ts'
import { type Result, run, type Target } from './load.ts'
import type { Siege, Told } from './siege-storm.ts'
import { startCallers } from './soak-callers.ts'
import { sitAtDesk } from './soak-desk.ts'
import { judgeCalls, seatsWithTelephones } from './soak-telephones.ts'

const perSecond = 20
const callsAtOnce = 10
const crowdSize = 5_000
// What a person at the console does not feel.
const unfeltMs = 100

export async function siege({ quick = false } = {}): Promise<void> {
  const ms = quick ? 15_000 : 60_000
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-siege-'))
  const [sip, dc09, mqtt, coap] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const product = await startProcess(dataDir, await freePort(), {
    TRUST_PROXY: '1',
    SIP_LISTEN: `udp:127.0.0.1:${sip}`,
    SIP_PEERS: JSON.stringify([{ name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }]),
    DC09_LISTEN: `tcp:127.0.0.1:${dc09},udp:127.0.0.1:${dc09}`,
    MQTT_LISTEN: `tcp:127.0.0.1:${mqtt}`,
    COAP_LISTEN: `udp:127.0.0.1:${coap}`,
  })
  const admin = new pg.Client({ connectionString: databaseOf(dataDir) })
  await admin.connect()
  const db = { query: async <T>(text: string, given?: unknown[]) => (await admin.query(text, given)).rows as T[] }
  await enrolCrowd(db, crowdSize)
  const demo = readDemo(dataDir)
  const cookieOf = (username: string) => signIn(product.url, demo, username)
  const [supervisor, office] = [await cookieOf('sup01'), await cookieOf('admin')]
  const desks = await Promise.all(
    demo.accounts.filter(({ role }) => role === 'operator').map((account) => sitAtDesk(product.url, account)),
  )
  const telephones = await seatsWithTelephones(product.url, demo, callsAtOnce)
  const callers = await startCallers(sip, callsAtOnce)
  await wait(5_000)

  const target: Target = {
    url: product.url,
    cookie: supervisor,
    body: (i) => ({
      headers: { authorization: `Bearer ${keyOf(i % crowdSize)}` },
      body: { sequence: i + 1, type: 'button', battery: 0.8 },
    }),
  }
  const server = product.child.pid as number
  const measured = async (name: string): Promise<Result> => {
    const [before, ours] = [cpuSeconds(server), process.cpuUsage()]
    const result = await run(target, { rate: perSecond, ms })
    const { user, system } = process.cpuUsage(ours)
    console.log(
      `${name}: press to console p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms; ${result.sent} shown, ${result.failed} refused or not shown; server ${(((cpuSeconds(server) - before) * 100_000) / ms).toFixed(0)} %, presses, desks and their telephones ${((user + system) / 10 / ms).toFixed(0)} % of a core`,
    )
    return result
  }
  const quiet = await measured(`quiet, ${perSecond} presses/s and ${callsAtOnce} calls`)
  const storm = fork(join(import.meta.dirname, 'siege-storm.ts'), { execArgv: ['--import', 'tsx'] })
  const order: Siege = {
    url: product.url,
    ports: { sip, dc09, mqtt, coap },
    cookie: office,
    kioskKey: demo.devices.find(({ protocol }) => protocol === 'web')?.key ?? '',
    ms: ms + 2_000,
  }
  storm.send(order)
  const told = once(storm, 'message') as Promise<[Told]>
  await wait(2_000)
  const besieged = await measured('under siege')
  const [{ counts, cpuSeconds: spent }] = await told
  console.log(
    `the siege: ${Object.entries(counts)
      .map(([what, n]) => `${what} ${n}`)
      .join(', ')}; its own processor time ${((spent * 100_000) / ms).toFixed(0)} % of a core`,
  )
  const { lost, lines } = await judgeCalls(db, await callers.stop(), telephones)
  for (const line of lines) console.log(line)
  const limit = Math.max(2 * quiet.p99, unfeltMs)
  const held = besieged.failed === 0 && quiet.failed === 0 && lost === 0 && besieged.p99 <= limit
  console.log(
    `${held ? 'held' : 'NOT held'}: p99 ${besieged.p99.toFixed(1)} ms of ${limit.toFixed(0)} allowed (twice the quiet figure, or ${unfeltMs} ms), ${besieged.failed} presses and ${lost} calls lost`,
  )

  for (const seat of [...desks, ...telephones]) await seat.leave()
  await admin.end()
  product.child.kill('SIGINT')
  await product.exit
  rmSync(dataDir, { recursive: true, force: true })
  if (!held) process.exitCode = 1
}

async function signIn(url: string, { accounts }: ReturnType<typeof readDemo>, username: string): Promise<string> {
  const account = accounts.find((one) => one.username === username)
  const reply = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ username, password: account?.password }),
  })
  return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}
