import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { signIn, sitDown } from '../support/people.ts'
import { startHere } from '../support/product.ts'

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
beforeAll(async () => {
  product = await startHere()
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await product?.close()
})

test('an administrator hands somebody a link, who sets a password that nobody else knows, and changes it later', async () => {
  const admin = await signIn(browser, product.url, product.demo, 'admin', { available: false })
  const asked: string[] = []
  admin.on('request', (request) => asked.push(request.url()))
  await admin.goto(`${product.url}/accounts`)
  await admin.fill('.ant-input', 'op03')
  const row = admin.locator('button.link:has-text("op03")')
  await row.waitFor()
  expect(asked.filter((url) => url.includes('op03'))).toEqual([])
  await row.click()
  // Long after signing in, so the own password is asked for first.
  await product.parts.db.query(`UPDATE session SET confirmed_at = confirmed_at - interval '1 hour'`)
  await admin.click('text=生成链接')
  await admin.fill(
    '.ant-modal input[type=password]',
    product.demo.accounts.find((one) => one.username === 'admin')?.password ?? '',
  )
  await admin.keyboard.press('Enter')
  const link = admin.locator('input[readonly][aria-label="密码链接"]')
  await link.waitFor()
  const { page } = await sitDown(browser)
  await page.goto(await link.inputValue())
  await page.fill('input[name=password]', '1234567890')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=alert]')
  await page.fill('input[name=password]', 'three plain words')
  await page.keyboard.press('Enter')
  await page.waitForSelector('a.btn[href="/"]')
  expect(page.url()).not.toContain('#')
  await page.click('a.btn[href="/"]')
  await page.fill('input[name=username]', 'op03')
  await page.fill('input[name=password]', 'three plain words')
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame')
  await page.click('a[href="/account"]')
  await page.fill('input[name=old]', 'three plain words')
  await page.fill('input[name=password]', 'three other words')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[role=status]')
  if (process.env['LOOK']) await page.screenshot({ path: process.env['LOOK'] })
})

test('a shift that is about to end says so, and goes on with the own password', async () => {
  await product.parts.db.query(`UPDATE session SET expires_at = now() + interval '5 minutes'`)
  const operator = await signIn(browser, product.url, product.demo, 'op04', { available: false })
  await product.parts.db.query(`UPDATE session SET expires_at = now() + interval '5 minutes'`)
  await operator.reload()
  const strip = operator.locator('form.strip')
  await strip.waitFor()
  if (process.env['LOOK']) await operator.screenshot({ path: process.env['LOOK'].replace('.png', '-end.png') })
  await strip.locator('input').fill(product.demo.accounts.find((one) => one.username === 'op04')?.password ?? '')
  await strip.locator('button').click()
  await strip.waitFor({ state: 'detached' })
})
