import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkArchive } from '../../server/backup/read-archive.ts'
import { brokenTimelines } from '../../server/backup/timelines.ts'
import { after, handedClock, minutes } from '../../server/platform/clock.ts'
import { readEnv } from '../../server/platform/env.ts'
import { type Product, startProduct } from '../../server/wiring/product.ts'
import { command, inDatabase } from '../support/backup.ts'
import { freePort } from '../support/ports.ts'
import { press, readDemo } from '../support/product.ts'

// Made from commit e7d95b5 by tests/fixtures/make-older-centre.mjs: before every migration but the first.
const fixture = join(import.meta.dirname, '../fixtures/older-centre.tar')
const fixtureKey = readFileSync(join(import.meta.dirname, '../fixtures/older-centre.key'), 'utf8').trim()
const dataDir = join(mkdtempSync(join(tmpdir(), 'yihu-upgrade-')), 'data')
const notes: string[] = []
let product: Product
let before: { migrations: number; timelines: Awaited<ReturnType<typeof brokenTimelines>> }
let cookie = ''

beforeAll(async () => {
  const restored = await command(['restore', fixture], { DATA_DIR: dataDir, FIELD_KEY: fixtureKey })
  expect([restored.code, restored.output]).toEqual([0, expect.stringContaining('9 timelines verified')])
  const { takenAt, migrations } = await checkArchive(fixture, undefined)
  // The morning after: everybody was away for ten minutes while the program was changed.
  const clock = handedClock(after(new Date(takenAt), minutes(10)))
  const env = readEnv({ DATA_DIR: dataDir, PORT: String(await freePort()), LOG_LEVEL: 'error' })
  product = await startProduct({ env, clock, note: (line) => notes.push(line), onLost: () => {} })
  before = { migrations: migrations.length, timelines: await inDatabase(dataDir, brokenTimelines) }
  const demo = readDemo(dataDir)
  const password = demo.accounts.find(({ username }) => username === 'op01')?.password
  const reply = await fetch(`${product.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: product.url },
    body: JSON.stringify({ username: 'op01', password }),
  })
  cookie = reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}, 120_000)
afterAll(async () => {
  await product?.stop()
  rmSync(join(dataDir, '..'), { recursive: true, force: true })
})

async function ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
  const reply = await fetch(`${product.url}/api/v1${path}`, {
    method,
    headers: { cookie, origin: product.url, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  return { status: reply.status, body: (await reply.json()) as T }
}
const rows = <T extends object>(sql: string, values?: unknown[]) => product.parts.db.query<T>(sql, values)

test('a centre of an earlier version is brought up to date, and every timeline is what it was', async () => {
  const folder = readdirSync(join(import.meta.dirname, '../../prisma/migrations'))
  expect(before.migrations).toBe(1)
  expect(notes).toContain(`database: ${folder.length - 1} migration(s) applied`)
  expect(before.timelines).toMatchObject({ incidents: 9, broken: [] })
  const [closed] = await rows<object>(
    `SELECT i.disposition, i.note, f.kind FROM incident i JOIN follow_up f ON f.incident_id = i.id WHERE i.status = 'closed'`,
  )
  expect(closed).toEqual({ disposition: 'helped-by-phone', note: '已电话安抚', kind: 'satisfaction-call' })
  const [door] = await rows<{ sealed: Buffer }>(
    'SELECT access_sealed AS sealed FROM household WHERE access_sealed IS NOT NULL LIMIT 1',
  )
  expect(product.parts.seal.open(door?.sealed as Buffer)).toMatch(/\p{Script=Han}/u)
})

test('its timers fire: who waited climbs, and what its operator no longer has goes back to the queue', async () => {
  const escalated = () =>
    rows<{ n: number }>(`SELECT count(DISTINCT incident_id)::int AS n FROM fact WHERE type = 'escalated'`)
  await expect.poll(async () => (await escalated())[0]?.n, { timeout: 15_000 }).toBeGreaterThanOrEqual(6)
  const lost = () => rows(`SELECT 1 FROM fact WHERE type = 'requeued'`)
  await expect.poll(async () => (await lost()).length, { timeout: 15_000 }).toBeGreaterThanOrEqual(1)
  expect(await ask('GET', '/ledger')).toMatchObject({ body: { open: 8, breaches: 0 } })
})

test('what was open rings, is answered, and the helper who was on the way finishes', async () => {
  await ask('PUT', '/presence', { status: 'available' })
  const offers = () => ask<{ items: { incidentId: string }[] }>('GET', '/offers')
  await expect.poll(async () => (await offers()).body.items.length, { timeout: 10_000 }).toBeGreaterThan(0)
  const [offer] = (await offers()).body.items
  expect((await ask('POST', `/incidents/${offer?.incidentId}/answer`, {})).status).toBe(200)

  const [sent] = await rows<{ incidentId: string; id: string }>(
    `SELECT incident_id AS "incidentId", id FROM assignment WHERE status = 'en-route'`,
  )
  if (offer?.incidentId !== sent?.incidentId) await ask('POST', `/incidents/${sent?.incidentId}/answer`, {})
  for (const report of ['on-scene', 'done'])
    expect((await ask('POST', `/assignments/${sent?.id}/report`, { report })).status).toBe(200)
  expect((await ask('POST', `/incidents/${sent?.incidentId}/resolve`, {})).status).toBe(200)
  const closing = { disposition: 'helped-on-site', note: '' }
  expect((await ask('POST', `/incidents/${sent?.incidentId}/close`, closing)).status).toBe(200)

  // A device of that time presses again, and its incident of that time takes it.
  const [device] = readDemo(dataDir).devices
  expect(await press(product.url, device as { key: string }, { sequence: 1 })).toMatchObject({ duplicate: true })
  expect((await press(product.url, device as { key: string }, { sequence: 1001 })).status).toBe(201)
  expect((await inDatabase(dataDir, brokenTimelines)).broken).toEqual([])
})
