import { afterAll, beforeAll, expect, test } from 'vitest'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { load } from '../../server/incidents/store.ts'
import { farAwayM } from '../../server/platform/place.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let devices: Awaited<ReturnType<typeof devicesIn>>
beforeAll(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  devices = await devicesIn(centre)
})
afterAll(() => centre.close())

type Helpers = { items: { name: string; phone: string; responderId: string; distanceM: number; reasons: string[] }[] }
let next = 0
async function fallen(signal: object) {
  const device = devices[next++] as (typeof devices)[number]
  const [home] = await centre.db.query<{ lat: number; lon: number }>(
    'SELECT h.lat, h.lon FROM resident r JOIN household h ON h.id = r.household_id WHERE r.id = $1',
    [device.residentId],
  )
  const { body } = await centre.press(device, { type: 'fall', ...signal })
  await ana.post(`/incidents/${body.incidentId}/answer`)
  await ana.post(`/incidents/${body.incidentId}/classify`, { catalogueCode: 'fall-help', class: 1, answers: {} })
  const helpers = async () => (await ana.get<Helpers>(`/incidents/${body.incidentId}/helpers?limit=50`)).body.items
  const detail = async () => (await ana.get<IncidentDetail>(`/incidents/${body.incidentId}`)).body
  return { id: body.incidentId, notes: body.notes, home, helpers, detail, residentId: device.residentId }
}

test('whoever falls with a receiver that has no fix is looked for at home, and not in the sea off Africa', async () => {
  const { id, notes, home, helpers, detail } = await fallen({ position: { lat: 0, lon: 0 } })
  expect(notes).toContain('position-none')
  expect(await load(centre.db, id)).toMatchObject({ ...home })
  expect((await detail()).position).toMatchObject({ ...home, source: 'home' })
  const near = await helpers()
  expect(near.length).toBeGreaterThan(0)
  expect(Math.max(...near.map(({ distanceM }) => distanceM))).toBeLessThan(farAwayM)
})

test('a position on the other side of the earth is shown with a warning and ranks nobody', async () => {
  const { id, notes, home, helpers, detail } = await fallen({ position: { lat: -33.86, lon: 151.2 } })
  expect(notes).toContain('position-far')
  expect(await load(centre.db, id)).toMatchObject({ ...home })
  expect(await detail()).toMatchObject({
    position: { ...home, source: 'home' },
    alarms: [{ position: { lat: -33.86, lon: 151.2 }, notes: ['position-far'] }],
  })
  expect((await helpers()).length).toBeGreaterThan(0)
})

test('a position in the next street still decides', async () => {
  const { id } = await fallen({ position: { lat: 30.26, lon: 120.14 } })
  expect(await load(centre.db, id)).toMatchObject({ lat: 30.26, lon: 120.14 })
})

test('nobody is asked to help themselves, by rank or by hand; one of the family is asked and named as that', async () => {
  const { id, helpers, residentId } = await fallen({})
  const [first, second] = await helpers()
  const [resident] = await centre.db.query<{ phone: string }>(
    `UPDATE resident SET phone = '+8613900001111' WHERE id = $1 RETURNING phone`,
    [residentId],
  )
  await centre.db.query('UPDATE responder SET phone = $2 WHERE id = $1', [first?.responderId, resident?.phone])
  await centre.db.query(
    'UPDATE contact SET phone = $2 WHERE id = (SELECT id FROM contact WHERE resident_id = $1 LIMIT 1)',
    [residentId, second?.phone],
  )
  const now = await helpers()
  expect(now.map(({ responderId }) => responderId)).not.toContain(first?.responderId)
  expect(now.find(({ responderId }) => responderId === second?.responderId)?.reasons).toContain('family')
  const byHand = await ana.post<{ code: string }>(`/incidents/${id}/dispatch`, { responderIds: [first?.responderId] })
  expect(byHand.body.code).toBe('is-the-resident')
})

test('whoever lives, by the books, in the sea is looked for in their community', async () => {
  const device = devices[next] as (typeof devices)[number]
  await centre.db.query(
    'UPDATE household SET lat = 0, lon = 0 WHERE id = (SELECT household_id FROM resident WHERE id = $1)',
    [device.residentId],
  )
  const { id, helpers } = await fallen({})
  const [area] = await centre.db.query<{ lat: number; lon: number }>('SELECT lat, lon FROM area WHERE path = $1', [
    device.areaPath,
  ])
  expect(await load(centre.db, id)).toMatchObject({ ...area })
  expect((await helpers()).length).toBeGreaterThan(0)
})

test('a helper whose place in the books is the sea is not asked by themselves, and no thousand kilometres are told', async () => {
  const { id, helpers } = await fallen({})
  const [first] = await helpers()
  await centre.db.query('UPDATE responder SET lat = 0, lon = 0 WHERE id = $1', [first?.responderId])
  expect((await helpers()).map(({ responderId }) => responderId)).not.toContain(first?.responderId)
  expect((await ana.post(`/incidents/${id}/dispatch`, { responderIds: [first?.responderId] })).status).toBe(200)
  await centre.work()
  const [asked] = await centre.db.query<{ distance: number | null; text: string }>(
    `SELECT s.distance_m AS distance, m.text FROM assignment s JOIN message m ON m.about = 'assignment:' || s.id WHERE s.incident_id = $1`,
    [id],
  )
  expect(asked?.distance).toBeNull()
  expect(asked?.text).not.toMatch(/km/)
})

test('a home, a helper or an area in the sea is refused with what to do; a home far from its area, too', async () => {
  const clerk = await centre.as('admin')
  const [row] = await centre.db.query<{ id: string }>('SELECT id FROM household LIMIT 1')
  const {
    id: _,
    hasAccess: __,
    residents: ___,
    version,
    ...form
  } = (await clerk.get<Record<string, unknown>>(`/households/${row?.id}`)).body
  const put = (lat: number, lon: number) =>
    clerk.put<{ code: string; errors: { message: string }[] }>(`/households/${row?.id}`, {
      version,
      form: { ...form, access: null, lat, lon },
    })
  expect((await put(0, 0)).body).toMatchObject({ code: 'invalid', errors: [{ path: 'form.lat', message: 'no-place' }] })
  // Latitude and longitude exchanged.
  expect((await put(-30.2, 120.1)).body).toMatchObject({ errors: [{ message: 'far-from-area' }] })
})

test('somebody whose file is closed is answered like anybody, with the mark first', async () => {
  const device = devices[next] as (typeof devices)[number]
  await centre.db.query('UPDATE resident SET active = false WHERE id = $1', [device.residentId])
  const { notes, detail } = await fallen({})
  expect(notes).toContain('file-closed')
  expect(await detail()).toMatchObject({ row: { fileClosed: true, class: 1 }, resident: { active: false } })
  expect((await ana.get<{ items: { fileClosed: boolean }[] }>('/board')).body.items.some((row) => row.fileClosed)).toBe(
    true,
  )
})
