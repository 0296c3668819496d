import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from './axe.ts'
import { launchBrowser } from './browser.ts'
import { linksOf, signIn, sitDown } from './people.ts'
import { press, startHere } from './product.ts'

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let link: string
beforeAll(async () => {
  product = await startHere({ TEST_CALL_HOURS: '00:00-00:00' })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await product?.close()
})

type Look = { locale: 'zh-CN' | 'en'; colorScheme: 'light' | 'dark' }

/** The stories of one look, for a test file of its own. */
export const accessibleIn = (look: Look) =>
  describe(`no serious finding in ${look.locale}, ${look.colorScheme}`, () => {
    test('signing in, the simulator and the responder page', async () => {
      const { page, context } = await sitDown(browser, look)
      await page.goto(product.url)
      await page.waitForSelector('form')
      expect(await faults(page)).toEqual([])
      await page.goto(`${product.url}/simulator`)
      await page.waitForSelector('.pendant-button')
      expect(await faults(page)).toEqual([])
      await context.close()
    })

    test('the board with its workspace, and the responder’s telephone', async () => {
      const page = await signIn(browser, product.url, product.demo, 'op01', look)
      await product.parts.db.query('DELETE FROM message')
      const [device] = await product.parts.db.query<{ id: string }>(
        `SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.protocol = 'http' AND d.state = 'in-service' AND r.line_class = 2 AND r.languages[1] = 'zh'
       AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.resident_id = r.id) ORDER BY d.account LIMIT 1`,
      )
      await press(product.url, { key: product.demo.devices.find((one) => one.id === device?.id)?.key as string })
      await page.waitForSelector('.offer')
      expect(await faults(page)).toEqual([])
      await page.keyboard.press('a')
      await page.waitForSelector('.person-name')
      await page.waitForSelector('.helper')
      expect(await faults(page)).toEqual([])
      await page.keyboard.press('1')
      await page.waitForSelector('.question')
      await page.keyboard.press('d')
      await page.keyboard.press('Enter')
      await page.waitForSelector('.assignment')
      expect(await faults(page)).toEqual([])
      await expect.poll(async () => (await linksOf(product.url)).length).toBeGreaterThan(0)
      link = (await linksOf(product.url))[0] as string
      const phone = await sitDown(browser, { ...look, phone: true })
      await phone.page.goto(link)
      await phone.page.waitForSelector('.responder h1')
      expect(await faults(phone.page)).toEqual([])
      await phone.page.click('.btn.big.primary')
      await phone.page.waitForSelector('.responder-place')
      expect(await faults(phone.page)).toEqual([])
      await phone.page.click('.responder-buttons .btn.big:nth-child(2)')
      await phone.page.click('.responder-buttons .btn.big')
      await page.waitForFunction(() => document.querySelectorAll('.workspace .btn.primary:not(:disabled)').length > 0)
      await page.keyboard.press('r')
      await page.waitForSelector('[role=radiogroup]')
      expect(await faults(page)).toEqual([])
      await page.keyboard.press('1')
      await page.keyboard.press('Enter')
      await phone.context.close()
      await page.context().close()
    })

    test('a test call, the unprotected on a map, and who is behind an outage', async () => {
      const { db } = product.parts
      const page = await signIn(browser, product.url, product.demo, 'sup01', { ...look, available: false })
      await page.goto(`${product.url}/unprotected`)
      await page.waitForSelector('.page-inner li.card')
      await page.click('section.card .ant-btn')
      await page.waitForSelector('form .ant-select')
      expect(await faults(page)).toEqual([])
      // Everybody of one community that has no campaign yet.
      await db.query('UPDATE device SET last_good_test_at = NULL')
      const [area] = await db.query<{ id: string }>(
        `SELECT id FROM area WHERE level = 'community' AND id NOT IN (SELECT area_id FROM campaign) ORDER BY name LIMIT 1`,
      )
      const made = await page.evaluate(async (areaId) => {
        const body = JSON.stringify({ areaId, reason: null, residentsMax: 20 })
        return (
          await fetch('/api/v1/campaigns', { method: 'POST', headers: { 'content-type': 'application/json' }, body })
        ).status
      }, area?.id)
      expect(made).toBe(200)
      await page.reload()
      await page.click('.campaign-row .ant-btn-primary')
      await page.waitForSelector('.test-call')
      await page.keyboard.press('b')
      await page.waitForSelector('.test-call [role=status]')
      expect(await faults(page)).toEqual([])
      await page.keyboard.press('1')
      await page.waitForSelector('.test-call strong.chip')
      expect(await faults(page)).toEqual([])
      await page.click('.ant-segmented >> nth=1 >> .ant-segmented-item >> nth=1')
      await page.waitForSelector('.unprotected-map canvas')
      expect(await faults(page)).toEqual([])

      const [device] = await db.query<{ id: string }>(
        `SELECT d.id FROM device d WHERE d.protocol = 'http' AND d.state = 'in-service' AND d.resident_id IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.resident_id = d.resident_id) ORDER BY d.account DESC LIMIT 1`,
      )
      const key = product.demo.devices.find((one) => one.id === device?.id)?.key as string
      const { incidentId } = await press(product.url, { key })
      await db.query(
        `WITH one AS (INSERT INTO outage (id, fold, incident_id, device_id, since) VALUES (gen_random_uuid(), 'gateway:' || $2::uuid::text, $1, $2::uuid, $3) RETURNING id)
       INSERT INTO outage_device (outage_id, device_id) SELECT one.id, d.id FROM one, (SELECT id FROM device WHERE resident_id IS NOT NULL ORDER BY account LIMIT 20) d`,
        [incidentId, device?.id, product.clock.now()],
      )
      await page.goto(`${product.url}/?incident=${incidentId}`)
      await page.waitForSelector('.outage')
      await page.click('.outage .btn >> nth=1')
      await page.waitForSelector('.outage-row')
      expect(await faults(page)).toEqual([])
      await page.context().close()
    })

    test('files, wallboard and administration', async () => {
      const pages: [string, string[]][] = [
        [
          'op01',
          [
            '/wallboard',
            '/follow-ups',
            '/residents',
            '/households',
            '/devices',
            '/unprotected',
            '/providers',
            '/responders',
            '/catalogue',
          ],
        ],
        ['sup01', ['/alerts', '/audit']],
        ['admin', ['/areas', '/accounts', '/prompts', '/device-types']],
      ]
      for (const [username, places] of pages) {
        const page = await signIn(browser, product.url, product.demo, username, { ...look, available: false })
        for (const place of places) {
          await page.goto(product.url + place)
          await page.waitForSelector('.page h1')
          await page.waitForLoadState('networkidle')
          expect([place, await faults(page)]).toEqual([place, []])
        }
        if (username === 'op01') {
          await page.goto(`${product.url}/residents`)
          await page.click('table .link')
          await page.waitForSelector('.ant-drawer form')
          await page.waitForTimeout(400) // the drawer's own sliding in
          expect(await faults(page)).toEqual([])
        }
        await page.context().close()
      }
    })
  })
