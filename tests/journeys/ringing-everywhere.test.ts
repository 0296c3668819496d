import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { places } from '../../console/shell/places.ts'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
import { press, startHere } from '../support/product.ts'

// Some forty times somebody falls, is answered and is closed; on a busy machine each takes three seconds.
const long = 300_000

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let session: Awaited<ReturnType<BrowserContext['storageState']>>
let keys: string[] = []
let turn = 0
beforeAll(async () => {
  product = await startHere()
  browser = await launchBrowser()
  const { db } = product.parts
  // Somebody who is operator, leader and administrator at once sees every page.
  await db.query(
    `INSERT INTO account_role (account_id, role, area_id) SELECT a.id, r.role, (SELECT id FROM area WHERE level = 'district' LIMIT 1)
     FROM account a CROSS JOIN unnest(ARRAY['operator', 'supervisor', 'area-administrator', 'auditor']) AS r(role) WHERE a.username = 'op01' ON CONFLICT DO NOTHING`,
  )
  await db.query(`UPDATE account SET capacity = 10 WHERE username = 'op01'`)
  const rows = await db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.languages[1] = 'zh' ORDER BY d.account`,
  )
  keys = rows.map((row) => product.demo.devices.find((one) => one.id === row.id)?.key as string)
  const first = await signIn(browser, product.url, product.demo, 'op01')
  session = await first.context().storageState()
  await first.context().close()
})
afterAll(async () => {
  await browser?.close()
  await product?.close()
})

/** The same person at another screen: a desk, a telephone, or a desk zoomed to 400 % as [WCAG 1.4.10] has it. */
async function at(width: number, height: number, touch = false): Promise<Page> {
  const context = await browser.newContext({
    storageState: session,
    locale: 'zh-CN',
    viewport: { width, height },
    hasTouch: touch,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  page.setDefaultTimeout(30_000)
  // F5 with a changed form asks; here it is meant.
  page.on('dialog', (dialog) => void dialog.accept())
  return page
}

/** Somebody has fallen; it rings here. */
async function fall(page: Page): Promise<string> {
  const { incidentId } = await press(product.url, { key: keys[turn++ % keys.length] as string }, { type: 'fall' })
  await page.waitForSelector('.offer-1 .primary')
  return incidentId
}

/** Nothing lies over the button, and it is on the screen. */
const uncovered = (page: Page) =>
  page.waitForFunction(() => {
    const button = document.querySelector('.offer-1 .primary')
    if (!button) return false
    const { left, top, width, height } = button.getBoundingClientRect()
    const hit = document.elementFromPoint(left + width / 2, top + height / 2)
    return (
      hit !== null && button.contains(hit) && left >= 0 && left + width <= innerWidth && top + height <= innerHeight
    )
  })

/** It is in hand and in front, and nothing lies over it; then it is over, so that the next one can ring. */
async function answered(page: Page, incidentId: string): Promise<void> {
  await page.waitForURL((url) => url.searchParams.get('incident') === incidentId)
  await page.waitForSelector('.workspace .person-name')
  await expect
    .poll(() => page.locator('dialog[open], .ant-drawer-open, .ant-modal-wrap:visible, .offer').count())
    .toBe(0)
  await over(page, incidentId)
}

const over = (page: Page, incidentId: string) =>
  page.evaluate(async (id) => {
    const post = async (what: string, body: object) => {
      const reply = await fetch(`/api/v1/incidents/${id}/${what}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!reply.ok) throw new Error(`${what}: ${reply.status}`)
    }
    await post('resolve', {})
    await post('close', { disposition: 'accidental-press', note: '' })
  }, incidentId)

const textField = (page: Page) =>
  page.locator('.ant-drawer-open form input[type=text]:not([readonly]):not([role])').first()

