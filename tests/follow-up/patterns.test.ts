import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IncidentDetail } from '../../server/contracts/incidents.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
})
afterEach(() => centre.close())

const must = async <T>(answer: Promise<{ status: number; body: T }>): Promise<T> => {
  const { status, body } = await answer
  if (status > 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}
type Device = Awaited<ReturnType<typeof devicesIn>>[number]

/** Pressed, answered, and nobody was in need. */
async function falsely(device: Device): Promise<string> {
  const { incidentId } = await must(centre.press(device))
  await must(ana.post(`/incidents/${incidentId}/answer`))
  await must(ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} }))
  await must(ana.post(`/incidents/${incidentId}/resolve`))
  await must(ana.post(`/incidents/${incidentId}/close`, { disposition: 'accidental-press', note: '' }))
  await centre.work()
  return incidentId
}
const patterns = () =>
  centre.db.query<{ id: string; done: boolean }>(
    `SELECT id, done_at IS NOT NULL AS done FROM follow_up WHERE kind = 'press-pattern' ORDER BY due_at`,
  )

test('five presses in one night are one follow-up for the care team, not two while it is open, and a new one after it only for new presses', async () => {
  const [device] = await devicesIn(centre)
  centre.clock.set(new Date('2026-11-24T15:00:00Z')) // 23:00 there
  ana = await centre.as('op01')
  for (let i = 0; i < 4; i++) await falsely(device as Device)
  expect(await patterns()).toEqual([])
  const last = await falsely(device as Device)
  expect(await patterns()).toHaveLength(1)
  for (let i = 0; i < 5; i++) await falsely(device as Device)
  expect(await patterns()).toHaveLength(1)

  const list = await must(
    ana.get<{ items: { id: string; kind: string; incidentId: string }[] }>('/follow-ups?limit=200'),
  )
  const found = list.items.find((one) => one.kind === 'press-pattern')
  expect(found?.incidentId).toBe(last)
  centre.clock.forward(60_000)
  await must(ana.post(`/follow-ups/${found?.id}/complete`, { result: 'arranged' }))
  centre.clock.forward(60_000)
  await falsely(device as Device)
  expect(await patterns()).toEqual([{ id: found?.id, done: true }])
  for (let i = 0; i < 4; i++) await falsely(device as Device)
  expect((await patterns()).filter((one) => !one.done)).toHaveLength(1)
})

test('whoever takes the next press sees how often they have pressed, and what came of it', async () => {
  const [device] = await devicesIn(centre)
  for (let i = 0; i < 2; i++) await falsely(device as Device)
  const { incidentId } = await must(centre.press(device as Device))
  await must(centre.press(device as Device))
  await must(ana.post(`/incidents/${incidentId}/answer`))
  const { presses } = await must(ana.get<IncidentDetail>(`/incidents/${incidentId}`))
  expect(presses).toMatchObject({
    lastDay: { count: 4, falsely: 2 },
    last30Days: { count: 4, falsely: 2 },
    pattern: null,
  })
  expect(presses?.times).toHaveLength(4)
})

test('twenty false presses lower nothing: the next one has the class, the place, the timers and the ring of a first one', async () => {
  const devices = await devicesIn(centre)
  const [often] = devices
  const first = devices.find((one) => one.residentId !== often?.residentId && one.areaPath === often?.areaPath)
  const ids = [often?.residentId, first?.residentId]
  await centre.db.query(
    `UPDATE resident SET line_class = 2, risks = '{}', mobility = 'ordinary', languages = '{zh}' WHERE id = ANY ($1)`,
    [ids],
  )
  for (let i = 0; i < 20; i++) await falsely(often as Device)
  // Nobody is favoured for having spoken with them before; here only the history is looked at.
  await centre.db.query(
    `UPDATE incident SET closed_at = closed_at - interval '8 days', opened_at = opened_at - interval '8 days'`,
  )
  const told = async (device: Device) => {
    await must(ana.available())
    const { incidentId } = await must(centre.press(device))
    await centre.work()
    const now = centre.clock.now().getTime()
    const [row] = await centre.db.query<{ rankAt: Date }>(
      'SELECT class, kind, status, escalation, language, rank_at AS "rankAt" FROM incident WHERE id = $1',
      [incidentId],
    )
    const timers = await centre.db.query<{ kind: string; dueAt: Date }>(
      'SELECT kind, due_at AS "dueAt" FROM outbox WHERE subject = $1 ORDER BY kind',
      [incidentId],
    )
    const offers = await centre.db.query('SELECT operators, status FROM offer WHERE incident_id = $1', [incidentId])
    await must(ana.post(`/incidents/${incidentId}/answer`))
    await must(ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} }))
    await must(ana.post(`/incidents/${incidentId}/resolve`))
    await must(ana.post(`/incidents/${incidentId}/close`, { disposition: 'helped-by-phone', note: '' }))
    await centre.work()
    return {
      ...row,
      rankAt: (row?.rankAt.getTime() ?? 0) - now,
      timers: timers.map(({ kind, dueAt }) => [kind, dueAt.getTime() - now]),
      offers,
    }
  }
  const one = await told(often as Device)
  expect(one.offers).toHaveLength(1)
  expect(one).toMatchObject({ class: 2, kind: 'button', status: 'waiting', escalation: 0 })
  expect(one).toEqual(await told(first as Device))
})
