import type { Browser, Page } from 'playwright-core'
import twilio from 'twilio'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { hearsExactly, listenIn } from '../support/listen.ts'
import { signIn } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { startHere } from '../support/product.ts'
import { loudest, samplesOf } from '../support/recorded.ts'
import { power } from '../support/tones.ts'
import { type PretendTwilio, pretendTwilio } from '../support/twilio.ts'
import { twilioTelephone } from '../support/twilio-telephone.ts'
import { startBaresip } from '../telephony/sip/support/baresip.ts'
import { folder, has } from '../telephony/sip/support/binary.ts'

// Three ways in, one queue: Debian's baresip, a telephone behind (our pretend) Twilio, and a kiosk in a browser.
const tones = { sip: 1_250, twilio: 1_500, kiosk: 2_000, ana: 1_750, ben: 2_750 }
const all = Object.values(tones)
const account = { accountSid: `AC${'a'.repeat(32)}`, token: 'b'.repeat(32), baseUrl: 'https://yihu.example' }
// Of the fictional block, and nobody's.
const numbers = { sip: '+8619900092081', twilio: '+8619900092082' }
const heardShare = 0.3

let product: Awaited<ReturnType<typeof startHere>>
let peer: PretendTwilio
let phone: Awaited<ReturnType<typeof startBaresip>>
let server: string
const browsers = {} as Record<'ana' | 'ben' | 'kiosk', Browser>
let ana: Page
let ben: Page
let kiosk: Page

const headset = async (browser: Browser, name: string): Promise<Page> => {
  const page = await signIn(browser, product.url, product.demo, name, { voice: true })
  await page.click('.headset')
  await page.waitForSelector('.headset.ready')
  return page
}

type Row = { id: string; line: string; status: string; because: string | null; rating: number | null; kiosk: boolean }
const calls = () =>
  product.parts.db.query<Row>(
    `SELECT id, line, status, ended_because AS because, rating, device_id IS NOT NULL AS kiosk FROM call ORDER BY offered_at`,
  )

