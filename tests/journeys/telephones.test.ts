import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { hearsExactly } from '../support/listen.ts'
import { signIn } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { startHere } from '../support/product.ts'
import { power } from '../support/tones.ts'
import { startBaresip } from '../telephony/sip/support/baresip.ts'
import { folder, has } from '../telephony/sip/support/binary.ts'

// A telephone that knows nothing of us but SIP: Debian's baresip, with a number of a resident.
const tones = { phone: 1_250, ana: 1_750 }
const all = Object.values(tones)
const lengthMs = 60_000

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let ana: Page
let phone: Awaited<ReturnType<typeof startBaresip>>
let number: string
let server: string

describe.skipIf(!has('baresip'))('a SIP telephone (baresip)', () => {
  beforeAll(async () => {
    const port = await freePort()
    server = `127.0.0.1:${port}`
    // Of the fictional block, and nobody's.
    number = '+8619900092081'
    product = await startHere({
      SIP_LISTEN: `udp:${server}`,
      SIP_PEERS: JSON.stringify([
        { name: 'desk', kind: 'telephone', user: 'desk', password: 'secret-of-desk', number, from: [] },
      ]),
    })
    browser = await launchBrowser({ hz: tones.ana })
    ana = await signIn(browser, product.url, product.demo, 'op01', { voice: true })
    await ana.click('.headset')
    await ana.waitForSelector('.headset.ready')
    phone = await startBaresip({
      cwd: folder('sip-journey'),
      name: 'desk',
      password: 'secret-of-desk',
      server,
      transport: 'udp',
      hz: tones.phone,
      ms: lengthMs,
    })
  })
  afterAll(async () => {
    await phone?.stop()
    await browser?.close()
    await product?.close()
  })

  /** What the telephone has heard in its last half second. */
  const phoneHears = () => all.filter((hz) => power(phone.heard().subarray(-4_000), hz) > 0.3)
  const calls = () =>
    product.parts.db.query<{
      id: string
      status: string
      because: string | null
      verified: boolean
      direction: string
      rating: number | null
    }>('SELECT id, status, ended_because AS because, verified, direction, rating FROM call ORDER BY offered_at')

  test('dials the one number, is greeted, talks with an operator, and says by a key how it was', async () => {
    await expect.poll(() => product.parts.voice.reaches({ phone: number }), { timeout: 15_000 }).toBe(true)
    phone.tell('dial', `sip:12349@${server}`)
    await ana.waitForSelector('.offer', { timeout: 20_000 })
    await ana.keyboard.press('a')
    await ana.waitForSelector('.call-strip.talking')
    await hearsExactly(ana, [tones.phone], all)
    await expect.poll(phoneHears, { timeout: 15_000 }).toEqual([tones.ana])
    expect(await calls()).toMatchObject([{ status: 'answered', verified: true, direction: 'in' }])
    await ana.keyboard.press('Shift+E')
    await ana.waitForSelector('.ended-call')
    phone.tell('sndcode', '1')
    phone.tell('sndcode', '\u0004')
    await expect.poll(async () => (await calls())[0]?.rating, { timeout: 10_000 }).toBe(1)
    await expect.poll(async () => (await calls())[0]?.because).toBe('hung-up')
  })

  test('is rung by the operator, who is heard and hears, and hangs up itself', async () => {
    await ana.keyboard.press('p')
    await ana.waitForSelector('.call-strip.talking')
    await hearsExactly(ana, [tones.phone], all)
    await expect.poll(phoneHears, { timeout: 15_000 }).toEqual([tones.ana])
    phone.tell('hangup')
    await expect.poll(async () => (await calls()).at(-1)?.because, { timeout: 10_000 }).toBe('hung-up')
    expect((await calls()).at(-1)?.direction).toBe('out')
  })
})
