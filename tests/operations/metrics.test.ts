import { afterEach, beforeEach, expect, test } from 'vitest'
import { alarmIntake } from '../../server/alarms/open-from-alarm.ts'
import { linkToken } from '../../server/dispatch/link.ts'
import { readEnv } from '../../server/platform/env.ts'
import { makeMetrics } from '../../server/platform/metrics.ts'
import { openMetricsPort } from '../../server/platform/metrics-port.ts'
import { buildApp } from '../../server/wiring/app.ts'
import { sweep } from '../../server/wiring/sweep.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'
import { freePort } from '../support/ports.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

/** What a scrape reads after the next sweep: each figure by its name and labels, as written. */
async function scraped(): Promise<(figure: string) => number | undefined> {
  await sweep(centre.parts)
  const { body } = await centre.app.inject({ url: '/metrics' })
  const figures = new Map(
    body
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))] as const),
  )
  return (figure) => figures.get(figure)
}
const keyOf = (device: unknown) => device as { key: string }

test('presses, batches, the queue and its oldest, by class', async () => {
  const devices = (await devicesIn(centre)).filter((device) => device.lineClass === 2).slice(0, 20)
  await Promise.all(devices.map((device) => centre.press(device)))
  centre.clock.forward(7_000)
  const said = await scraped()
  expect(said('yihu_alarms_total{handling="opened"}')).toBe(new Set(devices.map(({ residentId }) => residentId)).size)
  expect(said('yihu_alarm_batch_size_sum')).toBe(20)
  expect(said('yihu_alarm_batch_size_count')).toBeLessThan(20) // several in one commit
  expect(said('yihu_alarm_commit_seconds_count')).toBe(20)
  expect(said('yihu_alarms_uncommitted')).toBe(0)
  expect(said('yihu_incidents_waiting{class="2"}')).toBe(said('yihu_alarms_total{handling="opened"}'))
  expect(said('yihu_oldest_waiting_seconds{class="2"}')).toBe(7)
  expect(said('yihu_oldest_waiting_seconds{class="1"}')).toBe(0)
  expect(said('yihu_outbox_due')).toBeGreaterThan(0) // nobody has worked yet
  expect(said('yihu_outbox_oldest_due_seconds')).toBe(7)
  expect(said('yihu_ledger_breaches')).toBe(0)
  expect(said('nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0)
})

test('offers made, declined and rung out; the answer with its time', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  const [device] = await devicesIn(centre)
  const id = (await centre.press(keyOf(device))).body.incidentId
  await centre.work()
  const offers = async () => (await ana.get<{ items: { id: string }[] }>('/offers')).body.items
  const [first] = await offers()
  await ana.post(`/offers/${first?.id}/decline`)
  await ana.post(`/offers/${first?.id}/decline`)
  for (let i = 0; i < 60; i++) {
    await centre.pass(1)
    await ana.beat()
  }
  await ana.post(`/incidents/${id}/answer`)
  const said = await scraped()
  const made = await centre.db.query<{ status: string; n: number }>(
    'SELECT status, count(*)::int AS n FROM offer GROUP BY status',
  )
  const of = (status: string) => made.find((row) => row.status === status)?.n ?? 0
  expect(said('yihu_offers_made_total')).toBe(made.reduce((sum, { n }) => sum + n, 0))
  expect(of('expired')).toBeGreaterThan(0)
  expect(said('yihu_offers_expired_total')).toBe(of('expired'))
  expect(said('yihu_offers_declined_total')).toBe(1) // twice is once
  expect(said('yihu_route_seconds_count')).toBeGreaterThan(1)
  const { body } = await ana.get<{ items: { class: number }[] }>(`/incidents?mine=true`)
  const name = `class="${body.items[0]?.class}"`
  expect([said(`yihu_answer_seconds_count{${name}}`), said(`yihu_answer_seconds_sum{${name}}`)]).toEqual([1, 60])
  expect(said('yihu_facts_total{type="answered"}')).toBe(1)
  expect(said('yihu_facts_total{type="escalated"}')).toBeGreaterThan(2)
})

test('helpers by state, the time to their yes and to the door; what is late and what is overdue', async () => {
  const ana = await centre.as('op01')
  const [device] = await devicesIn(centre)
  const id = (await centre.press(keyOf(device))).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${id}/dispatch`, { needed: 1 })
  const [asked] = await centre.db.query<{ id: string; n: number }>(
    'SELECT id, count(*) OVER ()::int AS n FROM assignment ORDER BY id',
  )
  const say = (what: string) =>
    centre.ask('POST', `/r/${linkToken(centre.parts.seal, asked?.id as string)}/${what}`, {}, {})
  expect((await scraped())('yihu_assignments{status="requested"}')).toBe(asked?.n)
  centre.clock.forward(20_000)
  await say('accept')
  await say('accept')
  await ana.beat()
  let said = await scraped()
  expect(said('yihu_assignments{status="accepted"}')).toBe(1)
  expect(said('yihu_assignments{status="requested"}')).toBe(0)
  expect([said('yihu_assignment_accept_seconds_count'), said('yihu_assignment_accept_seconds_sum')]).toEqual([1, 20])
  const [promise] = await centre.db.query<{ at: Date }>('SELECT promise_at AS at FROM incident WHERE id = $1', [id])
  if (!promise) throw new Error('nothing was promised')
  expect(said('yihu_promises_late')).toBe(0)
  centre.clock.set(new Date(promise.at.getTime() + 1_000))
  await ana.beat()
  expect((await scraped())('yihu_promises_late')).toBe(1)
  await say('on-scene')
  said = await scraped()
  expect([said('yihu_promises_late'), said('yihu_assignment_on_scene_seconds_count')]).toEqual([0, 1])

  await say('done')
  await ana.post(`/incidents/${id}/resolve`)
  await ana.post(`/incidents/${id}/close`, { disposition: 'helped-on-site', note: '' })
  await centre.work()
  expect((await scraped())('yihu_follow_ups_overdue')).toBe(0)
  centre.clock.forward(25 * 3_600_000)
  said = await scraped()
  expect(said('yihu_follow_ups_overdue')).toBe(1)
  expect(said('yihu_facts_total{type="closed"}')).toBe(1)
})

test('callers on the line and those to call back; work that fails for ever', async () => {
  const { callId, legId } = await centre.phone.dial('+8613800001111')
  await centre.phone.heardGreeting(callId, legId)
  await centre.work()
  centre.clock.forward(9_000)
  let said = await scraped()
  expect(said('yihu_calls_total{medium="voice"}')).toBe(1)
  expect([said('yihu_calls_waiting'), said('yihu_oldest_call_seconds')]).toEqual([1, 9])
  await centre.phone.goes(legId)
  await centre.work()
  said = await scraped()
  expect([said('yihu_calls_waiting'), said('yihu_call_backs')]).toEqual([0, 1])

  await centre.db.query(
    `INSERT INTO outbox (id, kind, subject, due_at, attempts) VALUES (gen_random_uuid(), 'notify-responder', 'x', $1, 7)`,
    [centre.clock.now()],
  )
  expect((await scraped())('yihu_jobs_stuck{kind="notify-responder"}')).toBe(1)
})

test('a process without pages tells its figures at a port of its own, also when its predecessor still holds it', async () => {
  const port = await freePort()
  const mine = (legs: number) => {
    const metrics = makeMetrics()
    metrics.watchMedia(() => ({ legs, recordings: 0, tickLagMs: 0, underruns: 0, packetsLost: 0, residentBytes: 0 }))
    return openMetricsPort({ ...centre.parts, metrics, env: { ...centre.parts.env, metricsPort: port } })
  }
  const read = async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text().catch(() => '')
  const endOld = mine(1)
  await expect.poll(() => read().catch(() => '')).toContain('yihu_media_legs 1')
  const endNew = mine(2)
  await endOld()
  await expect.poll(() => read().catch(() => ''), { timeout: 5_000 }).toContain('yihu_media_legs 2')
  await endNew()
  await expect(read()).rejects.toThrow()
})

test('a stranger does not read the figures: only this machine, or who shows the token', async () => {
  const ask = (app: Centre['app'], headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
    app.inject({ url: '/metrics', headers, remoteAddress })
  expect((await ask(centre.app)).statusCode).toBe(200)
  expect((await ask(centre.app, {}, '192.168.1.7')).statusCode).toBe(403)
  expect((await ask(centre.app, { 'x-forwarded-for': '127.0.0.1' })).statusCode).toBe(403) // came through a proxy
  expect((await ask(centre.app, { authorization: 'Bearer anything' }, '192.168.1.7')).statusCode).toBe(403)

  const token = 'a-token-of-the-monitor'
  const env = { ...centre.parts.env, metricsToken: token }
  const parts = { ...centre.parts, env }
  const guarded = await buildApp(parts, {
    intake: alarmIntake(parts),
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
  expect((await ask(guarded, { authorization: `Bearer ${token}` }, '192.168.1.7')).statusCode).toBe(200)
  for (const said of ['', 'Bearer', `Bearer ${token}x`, token])
    expect((await ask(guarded, { authorization: said })).statusCode).toBe(401)
  expect((await ask(guarded)).body).not.toContain('yihu_')
  await guarded.close()
  expect(() => readEnv({ METRICS_TOKEN: 'short' })).toThrow(/METRICS_TOKEN: must have at least 16/)
})

test('a server process that gets to its work late says how late', async () => {
  /** Work that lets nothing else through, as on a starved machine; the timers that are due have their turn after it. */
  const stall = async () => {
    const until = performance.now() + 100
    while (performance.now() < until);
    await new Promise((done) => setTimeout(done))
  }
  await centre.app.inject({ url: '/metrics' })
  await stall() // it is measured from one turn to the next
  await stall()
  const { body } = await centre.app.inject({ url: '/metrics' })
  expect(Number(/^nodejs_eventloop_lag_p99_seconds (\S+)$/m.exec(body)?.[1])).toBeGreaterThan(0.06)
})
