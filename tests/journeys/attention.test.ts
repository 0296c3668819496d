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

const pendants = async () => {
  const rows = await product.parts.db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.line_class = 2 AND r.languages[1] = 'zh' ORDER BY d.account`,
  )
  return rows.map((row) => ({ key: product.demo.devices.find((one) => one.id === row.id)?.key as string }))
}
const pendant = async (i: number) => (await pendants())[i] as { key: string }

test('a life alarm rings at everybody, and the first to accept has it', async () => {
  const [ana, ben] = await Promise.all([
    signIn(browser, product.url, product.demo, 'op01'),
    signIn(browser, product.url, product.demo, 'op02'),
  ])
  await press(product.url, await pendant(0), { type: 'fall' })
  await Promise.all([ana.waitForSelector('.offer-1'), ben.waitForSelector('.offer-1')])
  await Promise.all([ana.keyboard.press('a'), ben.keyboard.press('a')])
  await expect
    .poll(async () => (await ana.locator('.person-name').count()) + (await ben.locator('.person-name').count()))
    .toBe(1)
  const loser = (await ana.locator('.person-name').count()) === 1 ? ben : ana
  await loser.waitForSelector('text=已被同事接手')
  await expect.poll(() => loser.locator('.offer').count()).toBe(0)
  await ana.context().close()
  await ben.context().close()
})

test('an unanswered press escalates at each step, on the screen of whoever must see it', async () => {
  const { incidentId } = await press(product.url, await pendant(1))
  const operator = await signIn(browser, product.url, product.demo, 'op03', { available: false })
  const leader = await signIn(browser, product.url, product.demo, 'sup01', { available: false }) // on the board, as usual
  const number = (
    await product.parts.db.query<{ number: number }>('SELECT number FROM incident WHERE id = $1', [incidentId])
  )[0]?.number
  const strip = leader.locator(`.leader-strip:has-text("#${number}")`)
  const row = operator.locator('.queue-row').filter({
    has: operator.locator(`text=#${number}`),
  })
  product.clock.forward(10_000)
  await row.locator('text=已扩大范围').waitFor()
  product.clock.forward(5_000)
  await row.locator('text=超过 15 秒').waitFor()
  product.clock.forward(15_000)
  await row.locator('text=已通知组长').waitFor()
  await strip.locator('text=久未接听').waitFor()
  expect(Number(await leader.textContent('.rail a[href="/alerts"] .badge'))).toBeGreaterThan(0)
  expect(await operator.locator('.leader-strip, .rail .badge').count()).toBe(0)
  product.clock.forward(30_000)
  await row.locator('text=超过 60 秒').waitFor()
  product.clock.forward(120_000)
  await row.locator('text=超过上限').waitFor()
  // Wherever the leader is, and not to be put aside without a reason.
  await leader.click('.rail a[href="/residents"]')
  await leader.waitForSelector('.page h1:has-text("居民")')
  await strip.locator('text=超过 180 秒上限').waitFor()
  expect(await strip.locator('text=知道了').count()).toBe(0)
  await strip.locator('text=查看全部').click()
  const [area] = await product.parts.db.query<{ phone: string }>(
    `SELECT phone FROM message WHERE about = $1 AND channel = 'voice'`,
    [`incident:${incidentId}`],
  )
  const card = leader.locator(`.card:has-text("#${number}"):has-text("值班电话未拨通")`)
  expect(await card.locator('a[href^="tel:"]').getAttribute('href')).toBe(`tel:${area?.phone}`)
  const limit = leader.locator(`.card:has-text("#${number}"):has-text("超过 180 秒上限")`)
  await limit.locator('input').fill('已电话联系')
  await limit.locator('text=解除').click()
  await expect.poll(() => leader.locator(`.leader-strip:has-text("超过 180 秒上限")`).count()).toBe(0)
  await operator.context().close()
  await leader.context().close()
})