// Their own account is reached from the head of the page, not from the navigation.
const pages = [...places.map((place) => place.to), '/account']
/** The pages whose table opens a file beside it; found by looking, so that a new one is among them. */
async function withDrawer(page: Page, to: string): Promise<boolean> {
  await page.goto(product.url + to)
  await page.waitForSelector('.page h1')
  await page.waitForLoadState('networkidle')
  const row = page.locator('.ant-table-tbody .link').first()
  if ((await row.count()) === 0) return false
  await row.click()
  await page.waitForSelector('.ant-drawer-open form input, .ant-drawer-open form textarea')
  return true
}

test('each page of the router stands in the table that is walked here', () => {
  const app = readFileSync(join(import.meta.dirname, '../../console/app.tsx'), 'utf8')
  const routed = [...app.matchAll(/path: '(\/[^']*)'/g)].map(([, path]) => path)
  expect(routed.length).toBeGreaterThan(15)
  expect([...routed].sort()).toEqual([...pages].sort())
})

describe('a life that rings is answered by key', () => {
  test('from each page', { timeout: long }, async () => {
    const page = await at(1440, 900)
    for (const to of pages) {
      await page.goto(product.url + to)
      await page.waitForSelector('.page h1')
      const incidentId = await fall(page)
      await uncovered(page)
      await page.keyboard.press('a')
      await answered(page, incidentId)
    }
    await page.context().close()
  })

  test('from each file that is open, from its fields by Alt Enter, and what was typed is there afterwards', {
    timeout: long,
  }, async () => {
    const page = await at(1440, 900)
    let drawers = 0
    for (const to of pages) {
      if (!(await withDrawer(page, to))) continue
      drawers += 1
      const incidentId = await fall(page)
      await uncovered(page)
      await page.keyboard.press('a')
      await answered(page, incidentId)
      await withDrawer(page, to)
      const field = textField(page)
      if ((await field.count()) === 0 || (await field.isDisabled())) continue
      const url = page.url()
      await field.press('End')
      await field.pressSequentially('abx')
      const typed = await field.inputValue()
      const second = await fall(page)
      // A letter is text there; the chord answers.
      await page.keyboard.press('x')
      expect(await field.inputValue()).toBe(`${typed}x`)
      await page.keyboard.press('Alt+Enter')
      await answered(page, second)
      await page.evaluate((to) => document.querySelector<HTMLElement>(`.rail a[href="${to}"]`)?.click(), to)
      await page.waitForSelector('.ant-table-tbody .link')
      await page.locator('.ant-table-tbody .link').first().click()
      await page.waitForSelector('.ant-drawer-open form')
      expect(page.url()).toBe(url)
      await expect.poll(() => field.inputValue()).toBe(`${typed}x`)
    }
    expect(drawers).toBeGreaterThan(8)
    await page.context().close()
  })

  test('from the command bar, the table of keys, the sound settings and a question over a file', {
    timeout: long,
  }, async () => {
    const page = await at(1440, 900)
    const open: [string, () => Promise<unknown>][] = [
      ['dialog.palette[open]', () => page.keyboard.press('/')],
      ['dialog.keymap[open]', () => page.keyboard.press('?')],
      [
        'dialog.sheet[open]',
        async () => {
          await page.click('.headset')
          if ((await page.locator('dialog.sheet[open]').count()) === 0) await page.click('.headset')
        },
      ],
      [
        '.ant-modal-confirm',
        async () => {
          await withDrawer(page, '/residents')
          await textField(page).pressSequentially('x')
          await page.keyboard.press('Escape')
        },
      ],
    ]
    for (const [dialog, show] of open) {
      await page.goto(`${product.url}/follow-ups`)
      await page.waitForSelector('.page h1')
      await show()
      await page.waitForSelector(dialog)
      const incidentId = await fall(page)
      await uncovered(page)
      // In the command bar a letter is a search; the chord answers from all of them.
      await page.keyboard.press(dialog.includes('palette') ? 'Alt+Enter' : 'a')
      await answered(page, incidentId)
    }
    await page.context().close()
  })

  test('from each inline form of an incident in hand; Esc leaves the form, and the letters act again', {
    timeout: long,
  }, async () => {
    const page = await at(1440, 900)
    const { incidentId: mine } = await press(product.url, { key: keys[turn++ % keys.length] as string })
    await page.goto(product.url)
    await page.waitForSelector('.offer .primary')
    await page.keyboard.press('a')
    await page.waitForSelector('.workspace .person-name')
    await page.waitForSelector('.services .btn')
    await page.keyboard.press('1')
    await page.waitForSelector('.question')
    const forms: [key: string, form: string, writes?: boolean][] = [
      ['h', 'form input[name=minutes]'],
      ['t', 'form [role=radiogroup]'],
      ['Shift+Q', 'form input[name=reason]', true],
      ['d', '.asking'],
      ['Shift+D', '.asking'],
      ['F1', '.results'],
    ]
    for (const [key, form, writes] of forms) {
      await page.keyboard.press(key)
      await page.waitForSelector(`.workspace ${form}`)
      await page.keyboard.press('Escape')
      await expect.poll(() => page.locator(`.workspace ${form}`).count()).toBe(0)
      await page.keyboard.press(key)
      await page.waitForSelector(`.workspace ${form}`)
      const incidentId = await fall(page)
      await uncovered(page)
      await page.keyboard.press(writes ? 'Alt+Enter' : 'a')
      await answered(page, incidentId)
      await page.goto(`${product.url}/?incident=${mine}`)
      await page.waitForSelector('.question')
    }
    await page.keyboard.press(';')
    await page.keyboard.type('an x a')
    await page.keyboard.press('Escape')
    const last = await fall(page)
    await page.keyboard.press('a')
    await answered(page, last)
    await over(page, mine)
    await page.context().close()
  })

  test('by the place of the key where a layout has no A, and by Space', async () => {
    const page = await at(1440, 900)
    await page.goto(`${product.url}/follow-ups`)
    const uyghur = await fall(page)
    await page.evaluate(() =>
      document.body.dispatchEvent(
        new KeyboardEvent('keydown', { key: '\u06be', code: 'KeyA', bubbles: true, cancelable: true }),
      ),
    )
    await answered(page, uyghur)
    await page.goto(`${product.url}/follow-ups`)
    const space = await fall(page)
    await page.keyboard.press(' ')
    await answered(page, space)
    await page.context().close()
  })
})

