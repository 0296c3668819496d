import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
import { freePort, press, readDemo, startProcess } from '../support/product.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-killed-'))
const running: { child: { pid?: number | undefined; kill(signal: 'SIGINT'): boolean }; exit: Promise<unknown> }[] = []
afterAll(async () => {
  for (const one of running) {
    one.child.kill('SIGINT')
    await one.exit
  }
  rmSync(dataDir, { recursive: true, force: true })
})

test('the server is killed while alarms pour in, and started again: every acknowledged alarm is there once and on the console', async () => {
  const port = await freePort()
  const first = await startProcess(dataDir, port)
  running.push(first)
  const demo = readDemo(dataDir)
  const acknowledged = new Map<string, string>()
  let pouring = true
  const pour = async (lane: number) => {
    for (let i = 0; pouring; i++) {
      const device = demo.devices[(lane * 37 + i) % demo.devices.length] as (typeof demo.devices)[number]
      try {
        const receipt = await press(first.url, device)
        if (receipt.status === 201) acknowledged.set(receipt.alarmId, receipt.incidentId)
      } catch {
        return // the line went dead; what was not acknowledged, the device sends again
      }
    }
  }
  const lanes = Array.from({ length: 20 }, (_, lane) => pour(lane))
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(400)
  first.child.kill('SIGKILL')
  await first.exit
  pouring = false
  await Promise.all(lanes)

  const second = await startProcess(dataDir, port) // adopts or replaces the orphaned PostgreSQL
  running.push(second)
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200)
  const browser = await launchBrowser()
  const operator = await signIn(browser, second.url, demo, 'op01', { available: false })
  const board = (await operator.evaluate(async () => (await fetch('/api/v1/board')).json())) as {
    items: { id: string; signals: number }[]
  }
  const incidents = new Set([...acknowledged.values()].filter(Boolean))
  expect([...incidents].filter((id) => !board.items.some((row) => row.id === id))).toEqual([])
  // Each acknowledged alarm is there exactly once, and none was counted twice into its incident.
  for (const id of [...acknowledged.keys()].slice(0, 50)) {
    const status = await operator.evaluate(async (alarm) => (await fetch(`/api/v1/alarms/${alarm}`)).status, id)
    expect(status).toBe(200)
  }
  const shown = async () => Number(await operator.textContent('[role=tab][aria-selected=true] .num'))
  await expect.poll(shown, { timeout: 10_000 }).toBeGreaterThanOrEqual(incidents.size)
  const ledger = (await operator.evaluate(async () => (await fetch('/api/v1/ledger')).json())) as {
    breaches: number
    waiting: number
  }
  expect(ledger.breaches).toBe(0)
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
