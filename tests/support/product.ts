import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { handedClock } from '../../server/platform/clock.ts'
import { readEnv } from '../../server/platform/env.ts'
import { type Product, startProduct } from '../../server/wiring/product.ts'
import { freePort, portsOff } from './ports.ts'

const root = join(import.meta.dirname, '../..')

export type Demo = {
  accounts: { username: string; password: string; role: string }[]
  devices: { id: string; protocol: string; key: string; account: string; residentName: string }[]
}

export const readDemo = (dataDir: string): Demo => JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as Demo

/** The servers of the scale-out profile, when the tests are run on it (tests/support/servers.mjs); else the embedded one. */
const shared = process.env['TEST_DATABASE_URL'] && process.env['TEST_REDIS_URL']

/** What a product needs in this profile: nothing, or a new database and the Redis of all. */
export async function profileEnv(): Promise<NodeJS.ProcessEnv> {
  if (!shared) return {}
  const name = `p_${randomUUID().replaceAll('-', '')}`
  const admin = new pg.Client({ connectionString: process.env['TEST_DATABASE_URL'] })
  await admin.connect()
  await admin.query(`CREATE DATABASE ${name}`)
  await admin.end()
  const url = new URL(process.env['TEST_DATABASE_URL'] as string)
  url.pathname = `/${name}`
  return { DATABASE_URL: url.href, REDIS_URL: process.env['TEST_REDIS_URL'], DEMO: '1' }
}

/**
 * The whole product in this process, on a data directory of its own, with the clock in the test's hand: all in one, or in
 * the scale-out profile two web, one worker and two media processes' worth of it, the page at the first and half of the telephones at the second.
 */
export async function startHere(more: NodeJS.ProcessEnv = {}) {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-journey-'))
  const clock = handedClock(new Date())
  const given = await profileEnv()
  const start = async (roles: string, more: NodeJS.ProcessEnv = {}) => {
    const env = readEnv({
      DATA_DIR: dataDir,
      PORT: String(await freePort()),
      LOG_LEVEL: 'error',
      ROLES: roles,
      ...portsOff,
      ...given,
      ...more,
    })
    return startProduct({ env, clock, note: () => {}, onLost: () => {} })
  }
  const web = await start(shared ? 'web' : 'web,worker,media', more)
  const others: Product[] = []
  if (shared) {
    others.push(await start('worker', { PUBLIC_BASE_URL: web.url })) // what it writes into responders' links
    for (const roles of ['media', 'media', 'web']) others.push(await start(roles))
  }
  return {
    ...web,
    /** Every process of it, in the order in which they were started. */
    all: [web, ...others],
    /** Telephony as a media host has it. */
    voice: ([web, ...others].find((one) => one.mediaPid()) ?? web).parts.voice,
    /** The other web process, or the only one. */
    otherUrl: others.at(-1)?.url ?? web.url,
    clock,
    demo: readDemo(dataDir),
    async close() {
      for (const one of [...others.reverse(), web]) await one.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The built product as its own process, to be killed. */
export async function startProcess(
  dataDir: string,
  port: number,
  more: NodeJS.ProcessEnv = {},
): Promise<{ child: ChildProcess; url: string; exit: Promise<number | null>; output: () => string }> {
  const child = spawn(process.execPath, ['dist/server/main.js'], {
    cwd: root,
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error', ...portsOff, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  child.stderr?.on('data', (bytes) => {
    output += bytes
  })
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on('data', (bytes) => {
      output += bytes
      const ready = /^ready (\S+)/m.exec(output)
      if (ready?.[1]) resolve(ready[1])
    })
    void exit.then((code) => reject(new Error(`ended with ${code}: ${output}`)))
  })
  return { child, url, exit, output: () => output }
}

let sequence = Date.now()
/** Presses a pendant over real HTTP. */
export async function press(
  url: string,
  device: { key: string },
  signal: Record<string, unknown> = {},
): Promise<{ status: number; alarmId: string; incidentId: string; duplicate: boolean }> {
  const reply = await fetch(`${url}/api/v1/alarms`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${device.key}` },
    body: JSON.stringify({ sequence: ++sequence, type: 'button', ...signal }),
  })
  return {
    status: reply.status,
    ...((await reply.json()) as { alarmId: string; incidentId: string; duplicate: boolean }),
  }
}
