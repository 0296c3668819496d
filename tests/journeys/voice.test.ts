import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { type CallerAtPhone, callerAt, callerInBrowser } from '../support/caller.ts'
import { hearsExactly } from '../support/listen.ts'
import { signIn } from '../support/people.ts'
import { press, startHere } from '../support/product.ts'
import { loudest, samplesOf } from '../support/recorded.ts'
import { power } from '../support/tones.ts'

// One tone for each party, apart from each other and from the music.
const tones = { resident: 1_250, ana: 1_750, ben: 2_250, third: 2_750 }
const all = Object.values(tones)

let product: Awaited<ReturnType<typeof startHere>>
const browsers = {} as Record<keyof typeof tones, Browser>
let people: Page[] = []
let callers: CallerAtPhone[] = []
let others = 0
beforeAll(async () => {
  product = await startHere()
  for (const name of Object.keys(tones) as (keyof typeof tones)[])
    browsers[name] = await launchBrowser({ hz: tones[name] })
})
afterEach(async ({ task }) => {
  // A story that is told again is told with other people: the telephones of the first may still be busy.
  if (task.result?.state === 'fail') others += 20
  for (const caller of callers) await caller.close()
  for (const page of people) await page.context().close()
  callers = []
  people = []
  // The next story begins with an empty queue and nobody there.
  await product.parts.db.query(`UPDATE call SET status = 'ended', ended_at = now() WHERE status <> 'ended'`)
  await product.parts.db.query(`UPDATE incident SET status = 'closed', call_back = NULL WHERE status <> 'closed'`)
  await product.parts.db.query('DELETE FROM outbox')
  await product.parts.db.query(`UPDATE offer SET status = 'withdrawn' WHERE status = 'ringing'`)
  await product.parts.db.query(`UPDATE presence SET status = 'away'`)
})
afterAll(async () => {
  for (const browser of Object.values(browsers)) await browser.close()
  await product?.close()
})

/** An operator at a console whose telephone is connected. */
const operator = async (name: 'ana' | 'ben'): Promise<Page> => {
  const page = await signIn(browsers[name], product.url, product.demo, name === 'ana' ? 'op01' : 'op02', {
    voice: true,
  })
  people.push(page)
  await page.click('.headset')
  await page.waitForSelector('.headset.ready')
  return page
}
/** Somebody at a telephone in a browser; with `stack`, on another WebRTC stack, so that many cost no browsers. */
const phoneOf = async (number: string, who: 'resident' | 'third', stack = false): Promise<CallerAtPhone> => {
  const caller = stack
    ? await callerAt(product.otherUrl, number, tones[who])
    : await callerInBrowser(browsers[who], product.otherUrl, number)
  callers.push(caller)
  return caller
}
const callOf = async (number: string): Promise<string> => {
  const [row] = await product.parts.db.query<{ id: string }>(
    'SELECT id FROM call WHERE number = $1 ORDER BY offered_at DESC LIMIT 1',
    [number],
  )
  return row?.id as string
}
type Someone = { id: string; phone: string; contact: string }
const someone = async (n: number): Promise<Someone> => {
  const [row] = await product.parts.db.query<Someone>(
    `SELECT r.id, r.phone, c.phone AS contact FROM resident r
     JOIN LATERAL (SELECT * FROM contact WHERE resident_id = r.id ORDER BY position LIMIT 1) c ON true
     WHERE r.phone IS NOT NULL AND r.languages[1] = 'zh' AND r.line_class >= 2
       AND EXISTS (SELECT 1 FROM device d WHERE d.resident_id = r.id AND d.state = 'in-service') ORDER BY r.id OFFSET $1 LIMIT 1`,
    [n + others],
  )
  return row as Someone
}
const keyOf = async (residentId: string) => {
  const [device] = await product.parts.db.query<{ id: string }>(
    `SELECT id FROM device WHERE resident_id = $1 AND state = 'in-service' LIMIT 1`,
    [residentId],
  )
  return { key: product.demo.devices.find((one) => one.id === device?.id)?.key as string }
}
const accept = async (page: Page) => {
  await page.waitForSelector('.offer')
  await page.keyboard.press('a')
  await page.waitForSelector('.call-strip.talking')
}
const callRow = async (id: string) =>
  (
    await product.parts.db.query<{ status: string; ended: string | null; incident: string }>(
      'SELECT status, ended_because AS ended, incident_id AS incident FROM call WHERE id = $1',
      [id],
    )
  )[0]
