import { expect } from 'vitest'
import type { BrowserLeg } from './browser-leg.ts'
import { power } from './tones.ts'
import { type WebTelephone, webTelephone } from './web-telephone.ts'

// A tone of one's own is nearly all that is heard; of three mixed each is a third.
const heardShare = 0.1

/** Somebody with a telephone, who says one tone. */
export type CallerAtPhone = {
  telephone: WebTelephone
  dial(): Promise<{ callId: string; legId: string }>
  /** Waits until it rings here, and picks up. */
  pickUp(): Promise<void>
  hearsExactly(wanted: number[], tones: number[]): Promise<void>
  hangUp(): Promise<void>
  close(): Promise<void>
}

/** The telephone with this number ('' is withheld), at a running product with demo data. */
export async function callerAt(url: string, number: string, hz: number): Promise<CallerAtPhone> {
  const telephone = await webTelephone(url, { phone: number })
  let leg: { legId: string; browser: BrowserLeg } | undefined
  const taken = (legId: string | undefined, browser: BrowserLeg) => {
    if (!legId) throw new Error('not taken')
    leg = { legId, browser }
    return legId
  }
  return {
    telephone,
    async dial() {
      const { reply, browser } = await telephone.offer('voice.dial', { locale: 'zh-CN' }, hz)
      return { callId: reply.callId as string, legId: taken(reply.legId, browser) }
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
