import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLedger, sweepLedger } from '../../server/incidents/ledger.ts'
import { load } from '../../server/incidents/store.ts'
import { handedClock, steadyClock } from '../../server/platform/clock.ts'
import { readEnv } from '../../server/platform/env.ts'
import { sweepOffers } from '../../server/queue/jobs.ts'
import { startProduct } from '../../server/wiring/product.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'
import { testFieldKey, testStart } from '../support/database.ts'
import { freePort, portsOff } from '../support/ports.ts'

type Operator = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let [ana, ben] = [] as unknown as [Operator, Operator]
let devices: { key: string }[]
let wall: ReturnType<typeof handedClock>
beforeEach(async () => {
  wall = handedClock(testStart)
  let elapsed = 0
  const steady = steadyClock(
    () => wall.now().getTime(),
    () => elapsed,
  )
  const forward = (ms: number) => {
    wall.forward(ms)
    elapsed += ms
  }
  centre = await startCentre({ ...steady, forward, set: (time) => wall.set(time) })
  ;[ana, ben] = [await centre.as('op01'), await centre.as('op02')]
  devices = (await devicesIn(centre)).filter(({ lineClass }) => lineClass === 2)
})
afterEach(() => centre.close())

const hourMs = 3_600_000
/** The machine's clock, not the centre's: that one goes on. */
const back = () => wall.set(new Date(wall.now().getTime() - hourMs))
const press = async (n: number) => (await centre.press(devices[n] as { key: string })).body.incidentId
/** As the product does it every five seconds. */
const sweep = async () => {
  await sweepLedger(centre.parts)
  await sweepOffers(centre.parts)
}
const lives = async (seconds: number) => {
  for (let i = 0; i < seconds; i += 5) {
    await centre.pass(5)
    await sweep()
  }
}
const breaches = async () => (await readLedger(centre.parts, ['/'])).breaches

test('the clock is set back an hour while somebody waits: it still rings, escalates, and no timer is put off by the hour', async () => {
  await ana.available()
  const id = await press(0)
  await centre.work()
  back()
  await ana.beat()
  await lives(5)
  expect(await breaches()).toBe(0)
  expect((await centre.db.query(`SELECT 1 FROM offer WHERE incident_id = $1`, [id])).length).toBeGreaterThan(0)
  // A press after the step, of another home, is rung and climbs like any other.
  const after = await press(1)
  await lives(70)
  for (const one of [id, after]) {
    const row = await load(centre.db, one)
    expect([one, row?.status, (row?.escalation ?? 0) >= 3]).toEqual([one, 'waiting', true])
  }
  expect(await breaches()).toBe(0)
})

test('who is signed in stays signed in and present, and their claims are kept by their next beat', async () => {
  await ana.available()
  const id = await press(0)
  await ana.post(`/incidents/${id}/answer`)
  back()
  expect((await ana.get('/sessions/current')).status).toBe(200)
  for (let i = 0; i < 12; i++) {
    await ana.beat()
    await lives(10)
  }
  expect((await load(centre.db, id))?.ownerId).toBe(ana.id)
  const { items } = (await ben.get<{ items: { id: string; live: boolean }[] }>('/presence')).body
  expect(items.find((one) => one.id === ana.id)?.live).toBe(true)
  // And when their console falls silent then, they are missed as quickly as ever.
  await lives(120)
  expect((await load(centre.db, id))?.status).toBe('waiting')
  expect(await breaches()).toBe(0)
})

test('an owner whose console fell silent just before the step is missed within minutes, not after the hour', async () => {
  const id = await press(0)
  await ana.post(`/incidents/${id}/answer`)
  back()
  await lives(180)
  expect((await load(centre.db, id))?.status).toBe('waiting')
})

test('an offer that rang when the clock was set back does not ring for ever', async () => {
  await ana.available()
  await ben.available()
  const id = await press(0)
  await centre.work()
  const [offer] = await centre.db.query<{ id: string }>(
    `SELECT id FROM offer WHERE incident_id = $1 AND status = 'ringing'`,
    [id],
  )
  expect(offer).toBeDefined()
  back()
  for (let i = 0; i < 6; i++) {
    await ana.beat()
    await ben.beat()
    await lives(10)
  }
  const [now] = await centre.db.query<{ status: string }>('SELECT status FROM offer WHERE id = $1', [offer?.id])
  expect(now?.status).not.toBe('ringing')
})

