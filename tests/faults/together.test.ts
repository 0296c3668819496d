import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let url: string
let devices: Awaited<ReturnType<typeof devicesIn>>
beforeAll(async () => {
  centre = await startCentre()
  url = await centre.app.listen({ port: 0, host: '127.0.0.1' })
  devices = await devicesIn(centre)
})
afterAll(() => centre.close())

type Reply = { status: number; code?: string; detail?: string; ownerId?: string; version: number }
/** Over a real connection, so that requests of two people are really under way at once. */
const post = async (cookie: string, path: string, body: object = {}): Promise<Reply> => {
  const reply = await fetch(`${url}/api/v1${path}`, {
    method: 'POST',
    headers: { cookie, origin: url, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { ...((await reply.json()) as Reply), status: reply.status }
}
const factsOf = async (id: string, type: string) =>
  (await centre.db.query('SELECT 1 FROM fact WHERE incident_id = $1 AND type = $2', [id, type])).length

test('forty times six operators accept at once: one has it, five are told so, and there is one answer in the timeline', async () => {
  const six = await Promise.all(['op01', 'op02', 'op03', 'op04', 'op05', 'op06'].map((name) => centre.as(name)))
  for (let round = 0; round < 40; round++) {
    const { incidentId: id } = (await centre.press(devices[round] as { key: string })).body
    const replies = await Promise.all(six.map(({ cookie }) => post(cookie, `/incidents/${id}/answer`)))
    const won = replies.filter(({ status }) => status === 200)
    expect(won).toHaveLength(1)
    const winner = six[replies.indexOf(won[0] as Reply)]
    expect(won[0]?.ownerId).toBe(winner?.id)
    for (const lost of replies.filter(({ status }) => status !== 200))
      expect([lost.status, lost.code, lost.detail]).toEqual([
        409,
        'already-answered',
        'Somebody else has it; the list shows who.',
      ])
    expect(await factsOf(id, 'answered')).toBe(1)
    const [row] = await centre.db.query<{ ownerId: string }>(
      'SELECT owner_id AS "ownerId" FROM incident WHERE id = $1',
      [id],
    )
    expect(row?.ownerId).toBe(winner?.id)
  }
})

test('two helpers are booked for one place at once: never both', async () => {
  const ana = await centre.as('op01')
  const [responder] = await centre.db.query<{ id: string }>(
    `SELECT id FROM responder WHERE on_duty AND active AND max_open = 1 AND open_assignments = 0 LIMIT 1`,
  )
  const assignments: string[] = []
  for (const device of devices.slice(100, 106)) {
    const { incidentId: id } = (await centre.press(device)).body
    await post(ana.cookie, `/incidents/${id}/answer`)
    await post(ana.cookie, `/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
    const sent = (await post(ana.cookie, `/incidents/${id}/dispatch`, {
      responderIds: [responder?.id],
    })) as unknown as {
      assignments: { id: string }[]
    }
    assignments.push(sent.assignments[0]?.id as string)
  }
  const replies = await Promise.all(
    assignments.map((id) => post(ana.cookie, `/assignments/${id}/report`, { report: 'accept' })),
  )
  expect(replies.map(({ status, code }) => code ?? status).sort()).toEqual(
    [200, ...Array(5).fill('booked-elsewhere')]
      .map(String)
      .map((one) => (one === '200' ? 200 : one))
      .sort(),
  )
})

describe('a command that was decided on an older state', () => {
  const stale = { status: 409, code: 'stale-version', detail: 'It has changed meanwhile. Look again and decide anew.' }
  const commands: [string, object][] = [
    ['classify', { catalogueCode: 'fall-help', class: 2, answers: {} }],
    ['note', { text: '一句话' }],
    ['hold', { minutes: 5, reason: '等家属' }],
    ['requeue', {}],
    ['take-over', { reason: '换人' }],
    ['resolve', {}],
    ['dispatch', {}],
  ]
  test('is refused with what to do next, and writes nothing', async () => {
    const ana = await centre.as('op01')
    const { incidentId: id } = (await centre.press(devices[200] as { key: string })).body
    const { version } = await post(ana.cookie, `/incidents/${id}/answer`)
    expect((await post(ana.cookie, `/incidents/${id}/note`, { text: '别人先写', version })).status).toBe(200)
    const before = await centre.db.query('SELECT seq FROM fact WHERE incident_id = $1', [id])
    for (const [name, body] of commands)
      expect([name, await post(ana.cookie, `/incidents/${id}/${name}`, { ...body, version })]).toMatchObject([
        name,
        stale,
      ])
    expect(await centre.db.query('SELECT seq FROM fact WHERE incident_id = $1', [id])).toEqual(before)
  })
  test('of ten that note at once with the same version, one is written and nine look again', async () => {
    const ana = await centre.as('op01')
    const { incidentId: id } = (await centre.press(devices[201] as { key: string })).body
    const { version } = await post(ana.cookie, `/incidents/${id}/answer`)
    const ten = await Promise.all(
      Array.from({ length: 10 }, () => post(ana.cookie, `/incidents/${id}/note`, { text: 'x', version })),
    )
    expect(ten.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(ten.filter(({ code }) => code === 'stale-version')).toHaveLength(9)
    expect(await factsOf(id, 'noted')).toBe(1)
  })
})
