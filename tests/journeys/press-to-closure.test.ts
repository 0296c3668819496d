import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { linksOf, openLink, signIn } from '../support/people.ts'
import { press, startHere } from '../support/product.ts'

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

const device = async (i: number) => {
  const rows = await product.parts.db.query<{ id: string; name: string; address: string }>(
    `SELECT d.id, coalesce(nullif(r.name_to_use, ''), r.name) AS name, h.address FROM device d JOIN resident r ON r.id = d.resident_id JOIN household h ON h.id = r.household_id
     WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.line_class = 2 AND r.languages[1] = 'zh' AND h.access_sealed IS NOT NULL ORDER BY d.account`,
  )
  const row = rows[i] as (typeof rows)[number]
  return { ...row, key: product.demo.devices.find((one) => one.id === row.id)?.key as string }
}

test('a press is heard, answered, helped and closed, by keyboard alone', async () => {
  const pendant = await device(0)
  const operator = await signIn(browser, product.url, product.demo, 'op01')
  const { status, incidentId } = await press(product.url, pendant)
  expect(status).toBe(201)
  await operator.waitForSelector('.offer')
  // Before the claim nobody is named.
  expect(await operator.textContent('body')).not.toContain(pendant.name)
  await operator.keyboard.press('a')
  await operator.waitForSelector(`.person-name:has-text("${pendant.name}")`)
  expect(await operator.getAttribute('.rail a[href^="/"]', 'aria-current')).toBe('page')
  expect(await operator.textContent('.address')).toContain(pendant.address)
  await operator.waitForSelector('.services .btn')
  await operator.keyboard.press('1') // a fall
  await operator.waitForSelector('.question')
  for (let i = 0; i < 4; i++) {
    await operator.waitForFunction((n) => document.querySelectorAll('.question .btn.on').length === n, i)
    // Not hurt, head not hit, no bleeding; able to move: 1 is yes and 2 is no in each of them.
    await operator.keyboard.press(i < 3 ? '2' : '1')
  }
  await operator.waitForSelector('.helper')
  await operator.keyboard.press('d')
  await operator.keyboard.press('Enter')
  await operator.waitForSelector('.assignment')

  await expect.poll(async () => (await linksOf(product.url)).length).toBeGreaterThan(0)
  const helper = await openLink(browser, (await linksOf(product.url))[0] as string)
  expect(await helper.textContent('body')).not.toContain(pendant.address)
  await helper.click('text=我去')
  await helper.waitForSelector(`.responder-place:has-text("${pendant.address}")`)
  expect(await helper.textContent('.responder-place .access')).toContain('门禁')
  await helper.click('text=我出发了')
  await operator.waitForSelector('.timeline li:has-text("已出发")')
  await helper.click('text=我到了')
  await operator.waitForSelector('.timeline li:has-text("已到达")')
  await helper.click('.responder-buttons >> text=已完成')
  await operator.waitForSelector('.timeline li:has-text("已完成")')

  await operator.keyboard.press('r')
  await operator.waitForSelector('[role=radiogroup]')
  await operator.keyboard.press('1')
  await operator.waitForSelector('[role=radio][aria-checked=true]')
  await operator.keyboard.press('Enter')
  await expect
    .poll(
      async () =>
        (await product.parts.db.query<{ status: string }>('SELECT status FROM incident WHERE id = $1', [incidentId]))[0]
          ?.status,
    )
    .toBe('closed')
  // Nothing else is in hand: the list again, and the navigation says where that is.
  await operator.waitForSelector('text=请选择一条事件')
  expect(await operator.getAttribute('.rail a[href="/"]', 'aria-current')).toBe('page')
  await operator.context().close()
  await helper.context().close()
})

test('a second press attaches to the open incident and is seen at once', async () => {
  const pendant = await device(1)
  const operator = await signIn(browser, product.url, product.demo, 'op02', { available: false })
  const first = await press(product.url, pendant)
  await operator.waitForSelector('.queue-row')
  const second = await press(product.url, pendant, { type: 'fall' })
  expect(second.incidentId).toBe(first.incidentId)
  await operator.waitForSelector('.queue-row:has-text("2 次信号"):has([aria-label="一级 生命"])')
  await operator.context().close()
})

test('an operator of another area sees neither the file nor the incident', async () => {
  const [far] = await product.parts.db.query<{ id: string; residentId: string }>(
    `SELECT d.id, d.resident_id AS "residentId" FROM device d JOIN area a ON a.id = d.area_id WHERE a.name = '听潮社区' AND d.protocol = 'http' AND d.state = 'in-service' LIMIT 1`,
  )
  const { incidentId } = await press(product.url, {
    key: product.demo.devices.find((one) => one.id === far?.id)?.key as string,
  })
  const stranger = await signIn(browser, product.url, product.demo, 'op12')
  await stranger.goto(`${product.url}/?incident=${incidentId}`)
  await stranger.waitForSelector('text=此事件不在您手上')
  expect(await stranger.locator('.queue-row').filter({ hasText: '听潮社区' }).count()).toBe(0)
  await stranger.goto(`${product.url}/residents?id=${far?.residentId}`)
  await stranger.waitForSelector('.ant-drawer [role=alert]')
  expect(await stranger.locator('.ant-drawer form').count()).toBe(0)
  await stranger.context().close()
})
