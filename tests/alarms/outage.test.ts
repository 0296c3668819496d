import { afterEach, beforeEach, expect, test } from 'vitest'
import { supervise } from '../../server/alarms/supervise.ts'
import type { OutageView } from '../../server/contracts/outage.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Devices of type ip-unit: a heartbeat every 5 minutes, late after 10, lost after 15.
let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let hung: Awaited<ReturnType<typeof devicesIn>>
let incidentId: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  await centre.db.query('UPDATE device SET last_heard_at = NULL, activated_at = NULL')
  await centre.db.query(`UPDATE resident SET line_class = 2, risks = '{}', mobility = 'ordinary'`)
  const devices = await devicesIn(centre, '听潮社区')
  const seen = new Set<string>()
  hung = devices.filter((one) => !seen.has(one.residentId) && seen.add(one.residentId)).slice(0, 8)
  const [frailest, second] = hung
  await centre.db.query(`UPDATE resident SET risks = '{oxygen,alone}' WHERE id = $1`, [frailest?.residentId])
  await centre.db.query('UPDATE resident SET line_class = 1 WHERE id = $1', [second?.residentId])
  const [gateway] = await centre.db.query<{ id: string }>(
    `INSERT INTO device (id, area_id, account, kind, state) SELECT gen_random_uuid(), area_id, 'gw', 'gateway', 'in-service' FROM device WHERE id = $1 RETURNING id`,
    [frailest?.id],
  )
  await centre.db.query(
    `UPDATE device SET type_code = 'ip-unit', gateway_id = $2, last_heard_at = $3, state = 'in-service' WHERE id = ANY ($1)`,
    [hung.map((one) => one.id), gateway?.id, centre.clock.now()],
  )
  await look(32)
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM outage')
  incidentId = row?.id as string
})
afterEach(() => centre.close())

