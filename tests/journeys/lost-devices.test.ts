import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alarmIntake } from '../../server/alarms/open-from-alarm.ts'
import { supervise } from '../../server/alarms/supervise.ts'
import { launchBrowser } from '../support/browser.ts'
import { openPanel } from '../support/panel.ts'
import { signIn } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { startHere } from '../support/product.ts'

// Real DC-09 over TCP to the running product; time is handed in, and each half minute of it supervision looks.
// A look of supervision over hundreds of devices takes its time on a machine that is busy.
const patienceMs = 20_000
let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let port: number
beforeAll(async () => {
  port = await freePort()
  product = await startHere({ DC09_LISTEN: `tcp:127.0.0.1:${port}` })
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser?.close()
  await product?.close()
})

const rows = <T extends object>(text: string, values?: unknown[]) => product.parts.db.query<T>(text, values)
const one = async <T extends object>(text: string, values?: unknown[]) => (await rows<T>(text, values))[0] as T

async function halfMinutes(times: number) {
  const intake = alarmIntake(product.parts, { watched: false })
  for (let i = 0; i < times; i++) {
    product.clock.forward(30_000)
    await supervise(product.parts, intake)
  }
}
/** Heartbeats are written together, a moment after they were answered. */
const heardSince = (ids: string[], time: Date) =>
  expect
    .poll(
      async () =>
        (
          await one<{ n: number }>(
            'SELECT count(*)::int AS n FROM device WHERE id = ANY ($1) AND last_heard_at >= $2',
            [ids, time],
          )
        ).n,
      { timeout: 10_000 },
    )
    .toBe(ids.length)
const silence = async (id: string) =>
  (await one<{ silence: string | null }>('SELECT silence FROM device WHERE id = $1', [id])).silence
const openOf = (subject: string) =>
  rows<{ id: string; kind: string }>(`SELECT id, kind FROM incident WHERE subject = $1 AND status <> 'closed'`, [
    subject,
  ])

/** Opens it from its place on the board, and takes it. */
async function take(operator: Page, incidentId: string) {
  await operator.goto(`${product.url}/?incident=${incidentId}`)
  await operator.click('.workspace .btn.primary')
  await operator.waitForSelector('.workspace-main')
}

/** As the pages do it: what was needed, resolved, closed. */
async function close(operator: Page, incidentId: string) {
  const statuses = await operator.evaluate(async (id) => {
    const said = [
      ['classify', { catalogueCode: 'fall-help', class: 2, answers: {} }],
      ['resolve', {}],
      ['close', { disposition: 'helped-by-phone', note: '' }],
    ] as const
    const answers: number[] = []
    for (const [command, body] of said) {
      const headers = { 'content-type': 'application/json' }
      const sent = { method: 'POST', headers, body: JSON.stringify(body) }
      answers.push((await fetch(`/api/v1/incidents/${id}/${command}`, sent)).status)
    }
    return answers
  }, incidentId)
  expect(statuses).toEqual([200, 200, 200])
}

test('a DC-09 panel loses its line and comes back: somebody looks after its resident, hears of its return, and its next press is heard', async () => {
  const device = await one<{ id: string; residentId: string; name: string }>(
    `UPDATE device d SET protocol = 'dc09', account = 'AB12', type_code = 'dc09-panel-90s' FROM resident r
     WHERE r.id = d.resident_id AND d.id = (SELECT d.id FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.state = 'in-service' AND r.line_class = 2 ORDER BY d.account LIMIT 1)
     RETURNING d.id, d.resident_id AS "residentId", coalesce(nullif(r.name_to_use, ''), r.name) AS name`,
  )
  const subject = `resident:${device.residentId}`
  const line = await openPanel(port)
  expect(await line.poll('AB12')).toContain('"ACK"')
  await heardSince([device.id], product.clock.now())
  await halfMinutes(2)
  expect(await silence(device.id)).toBe(null)
  line.cut()
  // Polls each 90 s: late after 180, lost after 270.
  await halfMinutes(4)
  await expect.poll(() => silence(device.id), { timeout: patienceMs }).toBe('late')
  expect(await openOf(subject)).toEqual([])
  await halfMinutes(4)
  await expect.poll(() => silence(device.id), { timeout: patienceMs }).toBe('lost')
  await expect.poll(() => openOf(subject), { timeout: patienceMs }).toMatchObject([{ kind: 'line' }])
  const incident = (await openOf(subject))[0] as { id: string }

  const operator = await signIn(browser, product.url, product.demo, 'op01', { available: false })
  await take(operator, incident.id)
  await operator.waitForSelector(`.person-name:has-text("${device.name}")`)
  const again = await openPanel(port)
  expect(await again.poll('AB12')).toContain('"ACK"')
  await heardSince([device.id], product.clock.now())
  await halfMinutes(1)
  await operator.waitForSelector('.timeline li:has-text("已恢复")')
  expect(await silence(device.id)).toBe(null)

  expect(await again.press('AB12')).toContain('"ACK"')
  await operator.waitForSelector('.workspace-head:has-text("按钮")')
  expect(await openOf(subject)).toMatchObject([{ id: incident.id, kind: 'button' }])
  await close(operator, incident.id)
  again.cut()
  await operator.context().close()
})

