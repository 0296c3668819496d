import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readLedger, sweepLedger } from '../../server/incidents/ledger.ts'
import { load } from '../../server/incidents/store.ts'
import { sweepOffers } from '../../server/queue/jobs.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ordinary: Awaited<ReturnType<typeof devicesIn>>
beforeEach(async () => {
  centre = await startCentre()
  ordinary = (await devicesIn(centre)).filter((device) => device.lineClass === 2 && device.language === 'zh')
})
afterEach(() => centre.close())

type Offer = { id: string; incidentId: string; operators: string[]; status: string; round: number }
const offersOf = (id: string) =>
  centre.db.query<Offer>(
    `SELECT id, incident_id AS "incidentId", operators, status, round FROM offer WHERE incident_id = $1 ORDER BY created_at, round`,
    [id],
  )
const pressed = async (i = 0, signal = {}) =>
  (await centre.press(ordinary[i] as { key: string }, signal)).body.incidentId
const breaches = async () => (await readLedger(centre.parts, ['/'])).breaches

describe('ringing', () => {
  test('an ordinary press rings at one operator, and rings on at another when nobody answers', async () => {
    const [ana, ben] = [await centre.as('op01'), await centre.as('op02')]
    await ana.available()
    await ben.available()
    const id = await pressed()
    await centre.work()
    const first = (await offersOf(id))[0] as Offer
    expect(first.operators).toHaveLength(1)
    await centre.pass(16)
    await ana.beat()
    const rung = await offersOf(id)
    expect(new Set(rung.flatMap((offer) => offer.operators))).toEqual(new Set([ana.id, ben.id]))
  })
  test('a life alarm rings at everybody; the first to accept has it and the others are told', async () => {
    const operators = [await centre.as('op01'), await centre.as('op02'), await centre.as('op05')]
    for (const operator of operators) await operator.available()
    const id = await pressed(0, { type: 'fall' })
    await centre.work()
    expect((await offersOf(id))[0]?.operators.sort()).toEqual(operators.map((operator) => operator.id).sort())
    const answers = await Promise.all(
      operators.map((operator) => operator.post<{ code?: string }>(`/incidents/${id}/answer`)),
    )
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409])
    expect(
      answers.filter((answer) => answer.status === 409).every((answer) => answer.body.code === 'already-answered'),
    ).toBe(true)
    expect((await offersOf(id)).map((offer) => offer.status)).toEqual(['accepted'])
  })
  test('with the worker away an operator still takes it from the list', async () => {
    const ana = await centre.as('op01')
    const id = await pressed()
    const board = await ana.get<{ items: { id: string }[] }>('/board')
    expect(board.body.items.map((row) => row.id)).toContain(id)
    expect((await ana.post(`/incidents/${id}/answer`)).status).toBe(200)
  })
  test('it is pushed to the consoles of its area before any job has run', async () => {
    const id = await pressed()
    expect(
      centre.pushed.some((push) => push.name === 'incident.changed' && (push.payload as { id: string }).id === id),
    ).toBe(true)
    expect(JSON.stringify(centre.pushed)).not.toContain(
      (await centre.db.query<{ name: string }>('SELECT name FROM resident WHERE id = $1', [ordinary[0]?.residentId]))[0]
        ?.name,
    )
  })
  test('whoever declines is not rung again while a colleague is free', async () => {
    const [ana, ben] = [await centre.as('op01'), await centre.as('op02')]
    await ana.available()
    centre.clock.forward(1000)
    await ben.available()
    const id = await pressed()
    await centre.work()
    const [offer] = await offersOf(id)
    expect(offer?.operators).toEqual([ana.id])
    expect((await ana.post(`/offers/${offer?.id}/decline`)).status).toBe(200)
    expect((await ana.post(`/offers/${offer?.id}/decline`)).status).toBe(409)
    await centre.work()
    expect((await offersOf(id)).at(-1)).toMatchObject({ operators: [ben.id], status: 'ringing', round: 2 })
  })
  test('somebody who becomes available is rung with what waits', async () => {
    const id = await pressed()
    await centre.work()
    expect(await offersOf(id)).toEqual([])
    const ana = await centre.as('op01')
    await ana.available()
    await centre.work()
    expect((await offersOf(id))[0]?.operators).toEqual([ana.id])
  })
})

