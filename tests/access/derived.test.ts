import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkToken } from '../../server/dispatch/link.ts'
import { buildWorld, type World } from './authorization/world.ts'

// What is seen by way of something else: an incident, its calls and recordings, a request, a promised call. Each is asked while
// it is allowed, then something changes that has nothing to do with it, and it is asked again.
let w: World
beforeEach(async () => {
  w = await buildWorld()
  await w.clear()
}, 60_000)
afterEach(() => w.close())

const dayMs = 86_400_000
type Way = {
  /** What is asked, and who asks. */
  given(): Promise<(as?: 'owner' | 'nobody') => Promise<{ status: number; body: unknown }>>
  shows: (answer: { status: number; body: unknown }) => boolean
}
const seen = ({ status }: { status: number }) => status === 200
const closed = async (id: string) => {
  const { owner } = w.people
  await w.must(owner.post(`/incidents/${id}/resolve`))
  await w.must(owner.post(`/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' }))
}
const ofOwner = (path: (ids: { id: string; callId: string; alarmId: string }) => string, talked = false): Way => ({
  given: async () => {
    const ids = talked ? { alarmId: '', ...(await w.talking()) } : { callId: '', ...(await w.owned()) }
    if (!talked) await closed(ids.id)
    return () => w.people.owner.get(path(ids as { id: string; callId: string; alarmId: string }))
  },
  shows: seen,
})
const ways: Record<string, Way> = {
  'the file of an incident': ofOwner(({ id }) => `/incidents/${id}`),
  'its timeline': ofOwner(({ id }) => `/incidents/${id}/timeline`),
  'its calls': ofOwner(({ id }) => `/incidents/${id}/calls`),
}
const later = async (ms: number) => {
  w.centre.clock.forward(ms)
  const now = w.centre.clock.now()
  await w.db.query(`UPDATE session SET last_seen_at = $1, expires_at = $1::timestamptz + interval '12 hours'`, [now])
}

for (const [name, { given, shows }] of Object.entries(ways)) {
  test(`${name}: a day after it was closed, who had it gives a reason like anybody else`, async () => {
    const ask = await given()
    expect(shows(await ask())).toBe(true)
    await later(dayMs + 1)
    expect(shows(await ask())).toBe(false)
  })
  test(`${name}: who works in another street today sees it no more`, async () => {
    const ask = await given()
    await w.db.query('UPDATE account_role SET area_id = $2 WHERE account_id = $1', [w.people.owner.id, w.ids.far])
    expect(shows(await ask())).toBe(false)
  })
}

test('where people live is shown to a helper who is done for an hour, and to one who works here no more not at all', async () => {
  const { assignment } = await w.sent()
  const token = linkToken(w.centre.parts.seal, assignment)
  const place = async () =>
    (await w.centre.ask<{ place: object | null }>('GET', `/r/${token}`, undefined, {})).body.place
  await w.centre.ask('POST', `/r/${token}/accept`, {}, {})
  expect(await place()).not.toBeNull()
  await w.db.query(
    'UPDATE responder SET active = false WHERE id = (SELECT responder_id FROM assignment WHERE id = $1)',
    [assignment],
  )
  expect(await place()).toBeNull()
  await w.db.query('UPDATE responder SET active = true')
  await w.centre.ask('POST', `/r/${token}/done`, { note: '' }, {})
  expect(await place()).not.toBeNull()
  w.centre.clock.forward(3_600_001)
  expect(await place()).toBeNull()
})

test('a promised call is made by who works where the resident lives today', async () => {
  const { id } = await w.owned()
  await closed(id)
  await w.centre.work()
  await later(8 * dayMs)
  type List = { items: { incidentId: string }[] }
  const shown = async (by: { get<T>(path: string): Promise<{ body: T }> }) =>
    (await by.get<List>('/follow-ups')).body.items.some(({ incidentId }) => incidentId === id)
  await w.db.query(
    `INSERT INTO follow_up (id, incident_id, kind, due_at) VALUES (gen_random_uuid(), $1, 'satisfaction', $2) ON CONFLICT DO NOTHING`,
    [id, w.centre.clock.now()],
  )
  expect(await shown(w.people.stranger)).toBe(false)
  await w.db.query('UPDATE resident SET area_id = $2 WHERE id = $1', [w.pendant.residentId, w.ids.far])
  expect(await shown(w.people.stranger)).toBe(true)
})