/** Time passes by the hand of the test; what is due is done by the running product. */
const pass = (seconds: number) => {
  product.clock.forward(seconds * 1000)
  product.parts.outbox.kick()
}
/** Says what it was, that it is over, and how it ended: by keys alone. */
const closeIncident = async (page: Page) => {
  await page.keyboard.press('5')
  await page.waitForSelector('.timeline li:has-text("上门照护")')
  await page.keyboard.press('r')
  await page.waitForSelector('[role=radiogroup]')
  await page.keyboard.press('1')
  await page.waitForSelector('[role=radio][aria-checked=true]')
  await page.keyboard.press('Enter')
}

test('a resident calls the one number, is heard, helped and the case is closed; the recording has both, left and right', async () => {
  const ana = await operator('ana')
  const { phone: number } = await someone(0)
  const phone = await phoneOf(number, 'resident')
  await phone.dial()
  const callId = await callOf(number)
  await accept(ana)
  await hearsExactly(ana, [tones.resident], all)
  await phone.hearsExactly([tones.ana], all)

  await ana.keyboard.press('m')
  await ana.waitForSelector('.headset.muted')
  await phone.hearsExactly([], all)
  await ana.keyboard.press('m')
  await phone.hearsExactly([tones.ana], all)

  await ana.keyboard.press('u')
  await ana.waitForSelector('.call-strip.held')
  await hearsExactly(ana, [], all)
  await phone.hearsExactly([], all)
  await ana.keyboard.press('u')
  await hearsExactly(ana, [tones.resident], all)

  await phone.hangUp()
  await ana.waitForSelector('.ended-call')
  await ana.waitForSelector('.headset.ready')
  await closeIncident(ana)
  await ana.waitForSelector('text=请选择一条事件')
  const [closed] = await product.parts.db.query<{ status: string }>('SELECT status FROM incident WHERE id = $1', [
    (await callRow(callId))?.incident,
  ])
  expect(closed?.status).toBe('closed')

  const ended = () =>
    product.parts.db.query<{ id: string }>('SELECT id FROM recording WHERE ended_at IS NOT NULL ORDER BY started_at')
  // Two: what is said while they hear music is nobody's to keep.
  await expect.poll(async () => (await ended()).length).toBe(2)
  const { left, right } = await samplesOf(product, (await ended())[0]?.id as string)
  const share = (samples: Int16Array, hz: number) => power(loudest(samples), hz)
  expect(share(left, tones.resident)).toBeGreaterThan(0.5)
  expect(share(left, tones.ana)).toBeLessThan(0.05)
  expect(share(right, tones.ana)).toBeGreaterThan(0.5)
  expect(share(right, tones.resident)).toBeLessThan(0.05)
  await ana.goto(`${product.url}/?incident=${(await callRow(callId))?.incident}`)
  await ana.waitForSelector('text=结案后不再更改')
  await ana.click('.recording button')
  await ana.waitForSelector('.wave')
})

test('three call and two operators answer: the third hears no one, and is answered when one is free', async () => {
  const [ana, ben] = [await operator('ana'), await operator('ben')]
  const phones: CallerAtPhone[] = []
  const dialled: string[] = []
  for (const n of [1, 2, 3]) {
    const { phone: number } = await someone(n)
    const phone = await phoneOf(number, 'resident', true)
    await phone.dial()
    phones.push(phone)
    dialled.push(await callOf(number))
  }
  await Promise.all([accept(ana), accept(ben)])
  const talking = async () => (await Promise.all(dialled.map(callRow))).map((row) => row?.status === 'answered')
  await expect.poll(async () => (await talking()).filter(Boolean).length).toBe(2)
  const third = phones[(await talking()).indexOf(false)] as CallerAtPhone
  await third.hearsExactly([], all)
  await ana.keyboard.press('Shift+E')
  await ana.waitForSelector('.ended-call')
  await closeIncident(ana)
  await accept(ana)
  await third.hearsExactly([tones.ana], all)
})

test('warm transfer: the colleague hears first what it is about, then takes the caller over', async () => {
  const [ana, ben] = [await operator('ana'), await operator('ben')]
  const phone = await phoneOf((await someone(4)).phone, 'resident')
  await phone.dial()
  // Whoever of the two is rung answers; the other one is the colleague.
  await Promise.race([ana.waitForSelector('.offer'), ben.waitForSelector('.offer')])
  const first = (await ana.locator('.offer').count()) > 0 ? ana : ben
  const [mine, other, second] = first === ana ? [tones.ana, tones.ben, ben] : [tones.ben, tones.ana, ana]
  await accept(first)
  await phone.hearsExactly([mine], all)
  await first.keyboard.press('j')
  await first.click(`button:has-text("同事")`)
  await second.waitForSelector('.call-strip.waiting')
  await second.keyboard.press('y')
  await hearsExactly(first, [other], all)
  await hearsExactly(second, [mine], all)
  await phone.hearsExactly([], all)
  await first.keyboard.press('Shift+H')
  await second.waitForSelector('.call-strip.talking')
  await phone.hearsExactly([other], all)
  await hearsExactly(second, [tones.resident], all)
  await hearsExactly(first, [], all)
  await expect.poll(() => first.locator('.call-strip').count()).toBe(0)
})