describe('an unanswered press', () => {
  test('escalates at each step, and every step is heard by somebody', async () => {
    centre.phone.reachable(false)
    const id = await pressed()
    const steps: [number, number][] = [
      [10, 1],
      [15, 2],
      [30, 3],
      [60, 4],
      [180, 5],
    ]
    let waited = 0
    for (const [second, step] of steps) {
      await centre.pass(second - waited)
      waited = second
      expect([second, (await load(centre.db, id))?.escalation]).toEqual([second, step])
    }
    const told = centre.pushed
      .filter((push) => push.name === 'alert.raised')
      .map((push) => (push.payload as { kind: string }).kind)
    expect(told).toContain('unanswered')
    expect(told).toContain('hard-limit')
    expect(await centre.db.query('SELECT channel FROM message WHERE about = $1', [`incident:${id}`])).toEqual([
      { channel: 'voice' },
    ])
    const lead = await centre.as('sup01')
    expect((await lead.get<{ items: { kind: string }[] }>('/alerts')).body.items.map((alert) => alert.kind)).toEqual([
      'hard-limit',
      'on-call-not-rung',
    ])
    expect((await lead.post(`/incidents/${id}/dismiss-limit`, { reason: '' })).status).toBe(422)
    expect((await lead.post(`/incidents/${id}/dismiss-limit`, { reason: '已电话联系' })).status).toBe(200)
    expect(await breaches()).toBe(0)
  })
  test('goes on telling the leaders each minute after the hard limit', async () => {
    await pressed()
    await centre.pass(181)
    const before = centre.pushed.filter((push) => push.name === 'alert.raised').length
    await centre.pass(125)
    expect(centre.pushed.filter((push) => push.name === 'alert.raised').length).toBeGreaterThanOrEqual(before + 2)
  })
})

describe('a claim', () => {
  test('is kept alive by the console; a dead tab gives the incident back and a colleague takes it over', async () => {
    const [ana, ben] = [await centre.as('op01'), await centre.as('op02')]
    const id = await pressed()
    await ana.post(`/incidents/${id}/answer`)
    for (let i = 0; i < 6; i++) {
      await centre.pass(15)
      await ana.beat()
    }
    expect(await load(centre.db, id)).toMatchObject({ ownerId: ana.id, claimStale: false })
    expect((await ben.post(`/incidents/${id}/take-over`)).body).toMatchObject({ code: 'live-claim' })
    await centre.pass(46)
    expect(await load(centre.db, id)).toMatchObject({ ownerId: ana.id, claimStale: true })
    expect((await ben.post(`/incidents/${id}/take-over`)).status).toBe(200)
    expect(await load(centre.db, id)).toMatchObject({ ownerId: ben.id, claimStale: false })
    expect(await breaches()).toBe(0)
  })
  test('that nobody takes over goes back to the queue with its first queue time', async () => {
    const ana = await centre.as('op01')
    const id = await pressed()
    const queuedAt = centre.clock.now()
    await centre.pass(5)
    await ana.post(`/incidents/${id}/answer`)
    await centre.pass(92)
    expect(await load(centre.db, id)).toMatchObject({ status: 'waiting', ownerId: null, queuedAt })
    expect(await breaches()).toBe(0)
  })
  test('a held incident returns by itself, even if its console has gone', async () => {
    const ana = await centre.as('op01')
    const id = await pressed()
    await ana.post(`/incidents/${id}/answer`)
    expect((await ana.post(`/incidents/${id}/hold`, { minutes: 1, reason: '等回电' })).status).toBe(200)
    expect((await readLedger(centre.parts, ['/'])).held).toBe(1)
    await centre.pass(30)
    await ana.beat()
    await centre.pass(31)
    expect(await load(centre.db, id)).toMatchObject({ heldUntil: null, status: 'triage' })
  })
})

