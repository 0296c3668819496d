import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { evolve, opened } from '../../server/incidents/evolve.ts'
import { facts, load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let devices: Awaited<ReturnType<typeof devicesIn>>
beforeAll(async () => {
  centre = await startCentre()
  devices = await devicesIn(centre)
})
afterAll(() => centre.close())

const one = async <T extends object>(sql: string, values: unknown[] = []) =>
  (await centre.db.query<T>(sql, values))[0] as T
const device = (i: number) => devices[i] as (typeof devices)[number]

describe('a press', () => {
  test('is stored with its incident and its jobs before the device gets its answer', async () => {
    const { status, body } = await centre.press(device(0))
    expect(status).toBe(201)
    expect(body).toMatchObject({ duplicate: false, notes: [] })
    expect(await one('SELECT handling, incident_id AS "incidentId" FROM alarm WHERE id = $1', [body.alarmId])).toEqual({
      handling: 'opened',
      incidentId: body.incidentId,
    })
    const jobs = await centre.db.query<{ kind: string }>('SELECT kind FROM outbox WHERE subject = $1 ORDER BY kind', [
      body.incidentId,
    ])
    expect(jobs.map((job) => job.kind)).toEqual(['escalate-incident', 'route-incident'])
  })
  test('that is sent again gets the same ids and changes nothing', async () => {
    const first = await centre.press(device(1), { sequence: 70 })
    const again = await centre.press(device(1), { sequence: 70 })
    expect(again.status).toBe(200)
    expect(again.body).toEqual({ ...first.body, duplicate: true })
    expect(await one('SELECT signals, version FROM incident WHERE id = $1', [first.body.incidentId])).toEqual({
      signals: 1,
      version: 1,
    })
  })
  test('twice at the same moment is one press', async () => {
    const both = await Promise.all(Array.from({ length: 8 }, () => centre.press(device(2), { sequence: 5 })))
    expect(new Set(both.map((reply) => reply.body.alarmId)).size).toBe(1)
    expect(both.filter((reply) => reply.status === 201)).toHaveLength(1)
    expect(await one('SELECT signals FROM incident WHERE id = $1', [both[0]?.body.incidentId])).toEqual({ signals: 1 })
  })
  test('a second one attaches to the open incident, and a graver one raises it', async () => {
    const ordinary = devices.find(
      (each) => each.lineClass === 2 && ![0, 1, 2].map(device).includes(each),
    ) as (typeof devices)[number]
    const first = await centre.press(ordinary)
    const second = await centre.press(ordinary, { type: 'fall' })
    expect(second.body.incidentId).toBe(first.body.incidentId)
    const row = await load(centre.db, first.body.incidentId)
    expect(row).toMatchObject({ signals: 2, class: 1, version: 2 })
    expect(row?.rankAt.getTime()).toBeLessThan(row?.queuedAt.getTime() as number)
  })
  test('that comes late, or from a clock a day off, is handled all the same and says so', async () => {
    const minutesAgo = (n: number) => new Date(centre.clock.now().getTime() - n * 60_000).toISOString()
    expect((await centre.press(device(4), { pressedAt: minutesAgo(20) })).body).toMatchObject({ notes: ['late'] })
    expect((await centre.press(device(5), { pressedAt: minutesAgo(26 * 60) })).body).toMatchObject({
      notes: ['clock-adrift'],
    })
    expect((await centre.press(device(6), { pressedAt: minutesAgo(-24 * 60) })).body).toMatchObject({
      notes: ['clock-adrift'],
    })
  })
  test('brings the battery, the position and the time it was heard into the files', async () => {
    const { body } = await centre.press(device(7), { battery: 0.12, position: { lat: 30.26, lon: 120.14 } })
    expect(body.notes).toEqual(['low-battery'])
    expect(await one('SELECT battery, last_heard_at AS heard FROM device WHERE id = $1', [device(7).id])).toEqual({
      battery: expect.closeTo(0.12, 5),
      heard: centre.clock.now(),
    })
    expect(await load(centre.db, body.incidentId)).toMatchObject({ lat: 30.26, lon: 120.14 })
  })
})

describe('a signal that is not an ordinary press', () => {
  test('from a device in test is stored as a test and calls nobody', async () => {
    await centre.db.query(`UPDATE device SET state = 'in-test', test_expires_at = $2 WHERE id = $1`, [
      device(8).id,
      new Date(centre.clock.now().getTime() + 60_000),
    ])
    const { status, body } = await centre.press(device(8))
    expect([status, body.incidentId, body.notes]).toEqual([201, null, ['in-test']])
    expect(await one('SELECT last_good_test_at AS at FROM device WHERE id = $1', [device(8).id])).toEqual({
      at: centre.clock.now(),
    })
  })
  test('from a device whose test has run out is an alarm again', async () => {
    await centre.db.query(`UPDATE device SET state = 'in-test', test_expires_at = $2 WHERE id = $1`, [
      device(9).id,
      new Date(centre.clock.now().getTime() - 1),
    ])
    expect((await centre.press(device(9))).body.incidentId).not.toBeNull()
  })
  test('from a device out of service is handled and marked', async () => {
    await centre.db.query(`UPDATE device SET state = 'out-of-service' WHERE id = $1`, [device(10).id])
    expect((await centre.press(device(10))).body).toMatchObject({
      incidentId: expect.any(String),
      notes: ['out-of-service'],
    })
  })
})

describe('bad input', () => {
  const refused = async (headers: Record<string, string>, payload: string | object) => {
    const [before] = await centre.db.query<{ n: number }>('SELECT count(*)::int AS n FROM alarm')
    const reply = await centre.app.inject({
      method: 'POST',
      url: '/api/v1/alarms',
      headers: { 'content-type': 'application/json', ...headers },
      payload,
    })
    const [after] = await centre.db.query<{ n: number }>('SELECT count(*)::int AS n FROM alarm')
    expect(after).toEqual(before)
    expect(reply.headers['content-type']).toContain('application/problem+json')
    return {
      status: reply.statusCode,
      code: (reply.json() as { code: string }).code,
      errors: (reply.json() as { errors?: { path: string }[] }).errors?.map((error) => error.path),
    }
  }
  test('without a key, or with an unknown one, learns nothing', async () => {
    expect(await refused({}, { sequence: 1, type: 'button' })).toMatchObject({ status: 401, code: 'unknown-key' })
    expect(await refused({ authorization: `Bearer ${'x'.repeat(32)}` }, { sequence: 1, type: 'button' })).toMatchObject(
      { status: 401, code: 'unknown-key' },
    )
  })
  /** A device of ours says it; somebody may be behind it. */
  const taken = async (n: number, payload: string, type = 'application/json') => {
    const reply = await centre.app.inject({
      method: 'POST',
      url: '/api/v1/alarms',
      headers: { 'content-type': type, authorization: `Bearer ${device(n).key}` },
      payload,
    })
    const { incidentId, notes } = reply.json() as { incidentId: string; notes: string[] }
    const [incident] = await centre.db.query<{ kind: string }>('SELECT kind FROM incident WHERE id = $1', [incidentId])
    return [reply.statusCode, incident?.kind, notes?.includes('field-ignored')]
  }
  test('of a device that shows its key is never refused: a button without a number is a button, the rest an unknown signal', async () => {
    expect(await taken(41, '{"sequence":-1,"type":"button"}')).toEqual([201, 'button', true])
    expect(await taken(42, '{"sequence":"17","type":"fall"}')).toEqual([201, 'fall', true])
    expect(await taken(43, '{"sequence":')).toEqual([201, 'unknown', true])
    expect(await taken(44, 'SOS', 'text/plain')).toEqual([201, 'unknown', true])
    expect(await taken(45, JSON.stringify({ type: 'button', junk: 'x'.repeat(100_000) }))).toEqual([
      201,
      'unknown',
      true,
    ])
    expect(await taken(46, '[1]')).toEqual([201, 'unknown', true])
  })
  test('the same that nobody can read, sent again, is told once', async () => {
    await taken(47, '{"sequence":')
    expect((await taken(47, '{"sequence":'))[0]).toBe(200)
  })
  test('one bad signal in a batch does not take the others down', async () => {
    const [good, bad] = await Promise.all([centre.press(device(20)), centre.press({ key: 'y'.repeat(32) })])
    expect([good.status, bad.status]).toEqual([201, 401])
  })
})

describe('nothing costs the press', () => {
  test('a battery, a position or a time that cannot be read is left out, and the receipt says so', async () => {
    const { status, body } = await centre.press(device(21), {
      battery: 83,
      position: { lat: 200, lon: 0 },
      pressedAt: 'yesterday',
    })
    expect([status, body.notes]).toEqual([201, ['field-ignored']])
    expect((await centre.press(device(22), { battery: null, position: null })).body.notes).toEqual([])
  })
  test('a type that nobody knows is taken as a press of the button', async () => {
    const { status, body } = await centre.press(device(23), { type: 'dance' })
    expect([status, body.notes]).toEqual([201, ['unknown-type']])
    expect((await load(centre.db, body.incidentId))?.kind).toBe('button')
  })
  test('a device that was reset and counts from 1 again is heard', async () => {
    const first = await centre.press(device(24), { sequence: 1 })
    centre.clock.forward(30 * 86_400_000)
    const again = await centre.press(device(24), { sequence: 1, type: 'fall' })
    expect([again.status, again.body.duplicate, again.body.notes]).toEqual([201, false, ['sequence-reused']])
    expect(again.body.alarmId).not.toBe(first.body.alarmId)
    // And is sent again within the day like any other.
    expect((await centre.press(device(24), { sequence: 1, type: 'fall' })).body).toMatchObject({
      alarmId: again.body.alarmId,
      duplicate: true,
    })
  })
  test('a graver signal gives the open incident its name, its place and its turn back', async () => {
    const ana = await centre.as('op01')
    const { body } = await centre.press(device(25), { type: 'low-battery' })
    await ana.post(`/incidents/${body.incidentId}/answer`)
    await ana.post(`/incidents/${body.incidentId}/hold`, { minutes: 120, reason: '等维修' })
    await centre.press(device(25), { type: 'fall', position: { lat: 30.3, lon: 120.2 } })
    expect(await load(centre.db, body.incidentId)).toMatchObject({
      kind: 'fall',
      class: 1,
      heldUntil: null,
      lat: 30.3,
      lon: 120.2,
    })
  })
})

test('two hundred presses at once are all there, each once, and replaying each timeline gives its row', async () => {
  const pressed = await Promise.all(Array.from({ length: 200 }, (_, i) => centre.press(device(30 + (i % 40)))))
  expect(pressed.every((reply) => reply.status === 201)).toBe(true)
  expect(new Set(pressed.map((reply) => reply.body.alarmId)).size).toBe(200)
  for (const id of new Set(pressed.map((reply) => reply.body.incidentId))) {
    const row = await load(centre.db, id)
    const said = await facts(centre.db, id)
    expect(said.every((fact) => fact.holds)).toBe(true)
    const [first, ...rest] = said
    if (first?.type !== 'opened' || !row) throw new Error('a timeline begins with its opening')
    expect(rest.reduce(evolve, opened(row, first))).toMatchObject({
      signals: row.signals,
      class: row.class,
      rankAt: row.rankAt,
      status: row.status,
    })
    expect(row.version).toBe(said.length)
  }
})

test('a fact cannot be changed afterwards, and a forged one breaks the chain', async () => {
  const { body } = await centre.press(device(75))
  await expect(
    centre.db.query(`UPDATE fact SET actor = 'nobody' WHERE incident_id = $1`, [body.incidentId]),
  ).rejects.toThrow('never changed')
  await centre.db.query(`ALTER TABLE fact DISABLE TRIGGER fact_immutable`)
  await centre.db.query(`UPDATE fact SET actor = 'nobody' WHERE incident_id = $1`, [body.incidentId])
  expect((await facts(centre.db, body.incidentId)).every((fact) => fact.holds)).toBe(false)
})

test('the chain runs through all facts: who forges one with its hash breaks the next, and the type counts too', async () => {
  await centre.db.query(`ALTER TABLE fact DISABLE TRIGGER fact_immutable`)
  const holds = async (id: string) => (await facts(centre.db, id)).map((fact) => fact.holds)
  const pressedTwice = async (n: number) => {
    await centre.press(device(n))
    return (await centre.press(device(n))).body.incidentId
  }
  const [forged, renamed] = [await pressedTwice(76), await pressedTwice(77)]
  expect([await holds(forged), await holds(renamed)]).toEqual([
    [true, true],
    [true, true],
  ])
  await centre.db.query(
    `UPDATE fact SET actor = 'nobody', hash = fact_chain('', type, fact_digest(at, 'nobody', data)) WHERE incident_id = $1 AND seq = 1`,
    [forged],
  )
  expect(await holds(forged)).toEqual([true, false])
  await centre.db.query(`UPDATE fact SET type = 'noted' WHERE incident_id = $1 AND seq = 2`, [renamed])
  expect(await holds(renamed)).toEqual([true, false])
})
