import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLedger } from '../../server/incidents/ledger.ts'
import { readBoard } from '../../server/incidents/queries.ts'
import { load } from '../../server/incidents/store.ts'
import { routeIncidents } from '../../server/queue/route-incident.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

const press = async (n: number, signal = {}) => {
  const device = (await devicesIn(centre)).filter((one) => one.lineClass >= 2 && one.language === 'zh')[n] as {
    key: string
  }
  return (await centre.press(device, signal)).body.incidentId
}
const ringing = (id: string) =>
  centre.db.query<{ operators: string[] }>(
    `SELECT operators FROM offer WHERE incident_id = $1 AND status = 'ringing'`,
    [id],
  )

test('an operator who puts one aside, or hands it on, is rung with what waits at once', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const first = await press(0)
  await ana.post(`/incidents/${first}/answer`)
  const second = await press(1)
  await centre.work()
  expect(await ringing(second)).toEqual([])
  await ana.post(`/incidents/${first}/hold`, { minutes: 5, reason: '等回电' })
  await centre.work()
  expect(await ringing(second)).toEqual([{ operators: [ana.id] }])
})

test('a router that comes while somebody answers does not ring what is answered', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const id = await press(2)
  let routed: Promise<void> = Promise.resolve()
  await centre.db.transaction(async (tx) => {
    await tx.query('SELECT 1 FROM incident WHERE id = $1 FOR UPDATE', [id])
    routed = routeIncidents(centre.parts)
    await tx.query('SELECT pg_sleep(0.2)') // the router has read the queue and now waits for the row
    await tx.query(`UPDATE incident SET status = 'triage', owner_id = $2 WHERE id = $1`, [id, ana.id])
  })
  await routed
  expect(await ringing(id)).toEqual([])
})

test('a long queue of one street hides nothing of another', async () => {
  const far = await centre.as('op12')
  await far.available()
  const [own] = await centre.db.query<{ path: string }>(
    'SELECT a.path FROM account_role r JOIN area a ON a.id = r.area_id WHERE r.account_id = $1 LIMIT 1',
    [far.id],
  )
  const devices = await devicesIn(centre)
  const theirs = devices.filter((device) => device.areaPath.startsWith(own?.path ?? '/')).at(0)
  const others = devices.filter((device) => !device.areaPath.startsWith(own?.path ?? '/')).slice(0, 260)
  for (const device of others) await centre.press(device)
  const id = (await centre.press(theirs as { key: string })).body.incidentId
  await centre.work()
  expect(await ringing(id)).toEqual([{ operators: [far.id] }])
})

test('a life alarm that rang out rings at everybody again, also at who let it pass', async () => {
  const ana = await centre.as('op01')
  const ben = await centre.as('op02')
  await ana.available()
  const id = await press(3, { type: 'fall' })
  await centre.work()
  await centre.pass(10)
  await ben.available()
  await centre.work()
  await centre.pass(16)
  expect((await ringing(id))[0]?.operators.sort()).toEqual([ana.id, ben.id].sort())
})

test('a released incident climbs the steps from where it waits again, and keeps its place in the queue', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const id = await press(4)
  await ana.post(`/incidents/${id}/answer`)
  for (let i = 0; i < 20; i++) {
    await centre.pass(15)
    await ana.beat()
  }
  const before = await load(centre.db, id)
  await ana.post(`/incidents/${id}/requeue`)
  await centre.pass(1)
  expect(await load(centre.db, id)).toMatchObject({ escalation: 0, limitOpen: false, queuedAt: before?.queuedAt })
  await centre.pass(10)
  expect((await load(centre.db, id))?.escalation).toBe(1)
})

test('a flat battery does not climb like a fall', async () => {
  const id = await press(5, { type: 'low-battery' })
  await centre.pass(61)
  expect((await load(centre.db, id))?.escalation).toBe(0)
  await press(5, { type: 'fall' })
  await centre.pass(2)
  expect((await load(centre.db, id))?.escalation).toBe(4)
})

test('a console that comes back is the owner again, and a colleague cannot take over without a reason', async () => {
  const ana = await centre.as('op01')
  const ben = await centre.as('op02')
  await ana.available()
  const id = await press(6)
  await ana.post(`/incidents/${id}/answer`)
  await centre.pass(46)
  expect((await load(centre.db, id))?.claimStale).toBe(true)
  await ana.beat()
  await centre.work(2)
  expect((await load(centre.db, id))?.claimStale).toBe(false)
  expect((await ben.post<{ code: string }>(`/incidents/${id}/take-over`)).body.code).toBe('live-claim')
})

test('somebody on a break is not handed anything', async () => {
  const ana = await centre.as('op01')
  const ben = await centre.as('op02')
  await ana.available()
  const id = await press(7)
  await ana.post(`/incidents/${id}/answer`)
  const to = () => ana.post<{ code: string }>(`/incidents/${id}/transfer`, { operatorId: ben.id })
  await ben.available()
  await ben.put('/presence', { status: 'break', reason: 'meal' })
  expect((await to()).body.code).toBe('colleague-not-there')
  await ben.available()
  expect((await to()).status).toBe(200)
})

test('a held incident that lost all its timers is a breach, and returns', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const id = await press(8)
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/hold`, { minutes: 1, reason: '等回电' })
  await centre.db.query('DELETE FROM outbox WHERE subject = $1', [id])
  expect((await readLedger(centre.parts, ['/'])).breachedIds).toEqual([id])
})

test('answering twice is answering once', async () => {
  const ana = await centre.as('op01')
  const id = await press(9)
  await ana.post(`/incidents/${id}/answer`)
  expect((await ana.post(`/incidents/${id}/answer`)).status).toBe(200)
  expect(await centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'answered'`, [id])).toHaveLength(1)
})

test('a matter of life is made less only with a reason', async () => {
  const ana = await centre.as('op01')
  const id = await press(10, { type: 'smoke' })
  await ana.post(`/incidents/${id}/answer`)
  const classify = (more = {}) =>
    ana.post<{ code: string; class: number }>(`/incidents/${id}/classify`, {
      catalogueCode: 'fall-help',
      class: 2,
      answers: {},
      ...more,
    })
  expect((await classify()).body.code).toBe('lower-needs-reason')
  expect((await classify({ lowerBecause: '烧焦的吐司' })).body.class).toBe(2)
})

test('the list of what changed since misses nothing that commits late', async () => {
  const id = await press(11)
  const asked = await readBoard(centre.parts, ['/'], {})
  let seen: string[] = []
  await centre.db.transaction(async (tx) => {
    await tx.query(
      `UPDATE incident SET version = version + 1, seq = nextval('change_seq'), changed_xid = pg_current_xact_id() WHERE id = $1`,
      [id],
    )
    // Meanwhile others commit, and the console asks: its cursor must not go past what is still under way.
    for (let i = 20; i < 30; i++) await press(i)
    const meanwhile = await readBoard(centre.parts, ['/'], { epoch: asked.epoch, since: asked.seq })
    seen = [String(meanwhile.seq)]
  })
  const after = await readBoard(centre.parts, ['/'], { epoch: asked.epoch, since: Number(seen[0]) })
  expect(after.items.find((row) => row.id === id)?.version).toBe(2)
})
