import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkToken } from '../../server/dispatch/link.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
type Row = { id: string; responderId: string; status: string; wave: number }
const assignments = () =>
  centre.db.query<Row>(
    `SELECT id, responder_id AS "responderId", status, wave FROM assignment WHERE incident_id = $1 ORDER BY wave, id`,
    [id],
  )
const say = (assignment: Row, what: string, body = {}) =>
  centre.ask<{ status: string; code: string; place: unknown }>(
    'POST',
    `/r/${linkToken(centre.parts.seal, assignment.id)}/${what}`,
    body,
    {},
  )
const page = (assignment: Row) =>
  centre.ask<{ status: string; place: { access: string } | null }>(
    'GET',
    `/r/${linkToken(centre.parts.seal, assignment.id)}`,
    undefined,
    {},
  )

beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const [device] = await devicesIn(centre)
  id = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
})
afterEach(() => centre.close())

const send = async (body = {}) => {
  const sent = await ana.post<{ code: string }>(`/incidents/${id}/dispatch`, body)
  await centre.work()
  return sent
}
const keepAlive = async (seconds: number) => {
  for (let left = seconds; left > 0; left -= 15) {
    await centre.pass(Math.min(15, left))
    await ana.beat()
  }
}

test('the helpers nearby are ranked, and each rank explains itself', async () => {
  const { body } = await ana.get<{ items: { score: number; reasons: string[]; skills: string[] }[] }>(
    `/incidents/${id}/helpers`,
  )
  expect(body.items.length).toBeGreaterThan(3)
  expect(body.items.map((helper) => helper.score)).toEqual(
    body.items.map((helper) => helper.score).sort((a, b) => a - b),
  )
  expect(
    body.items.every(
      (helper) => helper.skills.includes('lifting') && helper.reasons.some((reason) => reason.startsWith('minutes:')),
    ),
  ).toBe(true)
})

test('one accepts, the others are stood down at once, and the case ends when it is done', async () => {
  await send()
  const asked = await assignments()
  expect(asked.length).toBeGreaterThan(1)
  expect((await page(asked[0] as Row)).body.place).toBeNull()
  expect((await say(asked[0] as Row, 'accept')).body).toMatchObject({
    status: 'accepted',
    place: expect.objectContaining({ access: expect.any(String) }),
  })
  expect((await assignments()).map((row) => row.status)).toEqual([
    'accepted',
    ...asked.slice(1).map(() => 'stood-down'),
  ])
  expect((await say(asked[1] as Row, 'accept')).body).toMatchObject({ code: 'request-over' })
  expect((await page(asked[1] as Row)).body).toMatchObject({ status: 'stood-down', place: null })
  await centre.work()
  const told = await centre.db.query<{ about: string }>(`SELECT about FROM message WHERE text LIKE '%不再需要%'`)
  expect(told).toHaveLength(asked.length - 1)
  expect((await ana.post<{ code: string }>(`/incidents/${id}/resolve`)).body.code).toBe('responders-still-out')
  for (const step of ['en-route', 'on-scene', 'done']) expect((await say(asked[0] as Row, step)).status).toBe(200)
  expect((await say(asked[0] as Row, 'done')).status).toBe(200) // twice is once
  expect((await ana.post(`/incidents/${id}/resolve`)).status).toBe(200)
  expect((await ana.post(`/incidents/${id}/close`, { disposition: 'helped-on-site', note: '已扶起' })).status).toBe(200)
  centre.clock.forward(61 * 60_000)
  expect((await page(asked[0] as Row)).body.place).toBeNull() // an hour after closure the address is gone again
})

test('all decline, so the second wave is asked at once; nobody is asked twice', async () => {
  await send()
  const first = await assignments()
  for (const row of first) await say(row, 'decline', { reason: 'busy' })
  await centre.work()
  const second = (await assignments()).filter((row) => row.wave === 2)
  expect(second.length).toBeGreaterThan(0)
  expect(second.some((row) => first.some((old) => old.responderId === row.responderId))).toBe(false)
  expect((await say(second[0] as Row, 'accept')).status).toBe(200)
})

test('nobody answers three waves: they lapse, and the leader is told', async () => {
  await send()
  await keepAlive(200)
  const all = await assignments()
  expect(new Set(all.map((row) => row.wave))).toEqual(new Set([1, 2, 3]))
  expect(all.every((row) => row.status === 'expired')).toBe(true)
  expect(await load(centre.db, id)).toMatchObject({ assignmentsOpen: 0, status: 'response' })
  expect(
    centre.pushed.some(
      (push) => push.name === 'alert.raised' && (push.payload as { kind: string }).kind === 'waves-exhausted',
    ),
  ).toBe(true)
})

test('every job of a dispatch delivered twice asks and tells each once', async () => {
  await ana.post(`/incidents/${id}/dispatch`)
  await centre.work(2)
  const asked = await assignments()
  expect(await centre.db.query('SELECT 1 FROM message')).toHaveLength(asked.length)
  centre.clock.forward(61_000)
  await ana.beat()
  await centre.work(2)
  const all = await assignments()
  expect(new Set(all.map((row) => row.wave))).toEqual(new Set([1, 2]))
  expect((await load(centre.db, id))?.assignmentsOpen).toBe(all.filter((row) => row.wave === 2).length)
})

test('the same hands are never booked by two incidents', async () => {
  await send()
  const [asked] = await assignments()
  const other = (await devicesIn(centre))[1] as { key: string }
  const second = (await centre.press(other)).body.incidentId
  await ana.post(`/incidents/${second}/answer`)
  await ana.post(`/incidents/${second}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${second}/dispatch`, { responderIds: [asked?.responderId] })
  const [there] = await centre.db.query<Row>('SELECT id FROM assignment WHERE incident_id = $1', [second])
  const both = await Promise.all([say(asked as Row, 'accept'), say(there as Row, 'accept')])
  expect(both.map((reply) => reply.status).sort()).toEqual([200, 409])
  expect(both.find((reply) => reply.status === 409)?.body.code).toBe('booked-elsewhere')
})

test('a helper who hands back is replaced, and the operator enters what another says by telephone', async () => {
  await send()
  const [first] = await assignments()
  await say(first as Row, 'accept')
  await say(first as Row, 'hand-back', { reason: 'unwell' })
  await centre.work()
  const next = (await assignments()).find((row) => row.wave === 2)
  expect(
    (await ana.post<{ status: string }>(`/assignments/${next?.id}/report`, { report: 'accept' })).body.status,
  ).toBe('accepted')
  expect(
    (await ana.post<{ status: string }>(`/assignments/${next?.id}/stand-down`, { reason: '居民已无需' })).body.status,
  ).toBe('stood-down')
  expect(await centre.db.query('SELECT open_assignments AS n FROM responder WHERE open_assignments > 0')).toEqual([])
})

test('a forged link opens nothing', async () => {
  await send()
  const [first] = await assignments()
  const token = linkToken(centre.parts.seal, (first as Row).id)
  const forged = `${token.slice(0, -3)}abc`
  expect((await centre.ask('GET', `/r/${forged}`, undefined, {})).status).toBe(404)
  expect((await centre.ask('POST', `/r/${forged}/accept`, {}, {})).status).toBe(404)
})

test('with nobody free it says so and changes nothing', async () => {
  await centre.db.query('UPDATE responder SET on_duty = false')
  expect((await send()).body.code).toBe('nobody-free')
  expect((await load(centre.db, id))?.status).toBe('triage')
})
