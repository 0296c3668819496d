import { afterAll, beforeAll, expect, test } from 'vitest'
import { alarmIntake } from '../../server/alarms/open-from-alarm.ts'
import { connectDb, connectPrisma } from '../../server/platform/db.ts'
import type { Parts } from '../../server/platform/parts.ts'
import { buildApp } from '../../server/wiring/app.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'
import { slowWire } from '../support/slow-wire.ts'

let centre: Centre
let wire: Awaited<ReturnType<typeof slowWire>>
let url: string
let close: () => Promise<void>
let devices: Awaited<ReturnType<typeof devicesIn>>
beforeAll(async () => {
  centre = await startCentre()
  wire = await slowWire(centre.url)
  const [db, prisma] = [connectDb(wire.url), connectPrisma(wire.url)]
  const parts: Parts = { ...centre.parts, db, prisma }
  const app = await buildApp(parts, {
    intake: alarmIntake(parts),
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  devices = await devicesIn(centre)
  close = async () => {
    await app.close()
    await prisma.$disconnect()
    await db.close()
    await wire.close()
    await centre.close()
  }
})
afterAll(() => close())

type Answer = { status: number; ms: number; body: Record<string, unknown> }
const ask = async (method: string, path: string, headers: Record<string, string>, body?: object): Promise<Answer> => {
  const began = performance.now()
  const reply = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: { origin: url, 'content-type': 'application/json', ...headers },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: reply.status, body: (await reply.json()) as Record<string, unknown>, ms: performance.now() - began }
}
let sequence = 30_000_000
const press = (device: { key: string }) =>
  ask('POST', '/alarms', { authorization: `Bearer ${device.key}` }, { sequence: ++sequence, type: 'button' })
/** Straight, past the slow wire: is every press that was acknowledged there? */
const stored = async (answers: Answer[]) => {
  const ids = answers.filter(({ status }) => status === 201).map(({ body }) => body['alarmId'])
  const rows = await centre.db.query('SELECT 1 FROM alarm WHERE id = ANY ($1)', [ids])
  return rows.length === ids.length
}
// The page of an operator gives up after 15 s; a device is told to send again sooner.
const pageLimitMs = 15_000

test('every statement takes half a second: presses are acknowledged when they are stored, and consoles answer within their limit', async () => {
  const ana = await centre.as('op01')
  wire.delay(500)
  const answers = await Promise.all(devices.slice(0, 100).map(press))
  expect(answers.map(({ status }) => status)).toEqual(Array(100).fill(201))
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(10_000)
  expect(await stored(answers)).toBe(true)
  const id = answers[0]?.body['incidentId']
  const cookie = { cookie: ana.cookie }
  const taken = await ask('POST', `/incidents/${id}/answer`, cookie, {})
  const noted = await ask('POST', `/incidents/${id}/note`, cookie, { text: '慢' })
  const board = await ask('GET', '/board', cookie)
  expect([taken.status, noted.status, board.status]).toEqual([200, 200, 200])
  for (const { ms } of [taken, noted, board]) expect(ms).toBeLessThan(pageLimitMs)
  wire.delay(0)
}, 60_000)

test('the database falls silent: presses are refused with "send again" and none is acknowledged that is not stored; then all goes on', async () => {
  const before = (await centre.db.query<{ n: number }>('SELECT count(*)::int AS n FROM alarm'))[0]?.n as number
  wire.cut()
  wire.delay(60_000)
  const waiting = Promise.all(devices.slice(100, 140).map(press))
  const ana = await centre.as('op02')
  const board = ask('GET', '/board', { cookie: ana.cookie })
  const answers = await waiting
  for (const { status, body } of answers) expect([status, body['code']]).toEqual([503, 'outage'])
  // All together after one limit, and not each after those of the others before it.
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(40_000)
  expect((await board).status).toBe(503)
  expect((await centre.db.query<{ n: number }>('SELECT count(*)::int AS n FROM alarm'))[0]?.n).toBe(before)
  wire.cut()
  wire.delay(0)
  const again = await Promise.all(devices.slice(100, 140).map(press))
  expect(again.map(({ status }) => status)).toEqual(Array(40).fill(201))
  expect(await stored(again)).toBe(true)
}, 120_000)