test('the gateway of a building dies: 400 silent devices are one matter, one who presses meanwhile is answered first, and all come back', async () => {
  await rows(`UPDATE resident SET risks = '{}', mobility = 'ordinary', line_class = 2, languages = '{zh}'`)
  const devices = await rows<{ id: string; residentId: string }>(
    `UPDATE device SET protocol = 'dc09', type_code = 'ip-unit', account = upper(to_hex(1048576 + n)) FROM (
       SELECT id AS one, row_number() OVER (ORDER BY account) AS n FROM device WHERE state = 'in-service' AND protocol = 'http' AND resident_id IS NOT NULL AND type_code IS DISTINCT FROM 'dc09-panel-90s'
       ORDER BY account LIMIT 400) t WHERE device.id = t.one RETURNING device.id, resident_id AS "residentId"`,
  )
  expect(devices).toHaveLength(400)
  const ids = devices.map((device) => device.id)
  const accounts = (
    await rows<{ account: string }>('SELECT account FROM device WHERE id = ANY ($1) ORDER BY account', [ids])
  ).map(({ account }) => account)
  const gateway = await one<{ id: string }>(
    `INSERT INTO device (id, area_id, account, kind, state) SELECT gen_random_uuid(), area_id, 'gw-1', 'gateway', 'in-service' FROM device WHERE id = $1 RETURNING id`,
    [ids[0]],
  )
  await rows('UPDATE device SET gateway_id = $2 WHERE id = ANY ($1)', [ids, gateway.id])
  // The frailest of them, and another.
  await rows(`UPDATE resident SET risks = '{oxygen}' WHERE id = $1`, [devices[200]?.residentId])
  const who = (id: string | undefined) =>
    one<{ account: string; residentId: string; name: string }>(
      `SELECT d.account, d.resident_id AS "residentId", coalesce(nullif(r.name_to_use, ''), r.name) AS name FROM device d JOIN resident r ON r.id = d.resident_id WHERE d.id = $1`,
      [id],
    )
  const [frailest, presser] = [await who(ids[200]), await who(ids[100])]

  const line = await openPanel(port)
  const polled = await Promise.all(accounts.map(line.poll))
  expect(polled.every((frame) => frame.includes('"ACK"'))).toBe(true)
  await heardSince(ids, product.clock.now())
  line.cut()
  // A heartbeat each 5 minutes: late after 10, lost after 15.
  await halfMinutes(29)
  expect(await openOf(`device:${gateway.id}`)).toEqual([])
  const operator = await signIn(browser, product.url, product.demo, 'op01')
  // In the very beat in which all of them are lost, one presses; it goes by another way.
  const other = await openPanel(port)
  const [, ack] = await Promise.all([halfMinutes(1), other.press(presser.account)])
  expect(ack).toContain('"ACK"')
  // The outage may ring a moment before; who has pressed stands in front of it.
  await operator.waitForSelector('.offer-2')
  await operator.keyboard.press('a')
  await operator.waitForSelector(`.person-name:has-text("${presser.name}")`)
  await expect.poll(() => openOf(`device:${gateway.id}`), { timeout: patienceMs }).toMatchObject([{ kind: 'line' }])
  const outage = (await openOf(`device:${gateway.id}`))[0] as { id: string }
  const matters = await one<{ n: number }>(
    `SELECT count(*)::int AS n FROM incident WHERE status <> 'closed' AND subject = ANY ($1) OR id = $2`,
    [devices.map((device) => `resident:${device.residentId}`), outage.id],
  )
  expect(matters.n).toBe(2)

  await take(operator, outage.id)
  // Whoever pressed in that beat was heard, and may not be among the lost.
  const listed = await one<{ devices: number; residents: number }>(
    `SELECT count(*)::int AS devices, count(DISTINCT d.resident_id)::int AS residents FROM outage_device l JOIN device d ON d.id = l.device_id`,
  )
  expect(listed.devices).toBeGreaterThanOrEqual(399)
  await operator.waitForSelector(`.outage .chip:has-text("共 ${listed.residents} 人")`)
  const first = operator.locator('.outage-row').first()
  expect(await first.textContent()).toContain(frailest.name)
  expect(await first.textContent()).toContain('失联自')
  // The frailest presses by another way while the operator goes through the list.
  expect(await other.press(frailest.account)).toContain('"ACK"')
  await first.locator('.chip.red:has-text("按钮呼叫 #")').waitFor()
  await operator.keyboard.press('o')
  await operator.waitForSelector('.outage-row.current >> nth=0')
  await operator.keyboard.press('g')
  await operator.waitForSelector('.outage .chip:has-text("已联系上 1 人")')
  await operator.keyboard.press('f')
  await operator.waitForSelector('.outage .chip:has-text("未联系上 1 人")')

  const back = await Promise.all(accounts.map(other.poll))
  expect(back.every((frame) => frame.includes('"ACK"'))).toBe(true)
  await heardSince(ids, product.clock.now())
  await halfMinutes(1)
  await operator.waitForSelector(`.timeline li:has-text("${listed.devices} 台中已有 ${listed.devices} 台恢复")`)
  await operator.waitForSelector('.outage .chip:has-text("已恢复")')
  await operator.waitForSelector(`.outage .chip:has-text("${listed.residents} 人设备已恢复")`)
  other.cut()
  await operator.context().close()
})
