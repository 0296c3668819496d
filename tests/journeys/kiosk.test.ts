import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { signIn } from '../support/people.ts'
import { startHere } from '../support/product.ts'
import { type WebTelephone, webTelephone } from '../support/web-telephone.ts'

let product: Awaited<ReturnType<typeof startHere>>
let silent: Browser
let talking: Browser
let kiosks: { id: string; key: string }[]
const telephones: WebTelephone[] = []
beforeAll(async () => {
  product = await startHere()
  kiosks = product.demo.devices.filter((device) => device.protocol === 'web')
  silent = await launchBrowser()
  talking = await launchBrowser({ hz: 700 })
})
afterAll(async () => {
  for (const telephone of telephones) await telephone.close()
  await silent?.close()
  await talking?.close()
  await product?.close()
})

type Look = { locale?: string; size?: { width: number; height: number }; clock?: boolean }
const wide = { width: 1280, height: 800 }
const tall = { width: 1080, height: 1920 }

/** Somebody sets a kiosk up, the n-th of the demo, and it stands ready. */
async function kioskAt(n: number, browser: Browser, { locale = 'zh-CN', size = wide, clock = false }: Look = {}) {
  const context: BrowserContext = await browser.newContext({ locale, viewport: size, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  if (clock) await page.clock.install()
  await page.goto(`${product.url}/kiosk`)
  await page.fill('input[name=key]', kiosks[n]?.key as string)
  await page.keyboard.press('Enter')
  await page.waitForSelector('.kiosk-two')
  return { page, context }
}

/** An operator's own hand on the API: fetch in their page, with their session. */
const ask = <T>(operator: Page, method: string, path: string, body?: object): Promise<T> =>
  operator.evaluate(
    async ([how, where, what]) => {
      const reply = await fetch(`/api/v1${where}`, {
        method: how as string,
        ...(how !== 'GET' && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(what ?? {}) }),
      })
      return reply.json() as never
    },
    [method, path, body] as const,
  )
type Live = { items: { id: string; incidentId: string; medium: string; row: { rankAt: string; class: number } }[] }
type Offers = { items: { incidentId: string }[] }
type Texts = { items: { side: string; text: string }[] }
const rows = <T extends object>(sql: string, values: unknown[] = []) => product.parts.db.query<T>(sql, values)
const heading = (page: Page, text: string | RegExp) => page.getByRole('heading', { level: 1, name: text }).waitFor()
const write = async (page: Page, text: string) => {
  await page.getByRole('textbox').fill(text)
  await page.getByRole('button', { name: /^(发送|Send)$/ }).click()
}

test('who cannot hear writes at the kiosk, stands in the queue like a caller, and both read each other', async () => {
  const operator = await signIn(silent, product.url, product.demo, 'op01')
  const { page, context } = await kioskAt(0, silent)
  await page.getByRole('button', { name: /写字交流/ }).click()
  await write(page, '我听不见，请帮我交水费')
  await heading(page, '您是下一位，请稍候')
  product.clock.forward(1_000)
  const later = await webTelephone(product.url, { phone: '' })
  telephones.push(later)
  await later.offer('voice.dial', { locale: 'zh-CN' }, 440)

  await expect.poll(async () => (await ask<Live>(operator, 'GET', '/calls?live=true')).items.length).toBe(2)
  const { items } = await ask<Live>(operator, 'GET', '/calls?live=true')
  const text = items.find((call) => call.medium === 'text') as Live['items'][number]
  const voice = items.find((call) => call.medium === 'voice') as Live['items'][number]
  expect(text.row.class).toBe(voice.row.class)
  expect(text.row.rankAt < voice.row.rankAt).toBe(true)
  await expect
    .poll(async () => (await ask<Offers>(operator, 'GET', '/offers')).items[0]?.incidentId)
    .toBe(text.incidentId)

  await ask(operator, 'POST', `/incidents/${text.incidentId}/answer`)
  await heading(page, '工作人员正在和您交流')
  expect(await page.getByRole('status').textContent()).toBe('工作人员正在和您交流')
  const line = { clientId: 'operator-line-1', text: '您好，请告诉我户号。' }
  await ask(operator, 'POST', `/calls/${text.id}/texts`, line)
  await page.getByText('您好，请告诉我户号。').waitFor()
  // Each sees what the other is typing, before it is sent.
  await operator.goto(`${product.url}/?incident=${text.incidentId}`)
  await page.getByRole('textbox').fill('户号 33')
  await operator.getByTestId('typed').getByText('户号 33').waitFor()
  await operator.getByPlaceholder('写给对方').fill('不急，慢慢')
  await page.getByText('不急，慢慢').waitFor()
  await operator.getByPlaceholder('写给对方').fill('')
  await expect.poll(() => page.getByText('不急，慢慢').count()).toBe(0)
  await write(page, '户号 3302')
  await expect.poll(() => operator.getByTestId('typed').textContent()).toBe('')
  await expect
    .poll(async () => (await ask<Texts>(operator, 'GET', `/calls/${text.id}/texts`)).items.map((one) => one.text))
    .toEqual(['我听不见，请帮我交水费', '您好，请告诉我户号。', '户号 3302'])
  expect(await page.getByRole('log').ariaSnapshot()).toBe(
    [
      '- log "对话":',
      '  - list:',
      '    - listitem: 您 我听不见，请帮我交水费',
      '    - listitem: 工作人员 您好，请告诉我户号。',
      '    - listitem: 您 户号 3302',
    ].join('\n'),
  )

  await ask(operator, 'POST', `/calls/${text.id}/hang-up`)
  await heading(page, '对话已结束')
  await page.getByRole('button', { name: '回到首页' }).click()
  await page.waitForSelector('.kiosk-two')
  // Nothing of this person is left for the next one.
  expect(await page.evaluate(() => JSON.stringify([Object.keys(localStorage), Object.keys(sessionStorage)]))).toBe(
    '[["yihu.kiosk"],[]]',
  )
  await page.getByRole('button', { name: /写字交流/ }).click()
  expect(await page.textContent('body')).not.toContain('户号')
  expect(await page.getByRole('textbox').inputValue()).toBe('')
  await context.close()
  await operator.context().close()
  await later.close()
})

test('a line that was written without a network goes when it is back, and is stored once', async () => {
  const { page, context } = await kioskAt(1, silent)
  await page.getByRole('button', { name: '助餐送餐' }).click()
  await page.getByRole('button', { name: /写字交流/ }).click()
  expect(await page.getByRole('textbox').inputValue()).toBe('我需要：助餐送餐。')
  await context.setOffline(true)
  await page.getByRole('button', { name: '发送' }).click()
  await heading(page, '网络断了。您写的话会在恢复后送出')
  await write(page, '两份，谢谢')
  expect(await page.getByRole('log').ariaSnapshot()).toContain('两份，谢谢 还没送出')
  // The centre stores it, and its answer is lost on the way: sent again, it must be the same line.
  let lost = 0
  await page.route('**/kiosk/text-calls', async (route) => {
    if (lost++ > 0) return route.continue()
    await route.fetch()
    await route.abort()
  })
  await context.setOffline(false)
  await heading(page, /您是下一位|您前面还有/)
  await expect.poll(() => page.locator('.kiosk-mark').count()).toBe(0)
  const stored = await rows<{ n: number }>(
    `SELECT t.n FROM call_text t JOIN call c ON c.id = t.call_id WHERE c.device_id = $1 ORDER BY t.n`,
    [kiosks[1]?.id],
  )
  expect([lost, stored.map((one) => one.n)]).toEqual([2, [1, 2]])
  await page.getByRole('button', { name: '结束对话' }).click()
  await page.waitForSelector('.kiosk-two')
  await expect
    .poll(
      async () => (await rows<{ status: string }>('SELECT status FROM call WHERE device_id = $1', [kiosks[1]?.id]))[0],
    )
    .toEqual({ status: 'ended' })
  await context.close()
})

test('without a microphone it says so, and writing is one touch away', async () => {
  const { page, context } = await kioskAt(2, silent)
  await page.getByRole('button', { name: /打电话找人帮忙/ }).click()
  await heading(page, '这台机器听不到您说话')
  expect(await page.getByRole('alert').first().textContent()).toBe('这台机器听不到您说话')
  await page.getByRole('button', { name: '改用写字' }).click()
  await heading(page, '请写下您需要什么')
  await context.close()
})

test('by voice: connecting, waiting, talking with a meter, hung up; then the hotline calls back', async () => {
  const operator = await signIn(talking, product.url, product.demo, 'op02', { voice: true })
  await operator.click('.headset')
  await operator.waitForSelector('.headset.ready')
  const { page, context } = await kioskAt(0, talking)
  await context.grantPermissions(['microphone'])
  await page.getByRole('button', { name: '开锁' }).click()
  await page.getByRole('button', { name: /打电话找人帮忙/ }).click()
  await heading(page, /您是下一位|您前面还有/)
  await page.getByText('“我需要：开锁”').waitFor()
  const find = async () =>
    (await ask<Live>(operator, 'GET', '/calls?live=true')).items.find((call) => call.medium === 'voice')
  await expect.poll(async () => (await find())?.id).toBeTruthy()
  const call = (await find()) as Live['items'][number]
  await ask(operator, 'POST', `/incidents/${call.incidentId}/answer`)
  await heading(page, '正在通话')
  await page.getByText('对方正在说话').waitFor()
  await page.getByRole('button', { name: '挂断' }).click()
  await heading(page, '通话已结束')
  await page.getByRole('button', { name: '回到首页' }).click()
  await page.waitForSelector('.kiosk-two')

  await ask(operator, 'POST', `/incidents/${call.incidentId}/call`, { to: { resident: true } })
  await heading(page, '有人给您打电话')
  expect(await page.getByRole('alert').first().textContent()).toBe('有人给您打电话')
  await page.getByRole('button', { name: '接听' }).click()
  await heading(page, '正在通话')
  await page.getByText('对方正在说话').waitFor()
  await page.getByRole('button', { name: '挂断' }).click()
  await heading(page, '通话已结束')
  await context.close()
  await operator.context().close()
})

describe('when nobody is there any more', () => {
  test('one is asked after forty seconds; a minute later language, contrast, size and draft are gone', async () => {
    const { page, context } = await kioskAt(3, silent, { clock: true })
    await page.getByRole('button', { name: 'English' }).click()
    await page.getByRole('button', { name: 'High contrast' }).click()
    await page.getByRole('button', { name: 'Large text' }).click()
    await page.getByRole('button', { name: /Write instead/ }).click()
    await page.getByRole('textbox').fill('something private')
    await page.clock.runFor(41_000)
    const dialog = page.getByRole('alertdialog', { name: 'Are you still there?' })
    await dialog.waitFor()
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('I am here')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    expect(await page.getByRole('textbox').inputValue()).toBe('something private')
    await page.clock.runFor(61_000)
    await heading(page, '您好，需要什么帮助？')
    const pressed = await page.locator('.kiosk-switch[aria-pressed=true]').count()
    expect([pressed, await page.evaluate(() => document.documentElement.lang)]).toEqual([0, 'zh-CN'])
    await page.getByRole('button', { name: /写字交流/ }).click()
    expect(await page.getByRole('textbox').inputValue()).toBe('')
    await context.close()
  })
  test('in an open conversation one is asked after two minutes, and it ends half a minute later', async () => {
    const { page, context } = await kioskAt(4, silent, { clock: true })
    await page.getByRole('button', { name: /写字交流/ }).click()
    await write(page, '您好')
    await heading(page, /您是下一位|您前面还有/)
    await page.clock.runFor(115_000)
    expect(await page.getByRole('alertdialog').count()).toBe(0)
    await page.clock.runFor(6_000)
    await page.getByRole('alertdialog', { name: '您还在吗？' }).waitFor()
    await page.clock.runFor(31_000)
    await heading(page, '您好，需要什么帮助？')
    await expect
      .poll(
        async () =>
          (await rows<{ status: string }>('SELECT status FROM call WHERE device_id = $1', [kiosks[4]?.id]))[0],
      )
      .toEqual({ status: 'ended' })
    await context.close()
  })
})

describe('set-up', () => {
  test('a wrong key is refused in words, and holding the name for three seconds opens it again', async () => {
    const { page, context } = await kioskAt(5, silent)
    const name = page.locator('.kiosk-brand')
    await name.focus()
    await page.keyboard.down('Enter')
    await page.getByRole('heading', { name: '设置自助终端' }).waitFor()
    await page.keyboard.up('Enter')
    expect(await page.getByRole('textbox').inputValue()).toBe('')
    await page.getByRole('textbox').fill('no-such-key-no-such-key')
    await page.keyboard.press('Enter')
    await page.locator('.kiosk-fault').waitFor()
    expect(await page.getByRole('alert').first().textContent()).toContain('密钥无效')
    await page.getByRole('button', { name: '取消' }).click()
    await page.waitForSelector('.kiosk-two')
    await context.close()
  })
})

describe('read by ear', () => {
  test('the start says where one is, what one can do, and whom to dial when life is in danger', async () => {
    const { page, context } = await kioskAt(0, silent, { locale: 'en' })
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    expect(await page.locator('.kiosk').ariaSnapshot()).toBe(
      [
        '- banner:',
        '  - button "Yihu Tingchao Community"',
        '  - group "Display":',
        '    - button "中文"',
        '    - button "High contrast"',
        '    - button "Large text"',
        '- main:',
        '  - heading "Hello, how can we help?" [level=1]',
        '  - button "Call for help Press to speak":',
        '    - strong: Call for help',
        '    - text: Press to speak',
        '  - button "Write instead Press to write":',
        '    - strong: Write instead',
        '    - text: Press to write',
        '  - region "Often asked for":',
        '    - heading "Often asked for" [level=2]',
        '    - list:',
        ...[
          'Care at home',
          'Device check',
          'Electrical repair',
          'Home help',
          'Locked out',
          'Meals',
          'Public matters',
          'Plumbing',
        ].flatMap((tile) => ['      - listitem:', `        - button "${tile}"`]),
        '- contentinfo:',
        '  - paragraph:',
        '    - text: In an emergency dial',
        '    - strong: "110"',
        '    - text: police',
        '    - strong: "119"',
        '    - text: fire',
        '    - strong: "120"',
        '    - text: ambulance',
        '  - paragraph:',
        '    - text: Hotline',
        '    - strong: "12349"',
        '- status',
        '- alert',
      ].join('\n'),
    )
    await context.close()
  })
  test('everything is done with the keyboard alone', async () => {
    const { page, context } = await kioskAt(6, silent)
    const reach = async (name: RegExp) => {
      for (let i = 0; i < 30; i++) {
        await page.keyboard.press('Tab')
        if (name.test((await page.evaluate(() => document.activeElement?.textContent)) ?? '')) return
      }
      throw new Error(`${name} is out of reach`)
    }
    await reach(/^写字交流/)
    await page.keyboard.press('Enter')
    await heading(page, '请写下您需要什么')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('H1')
    await reach(/^我听不见。$/)
    await page.keyboard.press('Enter')
    await reach(/^我听不见。$/) // the field, with what was put into it
    await page.keyboard.press('Enter')
    await heading(page, /您是下一位|您前面还有/)
    await page.keyboard.press('Shift+Tab')
    await reach(/^结束对话$/)
    await page.keyboard.press('Enter')
    await page.waitForSelector('.kiosk-two')
    await context.close()
  })
})

/** What the requirements say of a screen, measured: everything that is too small, too wide or too low in contrast. */
async function lapses(page: Page, contrast: boolean): Promise<string[]> {
  const measured = await page.evaluate(() => {
    const found: string[] = []
    const said = (element: Element) => `${element.className || element.tagName} "${element.textContent?.slice(0, 20)}"`
    for (const control of document.querySelectorAll('.kiosk button, .kiosk textarea, .kiosk input')) {
      const { width, height } = control.getBoundingClientRect()
      if (width > 0 && Math.min(width, height) < 64) found.push(`target of ${width} × ${height}: ${said(control)}`)
    }
    for (const element of document.querySelectorAll('.kiosk *')) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim())
      const hidden = element.closest('.sr-only')
      if (own && !hidden && Number.parseFloat(getComputedStyle(element).fontSize) < 24)
        found.push(`small: ${said(element)}`)
      const { left, right } = element.getBoundingClientRect()
      if (!hidden && (left < -1 || right > innerWidth + 1)) found.push(`beside the screen: ${said(element)}`)
    }
    if (document.documentElement.scrollWidth > innerWidth) found.push('scrolls sideways')
    if (document.querySelectorAll('h1').length !== 1) found.push('not one h1')
    return found
  })
  return [...measured, ...(await faults(page)), ...(contrast ? await faults(page, ['color-contrast-enhanced']) : [])]
}

