import { readFileSync } from 'node:fs'
import jsQR from 'jsqr'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { protocols } from '../../server/contracts/vocabulary.ts'
import { faults } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
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

const query = <T extends object>(sql: string, values: unknown[] = []) => product.parts.db.query<T>(sql, values)
const button = (page: Page, name: string | RegExp) => page.getByRole('button', { name })

/** What a reader sees: the code as it is on the screen, turned into points and decoded by another's library. */
async function scanned(page: Page): Promise<string> {
  const image = await page.evaluate(async () => {
    const svg = document.querySelector('.device-label svg') as SVGElement
    const size = 400
    const picture = new Image()
    picture.src = `data:image/svg+xml,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`
    await picture.decode()
    const canvas = Object.assign(document.createElement('canvas'), { width: size, height: size })
    const pen = canvas.getContext('2d') as CanvasRenderingContext2D
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, size, size)
    pen.drawImage(picture, 20, 20, size - 40, size - 40)
    return { size, points: [...pen.getImageData(0, 0, size, size).data] }
  })
  return jsQR(new Uint8ClampedArray(image.points), image.size, image.size)?.data ?? ''
}

// Told once more, the story meets what it left behind.
const account = `J-${Date.now() % 1e6}`
const csv = (text: string) => ({ name: '设备.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })

test('a delivery comes as a file: its faults are named, the mended one is registered, and its keys are taken away once', async () => {
  const page = await signIn(browser, product.url, product.demo, 'op01', { available: false })
  const [resident] = await query<{ name: string; phone: string }>(
    `SELECT r.name, r.phone FROM resident r JOIN area a ON a.id = r.area_id WHERE a.name = '听潮社区' AND r.active AND r.phone IS NOT NULL
       AND (SELECT count(*) FROM resident s WHERE s.phone = r.phone) = 1 ORDER BY r.id LIMIT 1`,
  )
  await page.goto(`${product.url}/devices`)
  await button(page, '从 CSV 导入').click()
  const template = page.waitForEvent('download')
  await button(page, '下载模板').click()
  const head = readFileSync(await (await template).path(), 'utf8').trimEnd()
  expect(head).toBe('\ufeff"设备编号","协议","类型","型号","网关编号","位置","社区","居民姓名","居民电话","居民档案号"')
  const row = `${account},http,挂坠,,,卧室,,${resident?.name},${resident?.phone},`
  const choose = async (text: string) => page.locator('input[type=file]').setInputFiles(csv(text))
  await choose([head, row, 'J-2,fax,挂坠,,,,听潮社区,,,'].join('\r\n'))
  await page.getByText('1 处有问题').waitFor()
  const fault = await page.locator('.ant-modal .plain').last().locator('td').allTextContents()
  expect(fault).toEqual(['3', '协议', `不能识别。请填：${protocols.join(' / ')}`])
  expect(await faults(page)).toEqual([])
  expect(await button(page, /^登记全部/).isDisabled()).toBe(true)
  await choose([head, row].join('\r\n'))
  await page.getByText('1 台设备可以登记').waitFor()
  await button(page, /^登记全部/).click()
  await page.getByText('已登记 1 台设备').waitFor()
  const keys = page.waitForEvent('download')
  await button(page, '下载密钥').click()
  const [, line] = readFileSync(await (await keys).path(), 'utf8').split('\r\n')
  const cells = (line as string).slice(1, -1).split('","')
  expect(cells.slice(0, 6)).toEqual([account, 'HTTP', '挂坠', resident?.name, '卧室', product.url])
  expect(await faults(page)).toEqual([])
  await button(page, '完成').click()
  await press(product.url, { key: cells[6] as string }, { type: 'test' })
  const stored = await query('SELECT 1 FROM alarm a JOIN device d ON d.id = a.device_id WHERE d.account = $1', [
    account,
  ])
  expect(stored).toHaveLength(1)
  await page.context().close()
})

test('a kiosk is enrolled by the code of its new key, which stays in no address; revoked, it is told so', async () => {
  const page = await signIn(browser, product.url, product.demo, 'admin', { available: false })
  const [kiosk] = await query<{ id: string }>(`SELECT id FROM device WHERE kind = 'kiosk' ORDER BY id LIMIT 1`)
  await page.goto(`${product.url}/devices?id=${kiosk?.id}`)
  await button(page, '更换密钥').click()
  await button(page, '更换密钥').click()
  await page.locator('.device-label svg').first().waitFor()
  const link = await scanned(page)
  expect(link).toMatch(new RegExp(`^${product.url}/kiosk#key=[\\w-]{43}$`))
  expect(await faults(page)).toEqual([])
  await page.emulateMedia({ media: 'print' })
  // The label and nothing else.
  expect(await page.locator('.on-paper svg').isVisible()).toBe(true)
  expect(await page.locator('body > :visible').count()).toBe(1)
  await page.emulateMedia({ media: 'screen' })

  const context = await browser.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } })
  const screen = await context.newPage()
  await screen.goto(link)
  await screen.waitForSelector('.kiosk-two')
  expect(new URL(screen.url()).hash).toBe('')

  await button(page, '收回密钥').click()
  await page.getByLabel('原因').fill('终端失窃')
  await button(page, '立即收回').click()
  await page.getByText('密钥已收回：终端失窃').waitFor()
  await screen.reload()
  await screen.getByRole('heading', { level: 1 }).waitFor()
  await expect.poll(() => screen.locator('.kiosk-two').count()).toBe(0)
  await context.close()
  await page.context().close()
})