test('one helper declines, another of the second wave accepts, and the others are stood down', async () => {
  const operator = await signIn(browser, product.url, product.demo, 'op04')
  const { incidentId } = await press(product.url, await pendant(2))
  await operator.waitForSelector('.queue-row')
  await product.parts.db.query('DELETE FROM message')
  await operator.evaluate(
    async (id) =>
      fetch(`/api/v1/incidents/${id}/answer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    incidentId,
  )
  await operator.goto(`${product.url}/?incident=${incidentId}`)
  await operator.waitForSelector('.person-name')
  await operator.keyboard.press('1')
  await operator.waitForSelector('.helper')
  await operator.waitForSelector('.question')
  await operator.keyboard.press('d')
  await operator.keyboard.press('Enter')
  await operator.waitForSelector('.assignment')
  await expect.poll(async () => (await linksOf(product.url)).length).toBeGreaterThan(0)
  const first = await linksOf(product.url)
  for (const link of first) {
    const helper = await openLink(browser, link)
    await helper.click('text=去不了')
    await helper.click('.responder-reasons >> text=正忙')
    await helper.waitForSelector('text=您已拒绝')
    await helper.context().close()
  }
  await operator.waitForSelector('.assignment:has-text("第 2 轮")')
  await expect.poll(async () => (await linksOf(product.url)).length).toBeGreaterThan(first.length + 1)
  const second = (await linksOf(product.url)).filter((link) => !first.includes(link))
  const [going, waiting] = [await openLink(browser, second[0] as string), await openLink(browser, second[1] as string)]
  await going.click('text=我去')
  await going.waitForSelector('.responder-place')
  await waiting.waitForSelector('text=不再需要前往')
  await operator.waitForSelector('.timeline li:has-text("接受")')
  await operator.context().close()
  await going.context().close()
  await waiting.context().close()
})

test("the operator's tab dies, and a colleague takes over", async () => {
  const ana = await signIn(browser, product.url, product.demo, 'op05')
  const { incidentId } = await press(product.url, await pendant(3))
  await ana.evaluate(
    async (id) =>
      fetch(`/api/v1/incidents/${id}/answer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    incidentId,
  )
  await ana.context().close()
  const ben = await signIn(browser, product.url, product.demo, 'op06', { available: false })
  await ben.goto(`${product.url}/?incident=${incidentId}`)
  await ben.waitForSelector('text=同事正在处理')
  product.clock.forward(46_000)
  await ben.click('text=接管（对方已掉线）')
  await ben.waitForSelector('.person-name')
  await ben.waitForSelector('.timeline li:has-text("接管")')
  await ben.context().close()
})

test('what rings is seen on every page, and A takes it there, whatever is selected elsewhere', async () => {
  await product.parts.db.query(`UPDATE presence SET status = 'away'`)
  const ana = await signIn(browser, product.url, product.demo, 'op02')
  await ana.click('.rail a[href="/residents"]')
  await ana.waitForSelector('.page h1:has-text("居民")')
  await press(product.url, await pendant(4), { type: 'fall' })
  // Of all that wait the gravest, then the oldest.
  const [first] = await product.parts.db.query<{ number: number }>(
    `SELECT number FROM incident WHERE status = 'waiting' ORDER BY class, queued_at LIMIT 1`,
  )
  const number = first?.number
  await ana.waitForSelector(`.offer-1:has-text("#${number}")`)
  // Back on the board another one is under the cursor of the list, whose layer of keys is the newer one.
  await ana.click('.rail a[href="/"]')
  await ana.waitForSelector('.queue-row')
  await ana.keyboard.press('ArrowDown')
  await ana.keyboard.press('a')
  await ana.waitForSelector(`.workspace-head:has-text("#${number}")`)
  await ana.waitForSelector('.person-name')
  await ana.context().close()
})

test('a colleague looks without taking, with a reason that a supervisor reviews', async () => {
  const ana = await signIn(browser, product.url, product.demo, 'op03', { available: false })
  const { incidentId } = await press(product.url, await pendant(5))
  await ana.evaluate(
    async (id) =>
      fetch(`/api/v1/incidents/${id}/answer`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{}',
      }),
    incidentId,
  )
  const ben = await signIn(browser, product.url, product.demo, 'op04', { available: false })
  await ben.goto(`${product.url}/?incident=${incidentId}`)
  await ben.fill('[aria-label="为什么要查看？"]', '女儿来电询问')
  await ben.click('text=不接手，仅查看')
  await ben.waitForSelector('.glass-strip:has-text("将被复核")')
  await ben.waitForSelector('.address')
  await ben.waitForSelector('.timeline li')
  // Nothing in it can be pressed: no door code, no result of a call, no command.
  expect(await ben.locator('.workspace button').allTextContents()).toEqual(['关闭'])
  await ben.click('.glass-strip button')
  await ben.waitForSelector('text=同事正在处理')
  const leader = await signIn(browser, product.url, product.demo, 'sup01', { available: false })
  await leader.click('.rail a[href="/audit"]')
  await leader.click('text=紧急查看复核')
  await leader.waitForSelector('tr:has-text("女儿来电询问")')
  expect(await leader.locator('tbody tr.ant-table-row').count()).toBe(1)
  for (const person of [ana, ben, leader]) await person.context().close()
})
