import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

// The built product in a process of its own, as in the middle of the night: no press has opened a connection for the next one.
const dataDir = mkdtempSync(join(tmpdir(), 'yihu-storm-'))
let here: Awaited<ReturnType<typeof startProcess>>
beforeAll(async () => {
  here = await startProcess(dataDir, await freePort(), { TRUST_PROXY: '1', ROLES: 'web,worker' })
}, 60_000)
afterAll(async () => {
  here.child.kill('SIGTERM')
  await here.exit
  rmSync(dataDir, { recursive: true, force: true })
})

const tries = 600
const pressEveryMs = 200

/** So many try a name and a password at once, each from an address of their own; the codes of the answers. */
function storm(url: string, tries: number): Promise<string[]> {
  const thread = new Worker(new URL('../support/sign-in-storm.mjs', import.meta.url), { workerData: { url, tries } })
  return new Promise((resolve, reject) => {
    thread.once('message', resolve)
    thread.once('error', reject)
  })
}

test('who presses while six hundred strangers sign in at once is stored within a second, each time', async () => {
  let over = false
  const pendants = readDemo(dataDir).devices.filter((one) => one.protocol === 'http')
  const trying = storm(here.url, tries).finally(() => {
    over = true
  })
  const presses: { status: number; tookMs: number }[] = []
  for (let n = 0; !over || n < 10; n++) {
    const from = performance.now()
    const { status } = await press(here.url, pendants[n % pendants.length] as { key: string })
    const tookMs = performance.now() - from
    presses.push({ status, tookMs })
    await new Promise((next) => setTimeout(next, Math.max(0, pressEveryMs - tookMs)))
  }
  const codes = new Set(await trying)
  expect(presses.map(({ status }) => status).filter((status) => status !== 201)).toEqual([])
  expect(Math.max(...presses.map(({ tookMs }) => tookMs))).toBeLessThan(1_000)
  // Nobody got in, some were looked at, and the rest were told to come again rather than kept waiting.
  expect([...codes].sort()).toEqual(['too-many-requests', 'wrong-credentials'])
}, 60_000)