/** Time passes, with a look every half minute. */
async function look(times: number) {
  for (let i = 0; i < times; i++) {
    centre.clock.forward(30_000)
    await supervise(centre.parts, centre.intake)
  }
}
const must = async <T>(answer: Promise<{ status: number; body: T }>): Promise<T> => {
  const { status, body } = await answer
  if (status > 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}
const outage = (who = ana, query = '') => must(who.get<OutageView>(`/incidents/${incidentId}/outage?limit=200${query}`))
const take = () => must(ana.post(`/incidents/${incidentId}/answer`))

test('the residents behind a dead gateway are listed, the frailest first, with since when; whoever is spoken with is marked', async () => {
  await take()
  expect(await must(ana.get(`/incidents/${incidentId}`))).toMatchObject({ outage: true })
  const before = await outage()
  expect(before).toMatchObject({ all: 8, back: 0, reached: 0, notReached: 0, elsewhere: 0, restoredAt: null })
  const order = before.items.map((one) => one.residentId)
  expect(order.slice(0, 2)).toEqual([hung[1]?.residentId, hung[0]?.residentId])
  expect(new Set(order)).toEqual(new Set(hung.map((one) => one.residentId)))
  expect(before.items[0]).toMatchObject({ result: null, open: null, lineClass: 1 })
  expect(before.items.every((one) => one.silentSince !== null && one.address.length > 0)).toBe(true)

  const path = (i: number) => `/incidents/${incidentId}/outage/${order[i]}`
  await must(ana.post(path(0), { result: 'reached' }))
  await must(ana.post(path(1), { result: 'not-reached' }))
  const marked = await outage()
  expect(marked).toMatchObject({ all: 8, reached: 1, notReached: 1 })
  expect(marked.items[0]).toMatchObject({ result: 'reached', markedAt: centre.clock.now().toISOString() })
  expect(marked.items[0]?.markedBy).toBeTruthy()
  expect((await outage(ana, '&todo=true')).items.map((one) => one.residentId)).toEqual(order.slice(1))
  // Said again, the later word stands; each stands in the timeline, and pushes the list to who looks at it.
  await must(ana.post(path(1), { result: 'reached' }))
  expect(await outage()).toMatchObject({ reached: 2, notReached: 0 })
  const said = await centre.db.query(
    `SELECT data FROM fact WHERE incident_id = $1 AND type = 'resident-checked' ORDER BY seq`,
    [incidentId],
  )
  expect(said).toEqual([
    { data: { residentId: order[0], result: 'reached' } },
    { data: { residentId: order[1], result: 'not-reached' } },
    { data: { residentId: order[1], result: 'reached' } },
  ])
  const pages = await must(ana.get<OutageView>(`/incidents/${incidentId}/outage?limit=5`))
  const more = await must(ana.get<OutageView>(`/incidents/${incidentId}/outage?limit=5&cursor=${pages.next}`))
  expect([...pages.items, ...more.items].map((one) => one.residentId)).toEqual(order)
})

test('one of them presses by another way: the list shows what is open for them; who is heard again is shown as back', async () => {
  await take()
  const [pressed, back] = [hung[3], hung[5]]
  const press = await must(centre.press(pressed as { key: string }))
  const found = (await outage()).items.find((one) => one.residentId === pressed?.residentId)
  expect(found?.open).toMatchObject({ incidentId: press.incidentId, kind: 'button', status: 'waiting' })
  await centre.db.query('UPDATE device SET last_heard_at = $2 WHERE id = $1', [back?.id, centre.clock.now()])
  await look(1)
  const after = await outage()
  // Whoever has pressed has been heard, too.
  expect(after).toMatchObject({ all: 8, back: 2, restoredAt: null })
  expect(after.items.find((one) => one.residentId === back?.residentId)).toMatchObject({ silentSince: null })
  const todo = (await outage(ana, '&todo=true')).items.map((one) => one.residentId)
  expect(todo).toHaveLength(6)
  expect(todo).not.toContain(back?.residentId)
})

test('the list is for who has it in hand and for leaders; who lives elsewhere is counted and not shown', async () => {
  await take()
  const ben = await centre.as('op02')
  expect((await ben.get(`/incidents/${incidentId}/outage`)).body).toMatchObject({ code: 'not-owner' })
  expect((await outage(await centre.as('sup01'))).all).toBe(8)
  expect((await (await centre.as('op12')).get(`/incidents/${incidentId}/outage`)).status).toBe(404)
  // The gateway lies in the street of op12, and so does one of the residents.
  const [far] = await centre.db.query<{ id: string; path: string }>(`SELECT id, path FROM area WHERE name = '云陂街道'`)
  await centre.db.query('UPDATE incident SET area_id = $2, area_path = $3, owner_id = $4 WHERE id = $1', [
    incidentId,
    far?.id,
    far?.path,
    (await centre.as('op12')).id,
  ])
  await centre.db.query('UPDATE resident SET area_id = $2 WHERE id = $1', [hung[2]?.residentId, far?.id])
  const seen = await outage(await centre.as('op12'))
  expect(seen).toMatchObject({ all: 1, elsewhere: 7 })
  expect(seen.items.map((one) => one.residentId)).toEqual([hung[2]?.residentId])
  const stranger = await (await centre.as('op12')).post(`/incidents/${incidentId}/outage/${hung[0]?.residentId}`, {
    result: 'reached',
  })
  expect(stranger.status).toBe(404)
})

test('each of them can be called from the incident, and nobody else; an incident of another kind has no list', async () => {
  await take()
  await centre.phone.headset(ana.id)
  const [one] = (await outage()).items
  const call = (residentId: string | undefined) =>
    ana.post<{ number: string; status: string }>(`/incidents/${incidentId}/call`, { to: { residentId } })
  const other = (await devicesIn(centre)).find((device) => !hung.some((own) => own.residentId === device.residentId))
  expect((await call(other?.residentId)).body).toMatchObject({ code: 'no-number' })
  const placed = await must(call(one?.residentId))
  expect(placed).toMatchObject({ number: one?.phone, status: 'ringing' })

  const press = await must(centre.press(other as { key: string }))
  await must(ana.post(`/incidents/${press.incidentId}/answer`))
  expect((await ana.get(`/incidents/${press.incidentId}/outage`)).body).toMatchObject({ code: 'no-outage' })
  expect(await must(ana.get(`/incidents/${press.incidentId}`))).toMatchObject({ outage: false })
})
