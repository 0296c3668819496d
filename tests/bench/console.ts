import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import type { Browser, CDPSession, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { freePort } from '../support/ports.ts'
import { readDemo, startProcess } from '../support/product.ts'
import { enrolCrowd, makeCrowd } from './crowd.ts'
import { databaseOf } from './embedded.ts'
import { median, percent, quantile } from './figures.ts'

const openMax = 10_000
const changing = 5_000
const changesPerSecond = 200
const openedTimes = 5
const watchMs = 10_000
// Slow ones: they climb half an hour slower, so that what is measured is the list and not ten thousand escalations.
const kind = 'low-battery'
const frameMs = 1000 / 60

/**
 * The console with a long queue: how long until an operator sees the first rows of 10,000, and whether a list of 5,000 that
 * changes 200 times a second (real presses, pushed by the server) keeps its frames. The browser is headless and paints in
 * software on the same cores as the server, so its idle figure stands beside the other.
 */
export async function board(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-bench-'))
  const product = await startProcess(dataDir, await freePort())
  const admin = new pg.Client({ connectionString: databaseOf(dataDir) })
  const browser = await launchBrowser()
  const crowd = makeCrowd(product.url)
  try {
    await admin.connect()
    await enrolCrowd({ query: async (text, values) => (await admin.query(text, values)).rows }, openMax)
    await crowd.pressAll(changing, kind)
    console.log('\nthe console:')
    const page = await signedIn(browser, product.url, dataDir)
    await openings(page, product.url, `${changing} open`)
    await frames(page, `${changing} rows at rest`, async () => new Promise((later) => setTimeout(later, watchMs)))
    await frames(page, `${changing} rows, ${changesPerSecond} changes a second`, async () => {
      const { sent, failed } = await crowd.keepPressing(changing, kind, changesPerSecond, watchMs)
      if (failed > 0) throw new Error(`${failed} of ${sent} presses were not stored`)
    })
    for (let i = changing; i < openMax; i += 1) {
      if ((await crowd.press(i, kind)) !== 201) throw new Error('a press was not stored')
    }
    await openings(page, product.url, `${openMax} open`)
  } finally {
    crowd.close()
    await browser.close()
    await admin.end()
    product.child.kill('SIGINT')
    await product.exit
    rmSync(dataDir, { recursive: true, force: true })
  }
}

async function signedIn(browser: Browser, url: string, dataDir: string): Promise<Page> {
  const account = readDemo(dataDir).accounts.find((one) => one.username === 'op01')
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'zh-CN' })
  const answer = await context.request.post(`${url}/api/v1/sessions`, {
    data: { username: 'op01', password: account?.password },
    headers: { origin: url },
  })
  if (!answer.ok()) throw new Error(`op01 cannot sign in: ${answer.status()}`)
  // The loader of these sources names functions by a helper that a page does not have.
  await context.addInitScript('globalThis.__name = (named) => named')
  await context.addInitScript(noteFirstRows)
  return context.newPage()
}

/** In the page: when, since the navigation began, the first row was there and the next frame had painted it. */
function noteFirstRows(): void {
  const seen = new MutationObserver(() => {
    if (!document.querySelector('.queue-row')) return
    seen.disconnect()
    requestAnimationFrame(() => setTimeout(() => Object.assign(window, { firstRowsMs: performance.now() })))
  })
  seen.observe(document, { childList: true, subtree: true })
}

async function openings(page: Page, url: string, name: string): Promise<void> {
  const all: Opening[] = []
  for (let i = 0; i < openedTimes; i++) all.push(await opened(page, url))
  const middle = (of: keyof Opening) => median(all.map((one) => one[of])).toFixed(0)
  const most = quantile(
    all.map((one) => one.firstRowsMs),
    1,
  )
  console.log(
    `  ${name}: first rows ${middle('firstRowsMs')} ms after the address was opened (median of ${openedTimes}, at most ${most.toFixed(0)} ms); the board was asked for at ${middle('askedMs')} ms and there at ${middle('answeredMs')} ms; the page's thread worked ${middle('busyMs')} ms`,
  )
}

type Opening = { firstRowsMs: number; askedMs: number; answeredMs: number; busyMs: number }
async function opened(page: Page, url: string): Promise<Opening> {
  const inspector = await page.context().newCDPSession(page)
  await inspector.send('Performance.enable')
  const before = await taskSeconds(inspector)
  await page.goto(url)
  const at = await page.waitForFunction(() => (window as unknown as { firstRowsMs?: number }).firstRowsMs, undefined, {
    polling: 50,
  })
  const busyMs = ((await taskSeconds(inspector)) - before) * 1000
  const board = await page.evaluate(() => {
    const all = performance.getEntriesByType('resource') as PerformanceResourceTiming[]
    const asked = all.find((one) => one.name.includes('/api/v1/board'))
    return { askedMs: asked?.requestStart ?? 0, answeredMs: asked?.responseEnd ?? 0 }
  })
  await inspector.detach()
  return { firstRowsMs: (await at.jsonValue()) as number, busyMs, ...board }
}

/** Frame by frame while something goes on, and how much of the time the page's main thread was at work. */
async function frames(page: Page, name: string, during: () => Promise<unknown>): Promise<void> {
  const inspector = await page.context().newCDPSession(page)
  await inspector.send('Performance.enable')
  const before = await taskSeconds(inspector)
  await page.evaluate(() => {
    const watched = { gaps: [] as number[], on: true }
    Object.assign(window, { watched })
    let last = performance.now()
    const frame = (now: number) => {
      watched.gaps.push(now - last)
      last = now
      if (watched.on) requestAnimationFrame(frame)
    }
    requestAnimationFrame(frame)
  })
  const started = performance.now()
  await during()
  const seconds = (performance.now() - started) / 1000
  const gaps = await page.evaluate(() => {
    const { watched } = window as unknown as { watched: { gaps: number[]; on: boolean } }
    watched.on = false
    return watched.gaps
  })
  const busy = ((await taskSeconds(inspector)) - before) / seconds
  const late = gaps.filter((gap) => gap > frameMs * 1.5).length
  console.log(
    `  ${name}: ${(gaps.length / seconds).toFixed(1)} frames/s; gaps p50 ${median(gaps).toFixed(1)}, p99 ${quantile(gaps, 0.99).toFixed(1)}, max ${quantile(gaps, 1).toFixed(0)} ms; ${percent(late / gaps.length)} of the frames late; the page's thread at work ${percent(busy)}, ${((busy * 1000 * seconds) / gaps.length).toFixed(1)} ms a frame`,
  )
}

async function taskSeconds(inspector: CDPSession): Promise<number> {
  const { metrics } = await inspector.send('Performance.getMetrics')
  return metrics.find((metric) => metric.name === 'TaskDuration')?.value ?? 0
}