test('a contact comes in as a third, each hears the other two, and leaves again', async () => {
  const ana = await operator('ana')
  const resident = await someone(5)
  const phone = await phoneOf(resident.phone, 'resident')
  const contact = await phoneOf(resident.contact, 'third')
  await phone.dial()
  await accept(ana)
  await phone.hearsExactly([tones.ana], all)
  await ana.keyboard.press('j')
  await ana.keyboard.press('1')
  await contact.pickUp()
  await phone.hearsExactly([tones.ana, tones.third], all)
  await contact.hearsExactly([tones.resident, tones.ana], all)
  await hearsExactly(ana, [tones.resident, tones.third], all)
  await contact.hangUp()
  await hearsExactly(ana, [tones.resident], all)
})

describe('something breaks', () => {
  test('the operator’s tab is closed while talking: the caller waits at the first queue time, and a colleague answers', async () => {
    const ana = await operator('ana')
    const { phone: number } = await someone(6)
    const phone = await phoneOf(number, 'resident')
    await phone.dial()
    const callId = await callOf(number)
    await accept(ana)
    await phone.hearsExactly([tones.ana], all)
    const ben = await operator('ben')
    await ana.context().close()
    people = people.filter((page) => page !== ana)
    await phone.hearsExactly([], all)
    pass(7)
    await accept(ben)
    await phone.hearsExactly([tones.ben], all)
    const [row] = await product.parts.db.query<{ same: boolean }>(
      'SELECT c.queued_at = i.queued_at AS same FROM call c JOIN incident i ON i.id = c.incident_id WHERE c.id = $1',
      [callId],
    )
    expect(row?.same).toBe(true)
  })

  test('a page that is reloaded while talking has its caller again', async () => {
    const ana = await operator('ana')
    const phone = await phoneOf((await someone(7)).phone, 'resident')
    await phone.dial()
    await accept(ana)
    await phone.hearsExactly([tones.ana], all)
    await ana.reload()
    await ana.waitForSelector('.call-strip.talking')
    await phone.hearsExactly([tones.ana], all)
    await hearsExactly(ana, [tones.resident], all)
  })

  test('the media process is killed: it starts again, the call ends as media-lost, and they are called back before everybody', async () => {
    const ana = await operator('ana')
    const { phone: number } = await someone(8)
    const phone = await phoneOf(number, 'resident')
    await phone.dial()
    const callId = await callOf(number)
    await accept(ana)
    await phone.hearsExactly([tones.ana], all)
    const [row] = await product.parts.db.query<{ id: string }>(
      `SELECT media_host_id AS id FROM call WHERE status = 'answered'`,
    )
    const host = product.all.find((one) => one.parts.bus.id === row?.id)
    process.kill(host?.mediaPid() as number, 'SIGKILL')
    await expect.poll(async () => (await callRow(callId))?.ended, { timeout: 15_000 }).toBe('media-lost')
    await ana.waitForSelector('.call-back')
    const [incident] = await product.parts.db.query<{ class: number; back: string }>(
      'SELECT class, call_back AS back FROM incident WHERE id = $1',
      [(await callRow(callId))?.incident],
    )
    expect(incident).toEqual({ class: 1, back: 'media-lost' })
    await ana.waitForSelector('.headset.ready')
    await ana.keyboard.press('p')
    await phone.pickUp()
    await phone.hearsExactly([tones.ana], all)
    await expect.poll(() => ana.locator('.call-back').count()).toBe(0)
  })
})

test('a press, called back in vain, climbs the ladder to the contact, who picks up', async () => {
  const ana = await operator('ana')
  const resident = await someone(9)
  const phone = await phoneOf(resident.phone, 'resident') // rings, and nobody goes to it
  const contact = await phoneOf(resident.contact, 'third')
  const { incidentId } = await press(product.url, await keyOf(resident.id))
  await ana.waitForSelector('.offer')
  await ana.keyboard.press('a')
  await ana.waitForSelector('.person-name')
  await ana.keyboard.press('n')
  await ana.waitForSelector('.ladder')
  await phone.rings()
  pass(31)
  await contact.pickUp()
  await contact.hearsExactly([tones.ana], all)
  await hearsExactly(ana, [tones.third], all)
  await expect.poll(() => ana.locator('.ladder').count()).toBe(0)
  const steps = await product.parts.db.query<{ step: string }>(
    `SELECT data->>'step' AS step FROM fact WHERE incident_id = $1 AND type = 'ladder-climbed' ORDER BY seq`,
    [incidentId],
  )
  expect(steps.map((row) => row.step)).toEqual(['call-back', 'contact'])
})
