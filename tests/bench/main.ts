/**
 * Alarms a second and press-to-console, of the product's real path beside the raw floor, in one run on one machine, rounds
 * alternated, medians. The load comes from this process, so that it competes with both in the same way.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { freePort } from '../support/ports.ts'
import { readDemo, startProcess } from '../support/product.ts'
import { board } from './console.ts'
import { cpuMeter } from './cpu.ts'
import { type Result, run, type Target } from './load.ts'
import { nearby } from './nearby.ts'
import { route } from './route.ts'
import { startUp } from './start-up.ts'

const quick = process.argv.includes('--quick')
const rounds = quick ? 1 : 3
const roundMs = quick ? 2_000 : 4_000
const benchDevices = 40_000
const root = join(import.meta.dirname, '../..')

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-bench-'))
const started = performance.now()
const product = await startProcess(dataDir, await freePort())
const startUpMs = performance.now() - started
const kept = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8')) as { port: number; password: string }
const databaseUrl = `postgres://yihu:${kept.password}@127.0.0.1:${kept.port}/yihu`
const admin = new pg.Client({ connectionString: databaseUrl })
await admin.connect()
await new Promise((later) => setTimeout(later, 6_000))
const restMb = memoryMb(product.child.pid as number)
await enrol()

const floorPort = await freePort()
const floor = await startFloor()
const floorTarget: Target = {
  url: `http://127.0.0.1:${floorPort}`,
  body: (i) => ({ headers: {}, body: { device: `d${i}`, sequence: i } }),
}
const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
const productTarget: Target = {
  url: product.url,
  cookie: await signIn(),
  body: (i) => ({
    headers: { authorization: `Bearer ${keyOf(i % benchDevices)}` },
    body: { sequence: i, type: 'button', pressedAt: new Date().toISOString(), battery: 0.8 },
  }),
}

console.log(
  `start-up of a fresh data directory ${(startUpMs / 1000).toFixed(1)} s; at rest ${restMb.toFixed(0)} MB (server and PostgreSQL, proportional)`,
)
console.log(
  'senders   floor/s  p50/p99 ms     product/s  p50/p99 ms     ratio   drained after   CPU ms an alarm (server + database): floor, product',
)
await run(floorTarget, { senders: 20, ms: 1_000 })
await round({ senders: 20, ms: 1_000 })
for (const senders of [1, 50, 200]) {
  const floors: (Result & Cost)[] = []
  const ours: (Result & Cost & { drainedMs: number })[] = []
  for (let i = 0; i < rounds; i++) {
    floors.push(await costed(floor.pid as number, () => run(floorTarget, { senders, ms: roundMs })))
    ours.push(await round({ senders, ms: roundMs }))
  }
  const [f, p] = [median(floors), median(ours)]
  console.log(
    `${String(senders).padEnd(8)} ${show(f)}    ${show(p)}    ${(p.perSecond / f.perSecond).toFixed(2).padStart(5)}   ${`${median(ours.map((one) => ({ ...one, perSecond: one.drainedMs }))).perSecond.toFixed(0)} ms`.padEnd(15)} ${cost(f)}, ${cost(p)}`,
  )
}
const open = await round({ rate: 200, ms: quick ? 4_000 : 15_000 })
console.log(
  `open loop 200/s: p50 ${open.p50.toFixed(1)} ms, p99 ${open.p99.toFixed(1)} ms, ${open.sent} sent, ${open.failed} failed, jobs drained after ${open.drainedMs.toFixed(0)} ms`,
)
console.log(`under load ${memoryMb(product.child.pid as number).toFixed(0)} MB`)
const { rows } = await admin.query<{ alarms: number; twice: number }>(
  `SELECT count(*)::int AS alarms, (count(*) - count(DISTINCT (device_id, sequence)))::int AS twice FROM alarm`,
)
console.log(`stored ${rows[0]?.alarms} alarms, ${rows[0]?.twice} of them twice`)

floor.kill('SIGTERM')
await admin.end()
product.child.kill('SIGINT')
await product.exit
rmSync(dataDir, { recursive: true, force: true })

await startUp()
await route()
await nearby({ quick })
await board()
process.exit()

/** One round of the product: load, then how long its background work takes to be done; then the queue is emptied for the next. */
async function round(how: Parameters<typeof run>[1]): Promise<Result & Cost & { drainedMs: number }> {
  let drainedMs = 0
  const result = await costed(product.child.pid as number, async () => {
    const sent = await run(productTarget, how)
    drainedMs = await drained()
    return sent
  })
  for (const sql of [
    `UPDATE incident SET status = 'closed', closed_at = now(), disposition = 'test' WHERE status <> 'closed'`,
    'DELETE FROM outbox',
    'DELETE FROM offer',
    'VACUUM ANALYZE incident',
    'VACUUM outbox',
  ])
    await admin.query(sql)
  return { ...result, drainedMs }
}

