import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
import { press, startHere } from '../support/product.ts'

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let pendants: { key: string }[]
beforeAll(async () => {
  product = await startHere()
  browser = await launchBrowser()
  const rows = await product.parts.db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.line_class = 2 AND r.languages[1] = 'zh' ORDER BY d.account`,
  )
  pendants = rows.map((row) => ({ key: product.demo.devices.find((one) => one.id === row.id)?.key as string }))
})
beforeEach(() => product.parts.db.query(`UPDATE presence SET status = 'away'`))
afterAll(async () => {
  await browser?.close()
  await product?.close()
})
let turn = 0
const pendant = () => pendants[turn++ % pendants.length] as { key: string }
const numberOf = async (id: string) =>
  (await product.parts.db.query<{ number: number }>('SELECT number FROM incident WHERE id = $1', [id]))[0]?.number
const settled = (page: Page) => page.waitForLoadState('networkidle')

test('a leader sees whom nobody helps once each, the gravest first, and lets it ring at an operator; all hands are called', async () => {
  const press3 = [await press(product.url, pendant()), await press(product.url, pendant())]
  const life = await press(product.url, pendant(), { type: 'fall' })
  product.clock.forward(200_000)
  const leader = await signIn(browser, product.url, product.demo, 'sup01', { available: false })
  await leader.click('.rail a[href="/alerts"]')
  for (const { incidentId } of [...press3, life]) {
    await leader.waitForSelector(`.alert-case:has-text("#${await numberOf(incidentId)}")`)
    expect(await leader.locator(`.alert-case:has-text("#${await numberOf(incidentId)}")`).count()).toBe(1)
  }
  expect(await leader.locator('.alert-case').first().textContent()).toContain(`#${await numberOf(life.incidentId)}`)
  // Everybody of the area hears of it, and says so.
  const ana = await signIn(browser, product.url, product.demo, 'op01', { available: false })
  await leader.click('text=呼叫全员')
  await leader.fill('input[name=reason]', '请全部上线')
  await leader.keyboard.press('Enter')
  await ana.locator('.all-hands:has-text("请全部上线") >> text=知道了').click()
  await expect.poll(() => ana.locator('.all-hands').count()).toBe(0)
  await leader.waitForSelector('text=1 人已看到')
  // Assigned, it rings at her, and is the leader's until she has it.
  await product.parts.db.query(
    `UPDATE presence SET status = 'available' WHERE account_id = (SELECT id FROM account WHERE username = 'op01')`,
  )
  await leader.reload()
  const first = leader.locator(`.alert-case:has-text("#${await numberOf(life.incidentId)}")`)
  await first.locator('text=指派给操作员').click()
  await first.locator('.lead-operators button').first().click()
  await ana.waitForSelector(`.offer:has-text("#${await numberOf(life.incidentId)}")`)
  await ana.keyboard.press('a')
  await ana.waitForSelector(`.workspace-head:has-text("#${await numberOf(life.incidentId)}")`)
  await ana.waitForSelector('.person-name')
  // Opened by the leader, what waits can be taken there.
  const [other] = press3
  await leader.goto(`${product.url}/?incident=${other?.incidentId}`)
  await leader.locator('.lead-actions >> text=接手').first().click()
  await leader.waitForSelector('.person-name')
  for (const page of [ana, leader]) await page.context().close()
})

test('a changed file asks before Back and F5, and says that it is saved', async () => {
  const page = await signIn(browser, product.url, product.demo, 'sup01', { available: false })
  await page.click('.rail a[href="/residents"]')
  await page.locator('.ant-table-tbody .link').first().click()
  const name = page
    .locator('.ant-drawer-open form input#name, .ant-drawer-open form input[type=text]:not([role])')
    .first()
  await name.press('End')
  await name.pressSequentially('甲')
  const typed = await name.inputValue()
  await page.goBack()
  await page.waitForSelector('.ant-modal-confirm')
  await page.keyboard.press('Escape')
  await expect.poll(() => page.locator('.ant-modal-confirm').count()).toBe(0)
  expect(await name.inputValue()).toBe(typed)
  let asked = 0
  page.on('dialog', (dialog) => {
    asked += 1
    void dialog.dismiss()
  })
  await page.reload().catch(() => {})
  expect(asked).toBe(1)
  expect(await name.inputValue()).toBe(typed)
  await page.click('.ant-drawer-open .ant-btn-primary')
  await page.waitForSelector('.ant-message:has-text("已保存")')
  await expect.poll(() => page.locator('.ant-drawer-open').count()).toBe(0)
  await page.context().close()
})

test('whoever opens no live connection is not told that it is lost', async () => {
  for (const username of ['provider01', 'auditor']) {
    const page = await signIn(browser, product.url, product.demo, username, { available: false })
    await settled(page)
    await page.waitForTimeout(4_000) // the grace of the notice
    expect(await page.locator('.strip, .topbar .dot.off').count()).toBe(0)
    await page.context().close()
  }
})

test('a desk in another zone shows the centre’s hours, a closed incident’s clock stands still, and the next in hand opens', async () => {
  const [one, two] = [await press(product.url, pendant()), await press(product.url, pendant())]
  const context = await browser.newContext({ locale: 'zh-CN', timezoneId: 'America/New_York', reducedMotion: 'reduce' })
  const seat = await signIn(browser, product.url, product.demo, 'op02', { available: false })
  await context.addCookies(await seat.context().cookies())
  await seat.context().close()
  const page = await context.newPage()
  for (const { incidentId } of [two, one]) {
    await page.goto(`${product.url}/?incident=${incidentId}`)
    await page.click('.workspace .btn.primary')
    await page.waitForSelector('.person-name')
  }
  const at = await page.getAttribute('.timeline time', 'datetime')
  const centre = new Intl.DateTimeFormat('zh-CN', { timeStyle: 'medium', timeZone: 'Asia/Shanghai' })
  expect(await page.locator('.timeline time').first().textContent()).toBe(centre.format(new Date(at as string)))
  // What is written goes on where it ended.
  await page.keyboard.press(';')
  await page.keyboard.type('家属')
  await page.keyboard.press('Escape')
  await page.keyboard.press(';')
  await page.keyboard.type('已到')
  expect(await page.locator('.workspace textarea').first().inputValue()).toBe('家属已到')
  await page.keyboard.press('Escape')
  await page.keyboard.press('r')
  await page.waitForSelector('.note-warn, [role=radiogroup]')
  await page.keyboard.press('r')
  await page.waitForSelector('[role=radiogroup]')
  await page.keyboard.press('2')
  await page.waitForSelector('[role=radio][aria-checked=true]')
  await page.keyboard.press(';')
  await page.keyboard.press('Control+Enter')
  await page.waitForURL((url) => url.searchParams.get('incident') === two.incidentId)
  await page.goto(`${product.url}/?incident=${one.incidentId}`)
  const clock = page.locator('.workspace-head .chip:has-text("用时") .num')
  await clock.waitFor()
  const before = await clock.textContent()
  product.clock.forward(60_000)
  await page.waitForTimeout(2_500) // a pulse of the server's time
  expect(await clock.textContent()).toBe(before)
  await context.close()
})
