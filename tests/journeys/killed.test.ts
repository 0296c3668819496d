import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

let dataDir = ''
const dataDirs: string[] = []
const running: { child: { pid?: number | undefined; kill(signal: 'SIGINT'): boolean }; exit: Promise<unknown> }[] = []
afterAll(async () => {
  for (const one of running) {
    one.child.kill('SIGINT')
    await one.exit
  }
  for (const dir of dataDirs) rmSync(dir, { recursive: true, force: true })
})

/** The embedded database beside the product, which keeps its port and password in the data directory. */
function databaseOf(dir: string): string {
  const { port, password } = JSON.parse(readFileSync(join(dir, 'postgres.json'), 'utf8'))
  return `postgres://yihu:${password}@127.0.0.1:${port}/yihu`
}

type Press = { device: { key: string }; sequence: number }
type Receipt = { alarmId: string; incidentId: string | null }

test('the server is killed while alarms pour in, and started again: every press is there once and on the console', async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'yihu-killed-'))
  dataDirs.push(dataDir)
  const port = await freePort()
  const first = await startProcess(dataDir, port)
  running.push(first)
  const demo = readDemo(dataDir)
  const acknowledged = new Map<Press, Receipt>()
  const unanswered: Press[] = []
  let pouring = true
  let sequence = 1_000_000
  const pour = async (lane: number) => {
    for (let i = 0; pouring; i++) {
      const device = demo.devices[(lane * 37 + i) % demo.devices.length] as (typeof demo.devices)[number]
      const one = { device, sequence: ++sequence }
      try {
        const receipt = await press(first.url, device, { sequence: one.sequence })
        if (receipt.status === 201) acknowledged.set(one, receipt)
        else unanswered.push(one)
      } catch {
        unanswered.push(one) // the line went dead; the device sends it again
        return
      }
    }
  }
  const lanes = Array.from({ length: 20 }, (_, lane) => pour(lane))
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(400)
  first.child.kill('SIGKILL')
  await first.exit
  pouring = false
  await Promise.all(lanes)
  expect(unanswered.length).toBeGreaterThan(0)

  const second = await startProcess(dataDir, port) // adopts or replaces the orphaned PostgreSQL
  running.push(second)
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200)

  // Nothing that was acknowledged is gone or there twice; sent again, it gets the ids it got.
  const db = new pg.Client({ connectionString: databaseOf(dataDir) })
  await db.connect()
  const stored = async () => {
    const { rows } = await db.query<{ id: string; sequence: string; incidentId: string | null; key: Buffer }>(
      `SELECT a.id, a.sequence, a.incident_id AS "incidentId", d.key_hash AS key FROM alarm a JOIN device d ON d.id = a.device_id
       WHERE a.sequence > 1000000`,
    )
    return rows.map((row) => ({ ...row, press: `${row.key.toString('hex')}:${row.sequence}` }))
  }
  const nameOf = (one: Press) => `${createHash('sha256').update(one.device.key).digest('hex')}:${one.sequence}`
  const before = await stored()
  for (const [one, receipt] of acknowledged)
    expect(before.filter((row) => row.id === receipt.alarmId || row.press === nameOf(one))).toMatchObject([
      { id: receipt.alarmId, incidentId: receipt.incidentId, press: nameOf(one) },
    ])
  for (const [one, receipt] of [...acknowledged].slice(0, 20)) {
    const again = await press(second.url, one.device, { sequence: one.sequence })
    expect(again).toMatchObject({ status: 200, duplicate: true, alarmId: receipt.alarmId })
  }

  // What got no answer is sent again, whether it was stored or not, and is there once.
  const kept = new Set(before.map((row) => row.press))
  for (const one of unanswered) {
    const again = await press(second.url, one.device, { sequence: one.sequence })
    expect(again.status).toBe(kept.has(nameOf(one)) ? 200 : 201)
    acknowledged.set(one, again)
  }
  const after = await stored()
  expect(after.map((row) => row.press).sort()).toEqual([...acknowledged.keys()].map(nameOf).sort())

  // Each incident counts its presses, no fewer and no more, and stands on the board.
  const { rows: counts } = await db.query<{ id: string; signals: number }>(
    'SELECT id, signals FROM incident WHERE id = ANY ($1)',
    [[...new Set(after.flatMap((row) => row.incidentId ?? []))]],
  )
  await db.end()
  expect(counts).toHaveLength(new Set(after.flatMap((row) => row.incidentId ?? [])).size)
  for (const { id, signals } of counts)
    expect([id, signals]).toEqual([id, after.filter((row) => row.incidentId === id).length])
  const browser = await launchBrowser()
  const operator = await signIn(browser, second.url, demo, 'op01', { available: false })
  const board = (await operator.evaluate(async () => (await fetch('/api/v1/board')).json())) as {
    items: { id: string }[]
  }
  expect(counts.filter(({ id }) => !board.items.some((row) => row.id === id))).toEqual([])
  const shown = async () => Number(await operator.textContent('[role=tab][aria-selected=true] .num'))
  await expect.poll(shown, { timeout: 10_000 }).toBe(counts.length)
  const ledger = (await operator.evaluate(async () => (await fetch('/api/v1/ledger')).json())) as {
    breaches: number
    waiting: number
  }
  expect(ledger).toMatchObject({ breaches: 0, waiting: counts.length })
  await browser.close()
})

test('a server that does not answer is seen within 3 s, and a typed note is not lost', async () => {
  const server = running.at(-1) as Awaited<ReturnType<typeof startProcess>>
  const demo = readDemo(dataDir)
  const browser = await launchBrowser()
  const operator = await signIn(browser, server.url, demo, 'op02', { available: false })
  await operator.waitForSelector('.queue-row')
  await operator.keyboard.press('a')
  await operator.waitForSelector('textarea')
  await operator.fill('textarea', '家属十分钟后到')
  await operator.waitForTimeout(3500) // past the first seconds of the page, in which it is only connecting
  process.kill(server.child.pid as number, 'SIGSTOP')
  const stopped = Date.now()
  try {
    await operator.waitForSelector('.strip')
    expect(Date.now() - stopped).toBeLessThan(4_000) // 3 s, and the time of this test's own polling
    expect(await operator.textContent('.strip')).toContain('不会丢失')
  } finally {
    process.kill(server.child.pid as number, 'SIGCONT')
  }
  await operator.waitForSelector('.strip', { state: 'detached' })
  await operator.reload()
  await operator.waitForSelector('textarea')
  expect(await operator.inputValue('textarea')).toBe('家属十分钟后到')
  await operator.click('text=记入时间线')
  await operator.waitForSelector('.timeline li:has-text("家属十分钟后到")')
  expect(await operator.inputValue('textarea')).toBe('')
  await browser.close()
})
