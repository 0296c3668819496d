import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { handedClock } from '../../server/platform/clock.ts'
import { readEnv } from '../../server/platform/env.ts'
import { startProduct } from '../../server/product.ts'

const root = join(import.meta.dirname, '../..')

export type Demo = {
  accounts: { username: string; password: string; role: string }[]
  devices: { id: string; protocol: string; key: string; account: string; residentName: string }[]
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

export const readDemo = (dataDir: string): Demo => JSON.parse(readFileSync(join(dataDir, 'demo.json'), 'utf8')) as Demo

/** The whole product in this process, on a data directory of its own, with the clock in the test's hand. */
export async function startHere() {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-journey-'))
  const port = await freePort()
  const clock = handedClock(new Date())
  const env = readEnv({ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' })
  const product = await startProduct({ env, clock, note: () => {}, onLost: () => {} })
  return {
    ...product,
    clock,
    demo: readDemo(dataDir),
    async close() {
      await product.stop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** The built product as its own process, to be killed. */
export async function startProcess(
  dataDir: string,
  port: number,
): Promise<{ child: ChildProcess; url: string; exit: Promise<number | null>; output: () => string }> {
  const child = spawn(process.execPath, ['dist/server/main.js'], {
    cwd: root,
    env: { ...process.env, DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'error' },
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
