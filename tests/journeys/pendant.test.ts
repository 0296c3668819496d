import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../support/axe.ts'
import { launchBrowser } from '../support/browser.ts'
import { hearsExactly } from '../support/listen.ts'
import { signIn } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { startHere } from '../support/product.ts'
import { power } from '../support/tones.ts'
import { startBaresip } from '../telephony/sip/support/baresip.ts'
import { folder, has, run } from '../telephony/sip/support/binary.ts'

// A resident's unit: sipp says its alarm (SCAIP), baresip is its voice. Both know nothing of us but SIP and the secret.
const account = '100200300'
const secret = 'typed-in-by-the-installer'
const tones = { resident: 1_250, ana: 1_750 }
const all = Object.values(tones)
const lengthMs = 90_000

let product: Awaited<ReturnType<typeof startHere>>
let browser: Browser
let ana: Page
let unit: Awaited<ReturnType<typeof startBaresip>>
let server: string
let device: { id: string; resident: string }

describe.skipIf(!has('sipp') || !has('baresip'))('a pendant over SCAIP (sipp, baresip)', () => {
  beforeAll(async () => {
    server = `127.0.0.1:${await freePort()}`
    product = await startHere({ SIP_LISTEN: `udp:${server}` })
    const { db, seal } = product.parts
    const [row] = await db.query<typeof device>(
      `UPDATE device SET protocol = 'scaip', account = $1, secret = $2, type_code = 'ip-unit', room = '客厅', last_heard_at = now()
       WHERE id = (SELECT id FROM device WHERE state = 'in-service' AND kind = 'pendant' AND resident_id IS NOT NULL ORDER BY id LIMIT 1)
       RETURNING id, (SELECT coalesce(nullif(name_to_use, ''), name) FROM resident WHERE id = resident_id) AS resident`,
      [account, new Uint8Array(seal.seal(secret))],
    )
    device = row as typeof device
    browser = await launchBrowser({ hz: tones.ana })
    ana = await signIn(browser, product.url, product.demo, 'op01', { voice: true })
    await ana.click('.headset')
    await ana.waitForSelector('.headset.ready')
    const where = { cwd: folder('pendant'), server, transport: 'udp', hz: tones.resident, ms: lengthMs }
    unit = await startBaresip({ ...where, name: account, password: secret })
  })
  afterAll(async () => {
    await unit?.stop()
    await browser?.close()
    await product?.close()
  })

  const unitHears = () => all.filter((hz) => power(unit.heard().subarray(-4_000), hz) > 0.3)
  const calls = () =>
    product.parts.db.query<{ status: string; because: string | null; direction: string }>(
      'SELECT status, ended_because AS because, direction FROM call WHERE device_id = $1 ORDER BY offered_at',
      [device.id],
    )
  const told = () =>
    product.parts.db.query<{ command: string }>(
      `SELECT data->>'command' AS command FROM fact WHERE type = 'unit-commanded' ORDER BY at`,
    )
  const reached = () => product.parts.voice.reaches({ unit: device.id, number: null })

  test('is pressed, the operator takes it, the unit calls, and the two talk', async () => {
    await expect.poll(reached, { timeout: 15_000 }).toBe(true)
    const cwd = folder('pendant-press')
    writeFileSync(
      join(cwd, 'unit.csv'),
      `SEQUENTIAL\n${account};[authentication username=${account} password=${secret}];\n`,
    )
    const scenario = join(import.meta.dirname, '../telephony/sip/scenarios/scaip.xml')
    const at = ['-i', '127.0.0.4', '-p', String(await freePort('127.0.0.4')), server]
    const { code } = await run(
      'sipp',
      ['-sf', scenario, '-inf', join(cwd, 'unit.csv'), ...at, '-m', '1', '-nostdin', '-timeout', '20'],
      { cwd },
    )
    expect(code).toBe(0)
    await ana.waitForSelector('.offer', { timeout: 20_000 })
    await ana.keyboard.press('a')
    await ana.getByText(device.resident).first().waitFor()
    await ana.getByText('卫生间').first().waitFor() // where it was pressed
    unit.tell('dial', `sip:hotline@${server}`)
    await ana.waitForSelector('.call-strip.waiting', { timeout: 20_000 })
    await ana.keyboard.press('a')
    await ana.waitForSelector('.call-strip.talking')
    await hearsExactly(ana, [tones.resident], all)
    await expect.poll(unitHears, { timeout: 15_000 }).toEqual([tones.ana])
    expect(await calls()).toMatchObject([{ status: 'answered', direction: 'in' }])
    expect(await product.parts.db.query(`SELECT 1 FROM fact WHERE type = 'unit-to-call'`)).toEqual([])
  })

  test('is told to let itself be listened to, and then that the call is over; it ends it itself', async () => {
    await ana.keyboard.press('Shift+L')
    await expect.poll(() => unit.keys(), { timeout: 10_000 }).toBe('7')
    await expect.poll(told).toEqual([{ command: 'listen' }])
    expect(await faults(ana)).toEqual([])
    await ana.keyboard.press('Shift+E')
    await ana.waitForSelector('.ended-call')
    await expect.poll(() => unit.keys(), { timeout: 10_000 }).toBe('70')
    unit.tell('hangup')
    await expect.poll(async () => (await calls())[0]?.because).toBe('hung-up')
  })

  test('is rung from its incident, and the operator talks with the resident through it', async () => {
    await expect.poll(reached, { timeout: 15_000 }).toBe(true)
    await ana.keyboard.press('Shift+U')
    await ana.waitForSelector('.call-strip.talking')
    await hearsExactly(ana, [tones.resident], all)
    unit.tell('hangup')
    await expect.poll(async () => (await calls()).at(-1)?.because, { timeout: 10_000 }).toBe('hung-up')
    expect((await calls()).at(-1)?.direction).toBe('out')
  })
})