// Each pair of language, contrast, size and screen once: four looks of sixteen.
const looks = [
  { locale: 'zh-CN', contrast: false, large: false, size: wide },
  { locale: 'zh-CN', contrast: true, large: true, size: tall },
  { locale: 'en', contrast: false, large: true, size: wide },
  { locale: 'en', contrast: true, large: false, size: tall },
]
describe.each(looks)('in $locale, high contrast $contrast, large $large', ({ locale, contrast, large, size }) => {
  test('every screen is large enough, wide enough and readable, and axe finds nothing serious', async () => {
    const { page, context } = await kioskAt(7, silent, { locale, size, clock: true })
    if (contrast) await page.click('.kiosk-switch:nth-child(2)')
    if (large) await page.click('.kiosk-switch:nth-child(3)')
    const check = async (screen: string) => expect([screen, await lapses(page, contrast)]).toEqual([screen, []])
    await check('start')
    await page.click('.kiosk-tile')
    await check('service')
    await page.click('.kiosk-round.call')
    await page.waitForSelector('.kiosk-call.no-microphone')
    await check('no microphone')
    await page.click('.kiosk-big.write')
    await page.waitForSelector('.kiosk-write')
    await check('writing')
    await page.click('.kiosk-composer .kiosk-big')
    await page.waitForSelector('.kiosk-bubble')
    await page.waitForSelector('.kiosk-write-top .stop')
    await check('conversation')
    await page.click('.kiosk-write-top .stop')
    await page.waitForSelector('.kiosk-two')
    if (contrast) await page.click('.kiosk-switch:nth-child(2)')
    if (large) await page.click('.kiosk-switch:nth-child(3)')
    await page.click('.kiosk-tile')
    await page.clock.runFor(41_000)
    await page.waitForSelector('dialog')
    await check('still there')
    await page.click('dialog .write')
    const legId = crypto.randomUUID()
    const ring = { callId: crypto.randomUUID(), legId, to: { kiosk: kiosks[7]?.id as string } }
    await expect.poll(() => product.voice.place(ring)).toBe('ringing')
    await page.waitForSelector('.kiosk-ring')
    await check('ringing')
    await product.parts.voice.hangUp(legId, 'hung-up')
    await context.close()
  })
})
