import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LookToReview } from '../../server/contracts/access.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
type Reply = { code?: string }
let centre: Centre
let id: string
let [ben, lead, second] = [] as unknown as [Person, Person, Person]
beforeAll(async () => {
  centre = await startCentre()
  const [device] = await devicesIn(centre, '望澜街道')
  id = (await centre.press(device as { key: string })).body.incidentId
  const ana = await centre.as('op01')
  await ana.post(`/incidents/${id}/answer`)
  ;[ben, lead, second] = [await centre.as('op02'), await centre.as('sup01'), await centre.as('sup02')]
})
afterAll(() => centre.close())

const list = async (person: Person) =>
  (await person.get<{ items: LookToReview[] }>('/looks-to-review')).body.items.map(({ id: look, reason, own }) => ({
    look,
    reason,
    own,
  }))
const look = (person: Person, reason: string) => person.get(`/incidents/${id}?breakGlass=${encodeURIComponent(reason)}`)

test('a look through the glass waits at the leaders of its area until one of them has reviewed it', async () => {
  await look(ben, '家属在门口')
  expect(centre.pushed).toContainEqual(
    expect.objectContaining({ name: 'alert.raised', payload: expect.objectContaining({ kind: 'break-glass' }) }),
  )
  const [waiting] = await list(lead)
  expect(waiting).toMatchObject({ reason: '家属在门口', own: false })
  expect(await list(second)).toEqual([waiting]) // leads this street
  const reviewed = await Promise.all(
    [lead, second].map((one) => one.post<Reply>(`/looks-to-review/${waiting?.look}/review`, { note: '已核实' })),
  )
  expect(reviewed.map(({ status }) => status)).toContain(200)
  expect(await list(lead)).toEqual([])
  expect(await centre.db.query('SELECT note FROM look_review')).toEqual([{ note: '已核实' }])
  expect((await lead.post<Reply>(`/looks-to-review/${waiting?.look}/review`, {})).status).toBe(404)
})

test('a leader’s own look is reviewed by another, and what the audit says of it stays as it was', async () => {
  const [own] = await centre.db.query<{ id: number }>(
    `INSERT INTO audit (at, account_id, action, subject_kind, subject_id, reason) VALUES ($1, $2, 'break-glass', 'incident', $3, '我要看') RETURNING id`,
    [centre.clock.now(), second.id, id],
  )
  expect((await list(second))[0]).toMatchObject({ own: true })
  expect((await second.post<Reply>(`/looks-to-review/${own?.id}/review`, {})).body.code).toBe('own-look')
  const before = await centre.db.query('SELECT * FROM audit ORDER BY id')
  expect((await lead.post(`/looks-to-review/${own?.id}/review`, {})).status).toBe(200)
  expect(await centre.db.query('SELECT * FROM audit ORDER BY id')).toEqual(before)
})
