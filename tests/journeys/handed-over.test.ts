import type { Browser, Page } from 'playwright-core'
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

const accountOf = async (username: string) =>
  (await product.parts.db.query<{ id: string }>('SELECT id FROM account WHERE username = $1', [username]))[0]
    ?.id as string
/** As the form of the page asks it. */
const post = (page: Page, path: string, body: object = {}) =>
  page.evaluate(
    async ([path, body]) =>
      (await fetch(`/api/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).status,
    [path, JSON.stringify(body)] as const,
  )

test('a smoke alarm that is handed over rings at the colleague; refused, its owner is told and keeps it; taken, it is theirs', async () => {
  const [row] = await product.parts.db.query<{ id: string }>(
    `SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.line_class = 2 ORDER BY d.account`,
  )
  const key = product.demo.devices.find((one) => one.id === row?.id)?.key as string
  const ana = await signIn(browser, product.url, product.demo, 'op01')
  const { incidentId } = await press(product.url, { key }, { type: 'smoke' })
  await ana.waitForSelector('.offer')
  await ana.keyboard.press('a')
  await ana.waitForSelector('.person-name')
  const ben = await signIn(browser, product.url, product.demo, 'op02')
  const hand = async () =>
    post(ana, `/incidents/${incidentId}/transfer`, { operatorId: await accountOf('op02'), reason: '交班' })
  expect(await hand()).toBe(200)
  await ben.waitForSelector('.offer:has-text("转交给您")')
  await ana.waitForSelector('text=接手之前仍由您处理')
  await ben.keyboard.press('x')
  await ana.waitForSelector('[role=alert]:has-text("没有接手")')
  expect(await hand()).toBe(200)
  await ben.waitForSelector('.offer:has-text("转交给您")')
  await ben.keyboard.press('a')
  await ben.waitForSelector('.person-name')
  await ben.waitForSelector('.timeline li:has-text("转交给")')

  // Whoever goes then sees what the desk wrote, and that their place is seen.
  expect(
    await post(ben, `/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 1, answers: {} }),
  ).toBe(200)
  expect(await post(ben, `/incidents/${incidentId}/note`, { text: '厨房冒烟，人在阳台' })).toBe(200)
  expect(await post(ben, `/incidents/${incidentId}/dispatch`)).toBe(200)
  await expect.poll(async () => (await linksOf(product.url)).length).toBeGreaterThan(0)
  const helper = await openLink(browser, (await linksOf(product.url))[0] as string)
  await helper.context().grantPermissions(['geolocation'])
  await helper.context().setGeolocation({ latitude: 30.262, longitude: 120.152, accuracy: 15 })
  await helper.click('text=我去')
  await helper.waitForSelector('.responder-place:has-text("厨房冒烟，人在阳台")')
  await helper.waitForSelector('a[href="tel:12349"]')
  await helper.waitForSelector('text=值班员能看到您的位置')
  const at = () =>
    product.parts.db.query(
      `SELECT r.lat FROM responder r JOIN assignment s ON s.responder_id = r.id WHERE s.incident_id = $1 AND s.status = 'accepted'`,
      [incidentId],
    )
  await expect.poll(at).toEqual([{ lat: 30.262 }])
  await helper.context().close()
  await ana.context().close()
  await ben.context().close()
})
