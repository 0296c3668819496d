import type { Browser, BrowserContext, Page } from 'playwright-core'
import { listenIn } from './listen.ts'
import type { Demo } from './product.ts'

type Look = { locale?: string; colorScheme?: 'light' | 'dark'; phone?: boolean; voice?: boolean }

/** Somebody at a screen of their own. */
export async function sitDown(browser: Browser, look: Look = {}): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({
    locale: look.locale ?? 'zh-CN',
    colorScheme: look.colorScheme ?? 'light',
    viewport: look.phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    reducedMotion: 'reduce',
  })
  if (look.voice) {
    await context.grantPermissions(['microphone'])
    await context.addInitScript(listenIn)
  }
  const page = await context.newPage()
  page.setDefaultTimeout(15_000)
  return { context, page }
}

/** An operator signs in at the console and, unless told otherwise, says that they are available. */
export async function signIn(
  browser: Browser,
  url: string,
  demo: Demo,
  username: string,
  options: Look & { available?: boolean } = {},
): Promise<Page> {
  const { page } = await sitDown(browser, options)
  await page.goto(url)
  await page.fill('input[name=username]', username)
  await page.fill(
    'input[name=password]',
    demo.accounts.find((account) => account.username === username)?.password ?? '',
  )
  await page.keyboard.press('Enter')
  await page.waitForSelector('.frame')
  if (options.available ?? true) {
    await page.click('.menu summary')
    await page.click('.menu-list button:first-child')
    await page.waitForSelector('.menu summary .dot.available')
  }
  return page
}

/** A responder opens the link of the newest message on their telephone. */
export async function openLink(browser: Browser, link: string): Promise<Page> {
  const { page } = await sitDown(browser, { phone: true })
  await page.goto(link)
  await page.waitForSelector('.responder h1')
  return page
}

type Message = { link: string | null; createdAt: string }
export async function linksOf(url: string): Promise<string[]> {
  const reply = (await (await fetch(`${url}/api/v1/demo/messages`)).json()) as { items: Message[] }
  return reply.items.flatMap((message) => message.link ?? [])
}
