import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AllHandsView } from '../../server/contracts/all-hands.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

type Person = Awaited<ReturnType<Centre['as']>>
const shownTo = async (person: Person) => (await person.get<{ items: AllHandsView[] }>('/all-hands')).body.items
const district = async () =>
  (await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'district'`))[0]?.id as string
const communityOf = async (username: string) =>
  (
    await centre.db.query<{ id: string }>(
      `SELECT c.id FROM area c JOIN area s ON c.path LIKE s.path || '%' JOIN account_role r ON r.area_id = s.id JOIN account a ON a.id = r.account_id
       WHERE a.username = $1 AND c.level = 'community' ORDER BY c.name LIMIT 1`,
      [username],
    )
  )[0]?.id as string

test('a leader calls everybody: each operator of the area sees it until they have said so, and the leader sees how many have', async () => {
  const [lead, ana, ben] = [await centre.as('sup01'), await centre.as('op01'), await centre.as('op02')]
  const called = await lead.post<AllHandsView>('/all-hands', { areaId: await communityOf('op01'), text: '请全部上线' })
  expect(called.status).toBe(200)
  const { id } = called.body
  expect(await shownTo(ana)).toMatchObject([{ id, text: '请全部上线', seen: false, seenBy: 0 }])
  // Pressed twice on a slow line, it is seen once.
  for (let i = 0; i < 2; i++) expect((await ana.post(`/all-hands/${id}/seen`)).status).toBe(200)
  expect(await shownTo(ana)).toMatchObject([{ id, seen: true, seenBy: 1 }])
  expect(await shownTo(ben)).toMatchObject([{ id, seen: false, seenBy: 1 }])
  expect((await lead.post(`/all-hands/${id}/end`)).status).toBe(200)
  expect([await shownTo(ana), await shownTo(lead)]).toEqual([[], []])
  expect(
    await centre.db.query(`SELECT action, reason FROM audit WHERE subject_kind = 'all-hands' ORDER BY at, action DESC`),
  ).toEqual([
    { action: 'create', reason: '请全部上线' },
    { action: 'change', reason: null },
  ])
})

test('a call to the whole district reaches who looks after one street of it, and nobody calls beyond their own area', async () => {
  const [lead, far] = [await centre.as('sup01'), await centre.as('op12')]
  const whole = await lead.post<AllHandsView>('/all-hands', { areaId: await district(), text: '全区上线' })
  if (whole.status === 200) expect(await shownTo(far)).toMatchObject([{ id: whole.body.id }])
  else expect(whole.status).toBe(404)
  const local = await lead.post<AllHandsView>('/all-hands', { areaId: await communityOf('op01'), text: '本街道上线' })
  expect((await shownTo(far)).map((one) => one.id)).not.toContain(local.body.id)
  expect((await far.post(`/all-hands/${local.body.id}/seen`)).status).toBe(404)
  expect((await far.post('/all-hands', { areaId: await communityOf('op12'), text: '上线' })).status).toBe(403)
})

test('a call that was forgotten does not stand for ever', async () => {
  const [lead, ana] = [await centre.as('sup01'), await centre.as('op01')]
  await lead.post('/all-hands', { areaId: await communityOf('op01'), text: '请全部上线' })
  centre.clock.forward(29 * 60_000)
  expect(await shownTo(ana)).toHaveLength(1)
  centre.clock.forward(2 * 60_000)
  expect(await shownTo(ana)).toEqual([])
})