describe('a life that rings is answered by touch', () => {
  test('on a telephone, from each page and each open file', { timeout: long }, async () => {
    const page = await at(390, 844, true)
    for (const to of pages) {
      await page.goto(product.url + to)
      await page.waitForSelector('.page h1')
      const row = page.locator('.ant-table-tbody .link').first()
      if (!['/', '/wallboard', '/alerts'].includes(to)) await page.waitForLoadState('networkidle')
      if ((await row.count()) > 0) {
        await row.tap()
        await page.waitForSelector('.ant-drawer-open form')
      }
      const incidentId = await fall(page)
      await uncovered(page)
      await page.tap('.offer-1 .primary')
      await answered(page, incidentId)
    }
    await page.context().close()
  })

  test('at a zoom of 200 and of 400 per cent, behind a file, the table of keys and the command bar', {
    timeout: long,
  }, async () => {
    for (const [width, height] of [
      [640, 512],
      [320, 256],
    ] as const) {
      const page = await at(width, height, true)
      const open: (() => Promise<unknown>)[] = [
        async () => {
          await page.goto(`${product.url}/residents?id=new`)
          await page.waitForSelector('.ant-drawer-open form input')
        },
        () => page.keyboard.press('?'),
        () => page.keyboard.press('/'),
        async () => {},
      ]
      for (const show of open) {
        await page.goto(`${product.url}/follow-ups`)
        await page.waitForSelector('.page h1')
        await show()
        const incidentId = await fall(page)
        await uncovered(page)
        await page.tap('.offer-1 .primary')
        await answered(page, incidentId)
      }
      await page.context().close()
    }
  })
})