describe('nothing is forgotten', () => {
  test('every job delivered twice does its work once', async () => {
    centre.phone.reachable(false)
    const ana = await centre.as('op01')
    await ana.available()
    const id = await pressed()
    await centre.work(2)
    expect(await offersOf(id)).toHaveLength(1)
    for (let second = 0; second < 65; second++) {
      centre.clock.forward(1000)
      await centre.work(2)
    }
    const row = await load(centre.db, id)
    expect(row?.escalation).toBe(4)
    const facts = await centre.db.query<{ type: string }>('SELECT type FROM fact WHERE incident_id = $1', [id])
    expect(facts.filter((fact) => fact.type === 'escalated')).toHaveLength(4)
    expect(await centre.db.query('SELECT 1 FROM message WHERE about = $1', [`incident:${id}`])).toHaveLength(1)
    expect(await breaches()).toBe(0)
  })
  test('a job that the queue lost with its worker is sent again', async () => {
    const id = await pressed()
    await centre.db.query('UPDATE outbox SET sent_at = $1 WHERE subject = $2', [centre.clock.now(), id]) // drained, then the worker died
    expect(await centre.work()).toEqual([])
    await centre.pass(31)
    expect((await load(centre.db, id))?.escalation).toBe(3)
  })
  test('the ledger finds an incident whose timer is gone, sets it again and tells the leaders', async () => {
    const id = await pressed()
    await centre.db.query('DELETE FROM outbox')
    expect(await breaches()).toBe(1)
    expect(await sweepLedger(centre.parts)).toBe(1)
    expect(await breaches()).toBe(0)
    expect(
      centre.pushed.some(
        (push) => push.name === 'alert.raised' && (push.payload as { kind: string }).kind === 'ledger-breach',
      ),
    ).toBe(true)
    await centre.pass(16)
    expect((await load(centre.db, id))?.escalation).toBe(2)
  })
  test('an offer whose timer is gone rings out all the same', async () => {
    const ana = await centre.as('op01')
    await ana.available()
    const id = await pressed()
    await centre.work()
    await centre.db.query(`DELETE FROM outbox WHERE kind = 'expire-offer'`)
    centre.clock.forward(21_000)
    await sweepOffers(centre.parts)
    await centre.work()
    expect((await offersOf(id))[0]?.status).toBe('expired')
  })
  test('wrap-up without an outcome closes as "needs review" and a leader sees it', async () => {
    const ana = await centre.as('op01')
    const id = await pressed()
    await ana.post(`/incidents/${id}/answer`)
    await ana.post(`/incidents/${id}/resolve`)
    await ana.post(`/incidents/${id}/extend-wrap-up`)
    await centre.pass(140)
    expect((await load(centre.db, id))?.status).toBe('wrap-up')
    await centre.pass(11)
    expect(await load(centre.db, id)).toMatchObject({ status: 'closed', disposition: 'needs-review' })
    const lead = await centre.as('sup01')
    expect((await lead.get<{ items: { kind: string }[] }>('/alerts')).body.items.map((alert) => alert.kind)).toContain(
      'wrap-up-lapsed',
    )
  })
  test('a new press within a week of closure is a new incident, marked as unresolved, at the operator who knew it', async () => {
    const [ana, ben] = [await centre.as('op01'), await centre.as('op02')]
    const id = await pressed()
    await ana.post(`/incidents/${id}/answer`)
    await ana.post(`/incidents/${id}/resolve`)
    expect((await ana.post(`/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' })).status).toBe(200)
    await ben.available()
    centre.clock.forward(60_000)
    await ana.available()
    const again = await pressed()
    expect(again).not.toBe(id)
    await centre.work()
    expect(await load(centre.db, again)).toMatchObject({ previousId: id, status: 'waiting' })
    expect((await offersOf(again))[0]?.operators).toEqual([ana.id])
    expect(await centre.db.query('SELECT kind FROM follow_up WHERE incident_id = $1', [id])).toEqual([
      { kind: 'satisfaction-call' },
    ])
  })
})

test('a stale version is refused, and the list of what changed since brings the new row', async () => {
  const ana = await centre.as('op01')
  const id = await pressed()
  const first = (await ana.get<{ epoch: string; seq: number }>('/board')).body
  await ana.post(`/incidents/${id}/answer`)
  expect((await ana.post(`/incidents/${id}/note`, { text: 'x', version: 1 })).body).toMatchObject({
    code: 'stale-version',
  })
  const since = await ana.get<{ items: { id: string; status: string }[] }>(
    `/board?epoch=${first.epoch}&since=${first.seq}`,
  )
  expect(since.body.items.find((row) => row.id === id)?.status).toBe('triage')
})
