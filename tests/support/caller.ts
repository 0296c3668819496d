import type { Browser } from 'playwright-core'
import { expect } from 'vitest'
import type { BrowserLeg } from './browser-leg.ts'
import { hearsExactly } from './listen.ts'
import { sitDown } from './people.ts'
import { power } from './tones.ts'
import { webTelephone } from './web-telephone.ts'

// A tone of one's own is nearly all that is heard; of three mixed each is a third.
const heardShare = 0.1

/** Somebody with a telephone, who says one tone. */
export type CallerAtPhone = {
  dial(): Promise<void>
  /** Waits until it rings here; nobody goes to it. */
  rings(): Promise<void>
  /** Waits until it rings here, and picks up. */
  pickUp(): Promise<void>
  hearsExactly(wanted: number[], tones: number[]): Promise<void>
  hangUp(): Promise<void>
  close(): Promise<void>
}

/** The telephone with this number in a browser of its own, as anybody opens it at /simulator. */
export async function callerInBrowser(browser: Browser, url: string, number: string): Promise<CallerAtPhone> {
  const { context, page } = await sitDown(browser, { voice: true })
  await page.goto(`${url}/simulator`)
  await page.fill('input[type=search]', number.replace('+86', ''))
  await page.click('.sim-found button >> nth=0')
  await page.waitForSelector('.sim-handset.idle button:not([disabled])')
  const press = (name: string) => page.click(`.sim-handset button:has-text("${name}")`)
  return {
    dial: async () => {
      await press('拨打')
      await page.waitForSelector('.sim-handset.up')
    },
    rings: async () => void (await page.waitForSelector('.sim-handset.ringing', { timeout: 20_000 })),
    pickUp: async () => {
      await page.waitForSelector('.sim-handset.ringing', { timeout: 20_000 })
      await press('接听')
      await page.waitForSelector('.sim-handset.up')
    },
    hearsExactly: (wanted, tones) => hearsExactly(page, wanted, tones),
    hangUp: () => press('挂断'),
    close: () => context.close(),
  }
}

/** The same without a browser, on a WebRTC stack of its own: an independent other side. */
export async function callerAt(url: string, number: string, hz: number): Promise<CallerAtPhone> {
  const telephone = await webTelephone(url, { phone: number })
  let leg: { legId: string; browser: BrowserLeg } | undefined
  const taken = (legId: string | undefined, browser: BrowserLeg) => {
    if (!legId) throw new Error('not taken')
    leg = { legId, browser }
  }
  return {
    async dial() {
      const { reply, browser } = await telephone.offer('voice.dial', { locale: 'zh-CN' }, hz)
      taken(reply.legId, browser)
    },
    async rings() {
      await expect.poll(() => telephone.rings.length, { timeout: 20_000 }).toBeGreaterThan(0)
    },
    async pickUp() {
      await expect.poll(() => telephone.rings.length, { timeout: 20_000 }).toBeGreaterThan(0)
      const legId = telephone.rings.at(-1)?.legId as string
      const { reply, browser } = await telephone.offer('voice.answer', { legId }, hz)
      taken(reply.legId, browser)
    },
    async hearsExactly(wanted, tones) {
      await expect
        .poll(
          () => {
            const heard = leg?.browser.heard(300)
            return heard && heard.length > 0 ? tones.filter((one) => power(heard, one) > heardShare) : [-1]
          },
          { timeout: 15_000, interval: 200 },
        )
        .toEqual(wanted)
    },
    async hangUp() {
      if (leg) await telephone.say('voice.hang-up', { legId: leg.legId })
    },
    close: () => telephone.close(),
  }
}
