import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ResponderPage } from '../../server/contracts/dispatch.ts'
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

test('who is marked as the first wave is who is asked; afterwards they stand last, also the one who goes', async () => {
  type Helper = { responderId: string; firstWave: boolean; asked: string | null }
  const helpers = async () => (await ana.get<{ items: Helper[] }>(`/incidents/${id}/helpers?limit=8`)).body.items
  const marked = (await helpers()).filter((helper) => helper.firstWave).map((helper) => helper.responderId)
  await send()
  const asked = await assignments()
  expect(asked.map((one) => one.responderId).sort()).toEqual([...marked].sort())
  await say(asked[0] as Row, 'accept')
  const after = await helpers()
  expect(after.slice(0, 8).every((helper) => helper.asked === null)).toBe(true)
  expect(
    after
      .slice(8)
      .map((helper) => helper.responderId)
      .sort(),
  ).toEqual([...marked].sort())
  expect(after.find((helper) => helper.responderId === asked[0]?.responderId)?.asked).toBe('accepted')
})
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

test('whoever did not answer is told only that, as long as nobody goes', async () => {
  await send()
  await keepAlive(61)
  const expired = (await assignments()).filter((row) => row.status === 'expired')
  expect(expired.length).toBeGreaterThan(0)
  const told = await centre.db.query<{ text: string }>(
    `SELECT m.text FROM message m JOIN assignment s ON m.about = 'assignment:' || s.id WHERE s.incident_id = $1 AND s.status = 'expired' AND NOT m.request AND m.text NOT LIKE '%/r/%'`,
    [id],
  )
  expect(told).toHaveLength(expired.length)
  for (const { text } of told) expect(text).toMatch(/答复时间已过|the time to answer is over/)
  expect(told.map(({ text }) => text).join()).not.toMatch(/有.*人前往|somebody|no longer needed|不再需要/)
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
  const told = await centre.db.query<{ about: string }>(
    `SELECT about FROM message WHERE text LIKE '%已有其他人前往%' OR text LIKE '%somebody else is going%'`,
  )
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

test('who goes is said by who has the incident or a supervisor, not by a colleague of the area', async () => {
  await send()
  const [asked] = await assignments()
  const [ben, lead] = [await centre.as('op02'), await centre.as('sup01')]
  const far = await centre.as('op12')
  const path = `/assignments/${asked?.id}`
  expect((await ben.post<{ code: string }>(`${path}/stand-down`, {})).body.code).toBe('not-owner')
  expect((await ben.post<{ code: string }>(`${path}/report`, { report: 'accept' })).body.code).toBe('not-owner')
  const [area] = await centre.db.query<{ far: boolean }>(
    `SELECT NOT i.area_path LIKE a.path || '%' AS far FROM incident i, area a WHERE i.id = $1 AND a.name = '云陂街道'`,
    [id],
  )
  expect((await far.post(`${path}/report`, { report: 'accept' })).status).toBe(area?.far ? 404 : 403)
  expect((await assignments())[0]?.status).toBe('requested')
  expect((await lead.post<{ status: string }>(`${path}/report`, { report: 'accept' })).body.status).toBe('accepted')
  expect((await ana.post<{ status: string }>(`${path}/stand-down`, {})).body.status).toBe('stood-down')
})

test('picked by hand are only helpers of the district who are in service', async () => {
  const [helper] = await centre.db.query<{ id: string }>('SELECT id FROM responder WHERE active AND on_duty LIMIT 1')
  const [away] = await centre.db.query<{ id: string }>(
    'UPDATE responder SET active = false WHERE id = (SELECT id FROM responder WHERE id <> $1 LIMIT 1) RETURNING id',
    [helper?.id],
  )
  await centre.db.query(
    `INSERT INTO area (id, level, name, name_en, path, lat, lon) VALUES (gen_random_uuid(), 'district', '邻区', 'Next', '/next/', 30, 120)`,
  )
  const [abroad] = await centre.db.query<{ id: string }>(
    `UPDATE responder SET area_id = (SELECT id FROM area WHERE path = '/next/')
     WHERE id = (SELECT id FROM responder WHERE active AND id <> $1 LIMIT 1) RETURNING id`,
    [helper?.id],
  )
  for (const stranger of ['00000000-0000-7000-8000-000000000000', away?.id, abroad?.id])
    expect((await send({ responderIds: [helper?.id, stranger] })).body.code).toBe('responder-not-there')
  expect(await assignments()).toEqual([])
  expect((await send({ responderIds: [helper?.id] })).body).toMatchObject({
    assignments: [{ responderId: helper?.id }],
  })
})

test('a helper of another area may be sent, and their number is not given to who does not look after it', async () => {
  type Helpers = { items: { responderId: string; name: string; phone: string | null }[] }
  const { items } = (await ana.get<Helpers>(`/incidents/${id}/helpers`)).body
  expect(items.every((helper) => helper.phone)).toBe(true)
  const [street] = await centre.db.query<{ path: string; operator: string }>(
    `SELECT p.path, (SELECT username FROM account a JOIN account_role r ON r.account_id = a.id WHERE r.area_id = p.id AND r.role = 'operator' LIMIT 1) AS operator
     FROM incident i JOIN area p ON p.level = 'street' AND i.area_path LIKE p.path || '%' WHERE i.id = $1`,
    [id],
  )
  const own = await centre.db.query<{ id: string }>(
    'SELECT r.id FROM responder r JOIN area ON area.id = r.area_id WHERE area.path LIKE $1',
    [`${street?.path}%`],
  )
  const local = await centre.as(street?.operator as string)
  const seen = (await local.get<Helpers>(`/incidents/${id}/helpers?limit=50`)).body.items
  const near = (helper: { responderId: string }) => own.some((row) => row.id === helper.responderId)
  expect(seen.filter((helper) => near(helper) && helper.phone === null)).toEqual([])
  const strangers = seen.filter((helper) => !near(helper))
  expect(strangers.length).toBeGreaterThan(0)
  expect(strangers.every((helper) => helper.phone === null && helper.name)).toBe(true)
  // Who was asked and goes stays in the list, by the same rule.
  await send()
  const [asked] = await assignments()
  await say(asked as Row, 'accept')
  const after = await ana.get<Helpers>(`/incidents/${id}/helpers`)
  expect(after.status).toBe(200)
  expect(after.body.items.find((helper) => helper.responderId === asked?.responderId)?.phone).toBeTruthy()
})

test('that a helper saw the address and the door code is written once, however often their page asks', async () => {
  await send()
  const [asked] = await assignments()
  const shown = () =>
    centre.db.query<{ accountId: string | null; kind: string; reason: string }>(
      `SELECT account_id AS "accountId", subject_kind AS kind, reason FROM audit WHERE action = 'shown-to-responder'`,
    )
  await page(asked as Row)
  expect(await shown()).toEqual([])
  await say(asked as Row, 'accept')
  await Promise.all([1, 2, 3].map(() => page(asked as Row)))
  expect(await shown()).toEqual([{ accountId: null, kind: 'household', reason: `assignment ${asked?.id}` }])
  await say(asked as Row, 'hand-back', { reason: 'unwell' })
  await centre.work()
  const next = (await assignments()).find((row) => row.wave === 2) as Row
  await say(next, 'accept')
  expect(await shown()).toHaveLength(2)
})

test('the helper who has accepted knows what the desk has found out and whom to ring back; before that nothing of it', async () => {
  const [item] = await centre.db.query<{
    questions: { id: string; text: string; answers: { id: string; text: string }[] }[]
  }>(`SELECT questions FROM catalogue_item WHERE code = 'fall-help'`)
  const question = item?.questions[0]
  const answer = question?.answers[0]
  await ana.post(`/incidents/${id}/classify`, {
    catalogueCode: 'fall-help',
    class: 2,
    answers: { [question?.id ?? '']: answer?.id },
  })
  await ana.post(`/incidents/${id}/note`, { text: '左髋疼痛，不能站立' })
  await send()
  const [asked] = await assignments()
  const opened = async () =>
    (await centre.ask<ResponderPage>('GET', `/r/${linkToken(centre.parts.seal, asked?.id as string)}`, undefined, {}))
      .body
  const before = await opened()
  expect(before.place).toBeNull()
  expect(JSON.stringify(before)).not.toContain('左髋疼痛')
  const texts = await centre.db.query<{ text: string }>('SELECT text FROM message')
  expect(texts.map(({ text }) => text).join()).not.toContain('左髋疼痛')
  await say(asked as Row, 'accept')
  await ana.post(`/incidents/${id}/note`, { text: '邻居有钥匙' })
  expect((await opened()).place).toMatchObject({
    operatorNote: '左髋疼痛，不能站立\n邻居有钥匙',
    answers: [{ question: question?.text, answer: answer?.text }],
    ringBack: { name: expect.any(String), number: '12349' },
    risks: expect.any(Array),
  })
})

test('the mark of a helper follows them while they are out, and is left alone before and after', async () => {
  await send()
  const [asked] = await assignments()
  const at = (lat: number, lon: number, accuracyM = 10) =>
    centre.ask<{ kept: boolean; code: string }>(
      'POST',
      `/r/${linkToken(centre.parts.seal, asked?.id as string)}/whereabouts`,
      { lat, lon, accuracyM },
      {},
    )
  const place = async () => {
    const [row] = await centre.db.query<{ lat: number; lon: number; at: Date }>(
      'SELECT lat, lon, position_at AS at FROM responder WHERE id = $1',
      [asked?.responderId],
    )
    return row
  }
  const before = await place()
  expect((await at(30.261, 120.151)).body.code).toBe('not-on-the-way')
  expect(await place()).toEqual(before)
  await say(asked as Row, 'accept')
  centre.clock.forward(60_000)
  expect((await at(30.261, 120.151)).body).toEqual({ kept: true })
  expect(await place()).toEqual({ lat: 30.261, lon: 120.151, at: centre.clock.now() })
  expect((await at(0, 0)).body).toEqual({ kept: false })
  expect((await at(31, 121, 50_000)).body).toEqual({ kept: false })
  expect((await at(-12, 100)).body).toEqual({ kept: false })
  const { body } = await ana.get<{ items: { responderId: string; lat: number }[] }>(`/incidents/${id}/helpers`)
  expect(body.items.find(({ responderId }) => responderId === asked?.responderId)?.lat).toBe(30.261)
  expect(JSON.stringify(centre.pushed)).not.toContain('30.261')
  for (const step of ['en-route', 'on-scene', 'done']) await say(asked as Row, step)
  expect((await at(30.27, 120.16)).body.code).toBe('not-on-the-way')
  expect((await place())?.lat).toBe(30.261)
})
