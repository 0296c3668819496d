import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLedger } from '../../server/incidents/ledger.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const device = (await devicesIn(centre)).find((one) => one.lineClass === 2) as { key: string }
  id = (await centre.press(device)).body.incidentId
})
afterEach(() => centre.close())

const said = async (type: string) =>
  (await centre.db.query('SELECT 1 FROM fact WHERE incident_id = $1 AND type = $2', [id, type])).length

test('a claim that goes stale and is lost, every check delivered twice, is marked once and requeued once', async () => {
  await ana.post(`/incidents/${id}/answer`)
  await centre.pass(100, 2)
  expect([await said('claim-stale'), await said('requeued')]).toEqual([1, 1])
  expect((await load(centre.db, id))?.status).toBe('waiting')
  expect((await readLedger(centre.parts, ['/'])).breaches).toBe(0)
})
test('a hold that runs out twice returns once', async () => {
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/hold`, { minutes: 1, reason: '等回电' })
  for (let i = 0; i < 5; i++) {
    await centre.pass(15, 2)
    await ana.beat()
  }
  expect(await said('returned')).toBe(1)
})
test('a wrap-up that runs out twice closes once, and nobody is called before a leader has looked', async () => {
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/resolve`)
  await centre.pass(95, 2)
  expect(await said('closed')).toBe(1)
  expect(await centre.db.query('SELECT 1 FROM follow_up')).toHaveLength(0)
})
test('a closure told twice plans one call; the list names whom to call, and opening it is one look', async () => {
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/resolve`)
  await ana.post(`/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' })
  await centre.work(2)
  type Call = { incidentId: string; residentName: string; disposition: string; incidentKind: string }
  const { items } = (await ana.get<{ items: Call[] }>('/follow-ups')).body
  await ana.get('/follow-ups')
  expect(items).toMatchObject([{ incidentId: id, disposition: 'helped-by-phone', incidentKind: 'button' }])
  expect(items[0]?.residentName).not.toBe('')
  expect(
    await centre.db.query(`SELECT action FROM audit WHERE subject_kind = 'follow-up' AND account_id = $1`, [ana.id]),
  ).toEqual([{ action: 'look' }])
})
test('an incident is handed to a colleague who is there, and to nobody else', async () => {
  const ben = await centre.as('op02')
  const far = await centre.as('op12')
  await ana.post(`/incidents/${id}/answer`)
  const to = (operatorId: string) =>
    ana.post<{ code: string; ownerId: string }>(`/incidents/${id}/transfer`, { operatorId, reason: '换班' })
  expect((await to(ben.id)).body.code).toBe('colleague-not-there')
  await ben.available()
  await far.available()
  const [area] = await centre.db.query<{ street: string }>(
    `SELECT p.name AS street FROM incident i JOIN area p ON i.area_path LIKE p.path || '%' AND p.level = 'street' WHERE i.id = $1`,
    [id],
  )
  if (area?.street !== '云陂街道') expect((await to(far.id)).body.code).toBe('colleague-not-there')
  expect((await to(ben.id)).body.ownerId).toBe(ana.id)
  expect((await to(ben.id)).body.code).toBe('rings-already')
  expect((await ben.post<{ ownerId: string }>(`/incidents/${id}/answer`)).body.ownerId).toBe(ben.id)
  expect((await to(ben.id)).body.code).toBe('not-owner')
})
test('a job that fails again and again is told to the leaders, and is tried on', async () => {
  await centre.db.query(
    `INSERT INTO outbox (id, kind, subject, due_at) VALUES (gen_random_uuid(), 'escalate-incident', 'no incident', $1)`,
    [centre.clock.now()],
  )
  const lead = await centre.as('sup01')
  const failing = async () =>
    (await lead.get<{ items: { kind: string; job: string }[] }>('/alerts')).body.items
      .filter((alert) => alert.kind === 'job-failed')
      .map((alert) => alert.job)
  const attempt = async () => {
    centre.clock.forward(31_000)
    await centre.work().catch(() => {})
  }
  for (let i = 0; i < 4; i++) await attempt()
  expect([centre.troubles, await failing()]).toEqual([[], []])
  for (let i = 0; i < 2; i++) await attempt()
  expect(centre.troubles).toContain('escalate-incident')
  expect(await failing()).toEqual(['escalate-incident'])
  const [row] = await centre.db.query<{ attempts: number }>(`SELECT attempts FROM outbox WHERE subject = 'no incident'`)
  expect(row?.attempts).toBeGreaterThanOrEqual(6)
})