test('a panel is installed, pressed, confirmed by voice and in service: the device page and the incident say each step', async () => {
  const page = await signIn(browser, product.url, product.demo, 'op01')
  const [device] = await query<{ id: string; account: string }>(
    `UPDATE device SET state = 'activated', activated_at = $1, last_good_test_at = NULL, first_press_at = NULL WHERE id = (
       SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id JOIN area a ON a.id = d.area_id
       WHERE d.state = 'in-service' AND a.name = '听潮社区' AND r.line_class = 2 AND r.languages[1] = 'zh'
         AND NOT EXISTS (SELECT 1 FROM incident i WHERE i.resident_id = r.id) ORDER BY d.account LIMIT 1) RETURNING id, account`,
    [product.clock.now()],
  )
  const step = () => page.locator('.journey [aria-current=step]').textContent()
  const open = () => page.goto(`${product.url}/devices?id=${device?.id}`)
  await open()
  await page.locator('.journey').waitFor()
  expect(await step()).toBe('已安装')
  expect(await faults(page)).toEqual([])
  await press(product.url, { key: product.demo.devices.find((one) => one.id === device?.id)?.key as string })
  await open()
  await page.getByText('已收到首次按下').waitFor()
  expect(await step()).toBe('已收到首次按下')
  await page.goto(product.url)
  await page.waitForSelector('.offer')
  await page.keyboard.press('a')
  await page.waitForSelector('.person-name')
  await page.getByText('首次按下：请用语音确认').waitFor()
  await button(page, '已听到，设备投入使用').click()
  await page.getByText('设备已由语音确认，投入使用').waitFor()
  await button(page, '已听到，设备投入使用').waitFor({ state: 'detached' })
  expect(await faults(page)).toEqual([])
  await open()
  await page.getByText('今天测试').first().waitFor()
  expect(await page.locator('.journey').count()).toBe(0)
  await page.context().close()
})

test('an administrator of the district keeps the types of device', async () => {
  const page = await signIn(browser, product.url, product.demo, 'admin', { available: false })
  await page.goto(`${product.url}/device-types`)
  await button(page, '新增设备类型').click()
  expect(await faults(page)).toEqual([])
  const fill = (label: string, text: string) => page.getByLabel(label, { exact: true }).fill(text)
  await fill('代码', 'acme-1')
  await fill('名称', '甲型')
  await fill('英文名', 'Acme')
  await fill('心跳间隔（秒）', '300')
  await fill('多久算迟到（秒）', '600')
  await fill('多久算失联（秒）', '900')
  await fill('特性（每行一项）', 'binaryCrc = true\nretries = 3')
  await button(page, '保 存').or(button(page, '保存')).click()
  await expect
    .poll(() => query(`SELECT heartbeat_s, battery_low, quirks FROM device_type WHERE code = 'acme-1'`))
    .toEqual([{ heartbeat_s: 300, battery_low: 0.2, quirks: { binaryCrc: true, retries: 3 } }])
  await page.context().close()
})