// One process has web and media here: Twilio's webhooks and SIP's port belong to one.
describe.skipIf(!has('baresip'))('a SIP telephone (baresip), Twilio and a kiosk', () => {
  beforeAll(async () => {
    peer = await pretendTwilio(account)
    const loopback = peer.http()
    vi.spyOn(twilio.RequestClient.prototype, 'request').mockImplementation((asked) => loopback.request(asked))
    server = `127.0.0.1:${await freePort()}`
    product = await startHere({
      SIP_LISTEN: `udp:${server}`,
      SIP_PEERS: JSON.stringify([
        { name: 'desk', kind: 'telephone', user: 'desk', password: 'secret-of-desk', number: numbers.sip, from: [] },
      ]),
      TWILIO_ACCOUNT_SID: account.accountSid,
      TWILIO_AUTH_TOKEN: account.token,
      TWILIO_NUMBER: '+8657112345678',
      PUBLIC_BASE_URL: account.baseUrl,
    })
    peer.finds(product.url)
    for (const name of ['ana', 'ben', 'kiosk'] as const) browsers[name] = await launchBrowser({ hz: tones[name] })
    ana = await headset(browsers.ana, 'op01')
    ben = await headset(browsers.ben, 'op02')
    const context = await browsers.kiosk.newContext({ locale: 'zh-CN', viewport: { width: 1280, height: 800 } })
    await context.grantPermissions(['microphone'])
    await context.addInitScript(listenIn)
    kiosk = await context.newPage()
    await kiosk.goto(`${product.url}/kiosk`)
    await kiosk.fill('input[name=key]', product.demo.devices.find((one) => one.protocol === 'web')?.key as string)
    await kiosk.keyboard.press('Enter')
    await kiosk.waitForSelector('.kiosk-two')
    phone = await startBaresip({
      cwd: folder('every-telephone'),
      name: 'desk',
      password: 'secret-of-desk',
      server,
      transport: 'udp',
      hz: tones.sip,
      ms: 180_000,
    })
  })
  afterAll(async () => {
    await phone?.stop()
    for (const browser of Object.values(browsers)) await browser.close()
    await peer?.close()
    await product?.close()
    vi.restoreAllMocks()
  })

  const phoneHears = () => all.filter((hz) => power(phone.heard().subarray(-4_000), hz) > heardShare)
  const answer = async (page: Page) => {
    await page.waitForSelector('.offer', { timeout: 20_000 })
    await page.keyboard.press('a')
    await page.waitForSelector('.call-strip.talking')
  }
  const firstOwner = async () =>
    (
      await product.parts.db.query<{ name: string }>(
        'SELECT a.username AS name FROM call JOIN account a ON a.id = call.operator_id ORDER BY offered_at LIMIT 1',
      )
    )[0]?.name

  test('they stand in one queue, are answered in turn, held, handed over warm, recorded, and asked how it was', async () => {
    await expect.poll(() => product.parts.voice.reaches({ phone: numbers.sip }), { timeout: 15_000 }).toBe(true)
    phone.tell('dial', `sip:12349@${server}`)
    await expect.poll(async () => (await calls()).length, { timeout: 10_000 }).toBe(1)
    product.clock.forward(1_000) // time is in the test's hand, and the queue goes by it
    const behind = await peer.dial(numbers.twilio)
    const caller = twilioTelephone(behind, tones.twilio)
    await expect.poll(async () => (await calls()).length, { timeout: 10_000 }).toBe(2)
    product.clock.forward(1_000)
    await kiosk.click('.kiosk-round.call, .kiosk-two button >> nth=0')
    await expect.poll(async () => (await calls()).length, { timeout: 10_000 }).toBe(3)
    expect((await calls()).map((one) => [one.line, one.kiosk])).toEqual([
      ['12349', false],
      ['+8657112349000', false],
      ['kiosk', true],
    ])

    // The first two are answered, by whom each was rung; the kiosk waits.
    await Promise.all([answer(ana), answer(ben)])
    const anaHasFirst = (await firstOwner()) === 'op01'
    const [first, second] = anaHasFirst ? [ana, ben] : [ben, ana]
    const [firstTone, secondTone] = anaHasFirst ? [tones.ana, tones.ben] : [tones.ben, tones.ana]
    await hearsExactly(first, [tones.sip], all)
    await hearsExactly(second, [tones.twilio], all)
    await expect.poll(phoneHears, { timeout: 15_000 }).toEqual([firstTone])
    await expect.poll(() => power(caller.heard(), secondTone), { timeout: 10_000 }).toBeGreaterThan(heardShare)

    // On hold they hear nobody, and then each other again.
    await first.keyboard.press('u')
    await first.waitForSelector('.call-strip.held')
    await hearsExactly(first, [], all)
    await first.keyboard.press('u')
    await hearsExactly(first, [tones.sip], all)

    // The second has been helped, and says by a key how it was.
    await second.keyboard.press('Shift+E')
    await second.waitForSelector('.ended-call')
    caller.press('2')

    // The first goes to the colleague, who hears before what it is about.
    await first.keyboard.press('j')
    await first.click('button:has-text("同事")')
    await second.waitForSelector('.call-strip.waiting')
    await second.keyboard.press('y')
    await hearsExactly(second, [firstTone], all)
    await first.keyboard.press('Shift+H')
    await second.waitForSelector('.call-strip.talking')
    await hearsExactly(second, [tones.sip], all)
    await expect.poll(phoneHears, { timeout: 15_000 }).toEqual([secondTone])

    // Whoever is free now has the kiosk.
    await answer(first)
    await hearsExactly(first, [tones.kiosk], all)
    await hearsExactly(kiosk, [firstTone], all)
    await first.keyboard.press('Shift+E')
    await first.waitForSelector('.ended-call')

    await second.keyboard.press('Shift+E')
    await second.waitForSelector('.ended-call')
    phone.tell('sndcode', '1')
    phone.tell('sndcode', '\u0004')
    await expect
      .poll(async () => (await calls()).map((one) => [one.status, one.rating]), { timeout: 15_000 })
      .toEqual([
        ['ended', 1],
        ['ended', 2],
        ['ended', null],
      ])
  })

  test('each recording has its caller on the left and who helped them on the right', async () => {
    const recorded = () =>
      product.parts.db.query<{ id: string; call: string }>(
        'SELECT id, call_id AS call FROM recording WHERE ended_at IS NOT NULL ORDER BY started_at',
      )
    // The one that was held and handed over has three parts, the others one.
    await expect.poll(async () => (await recorded()).length, { timeout: 10_000 }).toBeGreaterThanOrEqual(5)
    const parts = await recorded()
    const [sip, behind, hall] = await calls()
    const share = async (id: string | undefined, side: 'left' | 'right', hz: number) =>
      power(loudest((await samplesOf(product, id as string))[side]), hz)
    const of = (call: Row | undefined) => parts.filter((one) => one.call === call?.id)
    for (const [call, theirs] of [
      [sip, tones.sip],
      [behind, tones.twilio],
      [hall, tones.kiosk],
    ] as const) {
      const [part] = of(call)
      expect(await share(part?.id, 'left', theirs)).toBeGreaterThan(0.5)
      expect(await share(part?.id, 'right', theirs)).toBeLessThan(0.05)
      const helpers = await Promise.all([tones.ana, tones.ben].map((hz) => share(part?.id, 'right', hz)))
      expect(helpers.filter((one) => one > 0.5)).toHaveLength(1)
    }
    // The last part of the first has the colleague.
    const byAna = async (id: string | undefined) => (await share(id, 'right', tones.ana)) > 0.5
    expect(await byAna(of(sip).at(-1)?.id)).toBe(!(await byAna(of(sip)[0]?.id)))
  })
})