test('the timeline keeps the order in which things were done, and its chain holds', async () => {
  const id = await press(0)
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/note`, { text: '之前' })
  back()
  await ana.post(`/incidents/${id}/note`, { text: '之后' })
  await ana.post(`/incidents/${id}/resolve`)
  type Timeline = { items: { seq: number; type: string; data: { text?: string } }[]; intact: boolean }
  const { items, intact } = (await ana.get<Timeline>(`/incidents/${id}/timeline`)).body
  expect(intact).toBe(true)
  expect(items.map(({ type, data }) => data.text ?? type)).toEqual(['opened', 'answered', '之前', '之后', 'resolved'])
})

test('a wrap-up, a hold and a wave that ran when the clock was set back end within their own time', async () => {
  const [held, done, sent] = [await press(0), await press(1), await press(2)]
  for (const id of [held, done, sent]) await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${held}/hold`, { minutes: 1, reason: '等回电' })
  await ana.post(`/incidents/${done}/resolve`)
  await ana.post(`/incidents/${sent}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${sent}/dispatch`)
  back()
  for (let i = 0; i < 30; i++) {
    await ana.beat()
    await lives(10)
  }
  expect((await load(centre.db, held))?.heldUntil).toBeNull()
  expect((await load(centre.db, done))?.status).toBe('closed')
  const waves = await centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'wave-sent'`, [sent])
  expect(waves.length).toBeGreaterThan(1)
})

test('the centre’s time never goes back, runs a little slower until the machine’s has met it, and jumps forward with it', () => {
  let [now, elapsed] = [1_000_000_000, 0]
  const clock = steadyClock(
    () => now,
    () => elapsed,
  )
  const pass = (ms: number) => {
    now += ms
    elapsed += ms
    return clock.now().getTime()
  }
  expect(pass(1_000)).toBe(1_000_001_000)
  expect(clock.aheadMs()).toBe(0)
  now -= hourMs
  expect(clock.aheadMs()).toBe(hourMs)
  expect(pass(16_000)).toBe(1_000_016_000)
  let last = 0
  for (let i = 0; i < 17 * 60; i++) {
    const next = pass(60_000)
    expect(next).toBeGreaterThan(last)
    last = next
  }
  expect(last).toBe(now)
  expect(clock.aheadMs()).toBe(0)
  now += hourMs
  expect(pass(1_000)).toBe(now)
})

test('a process tells how far it is before its machine, whose clock was a year ahead and was put right', async () => {
  const port = await freePort()
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-clock-'))
  const env = { DATABASE_URL: centre.url, FIELD_KEY: testFieldKey, DATA_DIR: dataDir, PORT: String(port), ...portsOff }
  const aYearMs = 365 * 24 * hourMs
  let wrongByMs = 0
  const product = await startProduct({
    env: readEnv({ ...env, ROLES: 'web', DEMO: '0', LOG_LEVEL: 'silent' }),
    clock: steadyClock(() => Date.now() + wrongByMs),
    note: () => {},
    onLost: () => {},
  })
  try {
    const ahead = async () =>
      Number(/^yihu_clock_ahead_seconds (\S+)$/m.exec(await (await fetch(`${product.url}/metrics`)).text())?.[1])
    expect(await ahead()).toBe(0)
    wrongByMs = aYearMs
    expect(await ahead()).toBe(0) // it has jumped with the machine
    wrongByMs = 0
    expect(await ahead()).toBeGreaterThan(aYearMs / 1000 - 60)
  } finally {
    await product.stop()
    rmSync(dataDir, { recursive: true })
  }
})
test('a start after the clock was set back goes on from the time that the centre has seen, within reason', () => {
  let elapsed = 0
  const clock = steadyClock(
    () => 5_000_000,
    () => elapsed,
  )
  clock.notBefore(new Date(5_000_000 + hourMs))
  expect(clock.now().getTime()).toBe(5_000_000 + hourMs)
  elapsed += 16_000
  expect(clock.now().getTime()).toBe(5_000_000 + hourMs + 15_000)
  const other = steadyClock(
    () => 5_000_000,
    () => elapsed,
  )
  other.notBefore(new Date(5_000_000 + 365 * 24 * hourMs)) // a clock that was a year ahead was wrong then
  expect(other.now().getTime()).toBe(5_000_000)
})