type Cost = { serverMs: number; databaseMs: number }

/** The processor time that a round cost, for each alarm. */
async function costed<T extends Result>(server: number, work: () => Promise<T>): Promise<T & Cost> {
  const used = cpuMeter(server, postmaster)
  const result = await work()
  const { server: serverMs, database: databaseMs } = used()
  return { ...result, serverMs: serverMs / result.sent, databaseMs: databaseMs / result.sent }
}

function cost({ serverMs, databaseMs }: Cost): string {
  return `${serverMs.toFixed(2)} + ${databaseMs.toFixed(2)}`
}

/** How long the background work takes to be done, ms. */
async function drained(): Promise<number> {
  const ended = performance.now()
  for (;;) {
    const { rows: left } = await admin.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM outbox WHERE due_at <= now() AND kind = 'route-incident'`,
    )
    if (left[0]?.n === 0) break
    await new Promise((later) => setTimeout(later, 20))
  }
  return performance.now() - ended
}

function keyOf(i: number): string {
  return `bench-device-key-${i}`
}

/** Residents and devices enough that each press is a new incident and not one more signal of an open one. */
async function enrol(): Promise<void> {
  const { rows: areas } = await admin.query<{ area: string; household: string }>(
    `SELECT area_id AS area, id AS household FROM household ORDER BY id LIMIT 50`,
  )
  for (let from = 0; from < benchDevices; from += 5_000) {
    const list = Array.from({ length: 5_000 }, (_, n) => ({
      n: from + n,
      hash: createHash('sha256')
        .update(keyOf(from + n))
        .digest('hex'),
      ...areas[n % areas.length],
    }))
    await admin.query(
      `WITH t AS (SELECT *, gen_random_uuid() AS resident FROM jsonb_to_recordset($1) AS t(n int, hash text, area uuid, household uuid)),
       r AS (INSERT INTO resident (id, household_id, area_id, name, search) SELECT resident, household, area, 'bench', '' FROM t)
       INSERT INTO device (id, resident_id, area_id, account, key_hash, kind, state) SELECT gen_random_uuid(), resident, area, 'bench' || n, decode(hash, 'hex'), 'pendant', 'in-service' FROM t`,
      [JSON.stringify(list)],
    )
  }
  await admin.query('ANALYZE')
}

async function startFloor(): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'tests/bench/floor.ts', databaseUrl, String(floorPort)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise<void>((resolve) =>
    child.stdout?.on('data', (bytes) => String(bytes).includes('ready') && resolve()),
  )
  return child
}

async function signIn(): Promise<string> {
  const password = readDemo(dataDir).accounts.find((account) => account.username === 'op01')?.password
  const reply = await fetch(`${product.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.url },
    body: JSON.stringify({ username: 'op01', password }),
  })
  const cookie = String(reply.headers.get('set-cookie')).split(';')[0] ?? ''
  await fetch(`${product.url}/api/v1/presence`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', origin: product.url, cookie },
    body: JSON.stringify({ status: 'available' }),
  })
  return cookie
}

/** Proportional set size of the server and of the PostgreSQL that it started, in MB. */
function memoryMb(pid: number): number {
  const postmaster = Number(readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0])
  const parentOf = (one: string) => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1])
  const mine = readdirSync('/proc').filter((one) => {
    try {
      return /^\d+$/.test(one) && (Number(one) === pid || Number(one) === postmaster || parentOf(one) === postmaster)
    } catch {
      return false
    }
  })
  return (
    mine.reduce(
      (sum, one) => sum + Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0),
      0,
    ) / 1024
  )
}

function median<T extends { perSecond: number }>(list: T[]): T {
  return [...list].sort((a, b) => a.perSecond - b.perSecond)[Math.floor(list.length / 2)] as T
}

function show({ perSecond, p50, p99 }: Result): string {
  return `${perSecond.toFixed(0).padStart(7)}  ${`${p50.toFixed(1)}/${p99.toFixed(1)}`.padEnd(13)}`
}
