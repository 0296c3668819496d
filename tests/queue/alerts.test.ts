import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertView } from '../../server/contracts/queue.ts'
import { incidentAlertsSql } from '../../server/queue/alerts.ts'
import { todaySql } from '../../server/queue/wallboard.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let lead: Person
let id: string
beforeEach(async () => {
  centre = await startCentre()
  lead = await centre.as('sup01')
  const device = (await devicesIn(centre)).find((one) => one.lineClass === 2) as { key: string }
  id = (await centre.press(device)).body.incidentId
})
afterEach(() => centre.close())
const alerts = async (person = lead) => (await person.get<{ items: AlertView[] }>('/alerts')).body.items
const kinds = async (person = lead) => (await alerts(person)).map((alert) => alert.kind).sort()

test('an on-call telephone that nobody could ring is on the leaders’ list with its number, until somebody answers', async () => {
  centre.phone.reachable(false)
  await centre.pass(61)
  const found = (await alerts()).find((alert) => alert.kind === 'on-call-not-rung')
  const [area] = await centre.db.query<{ id: string; phone: string }>(
    `SELECT i.area_id AS id, (SELECT a.on_call_phone FROM area a WHERE i.area_path LIKE a.path || '%' AND a.on_call_phone IS NOT NULL
       ORDER BY length(a.path) DESC LIMIT 1) AS phone FROM incident i WHERE i.id = $1`,
    [id],
  )
  expect(found).toMatchObject({ incidentId: id, areaId: area?.id, phone: area?.phone })
  const ana = await centre.as('op01')
  expect((await ana.get('/alerts')).status).toBe(403)
  expect(JSON.stringify(centre.pushed)).not.toContain(area?.phone)
  await ana.post(`/incidents/${id}/answer`)
  expect(await kinds()).toEqual([])
})

test('work that fails again and again is on every leader’s list, with how much of it', async () => {
  const local = await centre.as('sup02')
  await centre.db.query(
    `INSERT INTO outbox (id, kind, subject, due_at, attempts)
     SELECT gen_random_uuid(), kind, gen_random_uuid(), $1, attempts
     FROM (VALUES ('notify-responder', 5), ('notify-responder', 9), ('next-wave', 4)) t(kind, attempts)`,
    [centre.clock.now()],
  )
  for (const leader of [lead, local])
    expect((await alerts(leader)).filter((alert) => alert.kind === 'job-failed')).toMatchObject([
      { id: 'job-failed:notify-responder', job: 'notify-responder', count: 2, incidentId: null, row: null },
    ])
})

test('somebody whom the ledger has lost is on the list', async () => {
  await centre.db.query('DELETE FROM outbox')
  expect(await alerts()).toMatchObject([{ kind: 'ledger-breach', incidentId: id, row: { id } }])
})

test('leaders see what lies in their area and nothing else', async () => {
  await centre.pass(35)
  const [street] = await centre.db.query<{ own: boolean }>(
    `SELECT i.area_path LIKE a.path || '%' AS own FROM incident i, area a JOIN account_role r ON r.area_id = a.id JOIN account c ON c.id = r.account_id
     WHERE i.id = $1 AND c.username = 'sup02'`,
    [id],
  )
  expect(await kinds(await centre.as('sup02'))).toEqual(street?.own ? ['unanswered'] : [])
  expect(await kinds()).toEqual(['unanswered'])
})

describe('with years of closed incidents', () => {
  beforeEach(async () => {
    await centre.db.query(
      `INSERT INTO incident (id, status, kind, class, subject, area_id, area_path, opened_at, queued_at, waiting_since, rank_at, answered_at, closed_at,
         disposition, promise_at, head, digest)
       SELECT gen_random_uuid(), 'closed', 'button', 2, 'device:' || n, a.id, a.path, at, at, at, at, at, at, 'helped-by-phone', at, '', ''
       FROM generate_series(1, 20000) n CROSS JOIN LATERAL (SELECT $1::timestamptz - n * interval '1 hour' AS at) t
       CROSS JOIN (SELECT id, path FROM area WHERE level = 'community' LIMIT 1) a`,
      [centre.clock.now()],
    )
    await centre.db.query('ANALYZE incident')
  })
  const planOf = async (sql: string, values: unknown[]) =>
    (await centre.db.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${sql}`, values))
      .map((row) => row['QUERY PLAN'])
      .join('\n')
  test('neither the leaders’ list nor the wallboard reads them all', async () => {
    const now = centre.clock.now()
    const list = await planOf(incidentAlertsSql, [['/%'], new Date(now.getTime() - 86_400_000), now, now])
    expect(list).not.toMatch(/Seq Scan on incident/)
    for (const index of ['limit_open', 'claim_stale', 'needs_review', 'waiting'])
      expect(list).toContain(`incident_${index}`)
    const wall = await planOf(todaySql, [['/%'], now, [15, 60, 180]])
    expect(wall).not.toMatch(/Seq Scan on incident/)
    expect(wall).toContain('incident_queued')
  })
  test('the wallboard counts today’s, and whoever waits since before', async () => {
    type Wall = { waiting: number; answeredToday: number; oldestWaitingSince: string }
    const wall = async () => (await lead.get<Wall>('/wallboard')).body
    const today = await wall() // 10 o'clock in Shanghai: ten of the closed ones are of today
    expect(today).toMatchObject({ waiting: 1, answeredToday: 10 })
    centre.clock.forward(24 * 3_600_000)
    const next = await centre.as('sup01')
    const tomorrow = (await next.get<Wall>('/wallboard')).body
    expect(tomorrow).toMatchObject({ waiting: 1, answeredToday: 0, oldestWaitingSince: today.oldestWaitingSince })
  })
})
