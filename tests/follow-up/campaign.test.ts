import { afterEach, beforeEach, expect, test } from 'vitest'
import type { CampaignView, TestCallView } from '../../server/contracts/campaigns.ts'
import type { UnprotectedView } from '../../server/contracts/unprotected.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let leader: Awaited<ReturnType<Centre['as']>>
let ana: Awaited<ReturnType<Centre['as']>>
let ben: Awaited<ReturnType<Centre['as']>>
let areaId: string
beforeEach(async () => {
  centre = await startCentre() // ten in the morning there
  leader = await centre.as('sup01')
  ana = await centre.as('op01')
  ben = await centre.as('op02')
  const [area] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE name = '听潮社区'`)
  areaId = area?.id as string
  await centre.db.query(`UPDATE device SET last_good_test_at = NULL, silence = NULL WHERE state = 'in-service'`)
})
afterEach(() => centre.close())

const must = async <T>(answer: Promise<{ status: number; body: T }>): Promise<T> => {
  const { status, body } = await answer
  if (status > 201) throw new Error(`${status} ${JSON.stringify(body)}`)
  return body
}
const begin = (residentsMax: number) =>
  must(leader.post<CampaignView>('/campaigns', { areaId, reason: 'untested', residentsMax }))
const progress = async (id: string) =>
  (await must(ana.get<{ items: CampaignView[] }>('/campaigns'))).items.find((one) => one.id === id)
const next = async (who: typeof ana, id: string) =>
  (await must(who.post<{ call: TestCallView | null }>(`/campaigns/${id}/next`))).call
/** The device of whom is called. */
async function deviceOf(call: TestCallView | null) {
  const [row] = await centre.db.query<{ deviceId: string }>(
    'SELECT device_id AS "deviceId" FROM test_call WHERE id = $1',
    [call?.id],
  )
  const device = (await devicesIn(centre)).find((one) => one.id === row?.deviceId)
  return device as NonNullable<typeof device>
}
const incidents = () => centre.db.query<{ kind: string; class: number }>('SELECT kind, class FROM incident')

test('the frailest is called first, presses, and the press itself ends the call; the second press is real', async () => {
  const list = await must(
    ana.get<{ items: UnprotectedView[] }>(`/unprotected?limit=200&reason=untested&areaId=${areaId}`),
  )
  const campaign = await begin(3)
  expect(campaign).toMatchObject({ all: 3, open: 3, taken: 0 })
  const call = await next(ana, campaign.id)
  // A smoke detector has nothing to press.
  const buttons = await centre.db.query<{ id: string }>(
    `SELECT DISTINCT resident_id AS id FROM device WHERE kind NOT IN ('smoke', 'gas') AND state IN ('activated', 'in-service', 'in-test')`,
  )
  const first = list.items.find((one) => buttons.some(({ id }) => id === one.residentId))
  expect(call?.residentId).toBe(first?.residentId)
  const device = await deviceOf(call)
  await must(ana.post(`/test-calls/${call?.id}/await-press`))
  centre.clock.forward(20_000)
  const test = await must(centre.press(device))
  expect(test).toMatchObject({ incidentId: null, notes: ['in-test'] })
  await centre.work()
  expect(await must(ana.get<TestCallView>(`/test-calls/${call?.id}`))).toMatchObject({
    result: 'pressed',
    doneAt: centre.clock.now().toISOString(),
  })
  expect(centre.pushed.filter((one) => one.name === 'campaign.changed')).toMatchObject([
    { to: `operator:${ana.id}`, payload: { id: call?.id } },
  ])
  expect(await progress(campaign.id)).toMatchObject({ all: 3, open: 2, pressed: 1, taken: 0 })
  expect(await incidents()).toEqual([])
  const [tested] = await centre.db.query<{ at: Date }>('SELECT last_good_test_at AS at FROM device WHERE id = $1', [
    device.id,
  ])
  expect(tested?.at).toEqual(centre.clock.now())

  centre.clock.forward(5_000)
  const real = await must(centre.press(device))
  expect(real.incidentId).not.toBeNull()
  expect(await incidents()).toMatchObject([{ kind: 'button' }])
})

test('two presses that are stored together: the first is the test, the second is real; sent again they stay what they were', async () => {
  const campaign = await begin(1)
  const call = await next(ana, campaign.id)
  const device = await deviceOf(call)
  await must(ana.post(`/test-calls/${call?.id}/await-press`))
  // One is being stored: what comes meanwhile goes together.
  const [, first, second] = await Promise.all([
    centre.press({ key: (await devicesIn(centre)).find((one) => one.residentId !== device.residentId)?.key as string }),
    centre.press(device, { sequence: 900_001 }),
    centre.press(device, { sequence: 900_002 }),
  ])
  expect([first.body.incidentId === null, second.body.incidentId === null]).toEqual([true, false])
  const again = await centre.press(device, { sequence: 900_001 })
  expect(again.body).toMatchObject({ alarmId: first.body.alarmId, incidentId: null, duplicate: true })
})

test('before they are asked to press, after ten minutes, and for smoke or a fall, every signal is real', async () => {
  const campaign = await begin(1)
  const call = await next(ana, campaign.id)
  const device = await deviceOf(call)
  expect((await must(centre.press(device))).incidentId).not.toBeNull()
  await must(ana.post(`/test-calls/${call?.id}/await-press`))
  expect((await must(centre.press(device, { type: 'fall' }))).incidentId).not.toBeNull()
  expect((await must(centre.press(device, { type: 'smoke' }))).incidentId).not.toBeNull()
  centre.clock.forward(600_001)
  expect((await must(centre.press(device))).incidentId).not.toBeNull()
  await centre.work()
  expect(await progress(campaign.id)).toMatchObject({ open: 1, pressed: 0 })
})

test('nobody is called by two: each has another, keeps theirs until it is done, and finds nobody when all are in hand', async () => {
  const campaign = await begin(2)
  const [one, two, three] = await Promise.all([
    next(ana, campaign.id),
    next(ben, campaign.id),
    next(leader, campaign.id),
  ])
  const taken = [one, two, three].flatMap((call) => call?.residentId ?? [])
  expect(new Set(taken).size).toBe(2)
  expect(taken).toHaveLength(2)
  expect(await progress(campaign.id)).toMatchObject({ taken: 2, open: 2 })
  const mine = one ?? two
  const owner = one ? ana : ben
  expect((await next(owner, campaign.id))?.id).toBe(mine?.id)
  const other = one ? ben : ana
  expect((await other.post(`/test-calls/${mine?.id}/await-press`)).body).toMatchObject({ code: 'not-owner' })
  // Two clicks at once are one.
  const both = await Promise.all([next(owner, campaign.id), next(owner, campaign.id)])
  expect(new Set(both.map((call) => call?.id)).size).toBe(1)
  // A resident is in one campaign at a time.
  await must(leader.post<CampaignView>('/campaigns', { areaId, reason: 'untested', residentsMax: 1_000 }))
  const twice = await centre.db.query(
    'SELECT resident_id FROM test_call WHERE done_at IS NULL GROUP BY resident_id HAVING count(*) > 1',
  )
  expect(twice).toEqual([])
  expect((await leader.post('/campaigns', { areaId, reason: 'untested', residentsMax: 5 })).body).toMatchObject({
    code: 'nobody-for-campaign',
  })
})

test('who was forgotten in an operator’s hands is called by the next one, and the first is told', async () => {
  const campaign = await begin(1)
  const call = await next(ana, campaign.id)
  expect(await next(ben, campaign.id)).toBeNull()
  centre.clock.forward(20 * 60_000 + 1)
  expect((await next(ben, campaign.id))?.id).toBe(call?.id)
  expect((await ana.post(`/test-calls/${call?.id}/end`, { result: 'no-answer' })).body).toMatchObject({
    code: 'not-owner',
  })
})

test('whoever waits with a need or is in an operator’s hands is not rung for a test; who is only silent is', async () => {
  const campaign = await begin(2)
  const rows = await centre.db.query<{ deviceId: string; residentId: string }>(
    'SELECT device_id AS "deviceId", resident_id AS "residentId" FROM test_call WHERE campaign_id = $1 ORDER BY position',
    [campaign.id],
  )
  const [first, second] = rows
  const device = (await devicesIn(centre)).find((one) => one.id === first?.deviceId)
  const { incidentId } = await must(centre.press(device as { key: string }))
  expect((await next(ana, campaign.id))?.residentId).toBe(second?.residentId)
  expect(await next(ben, campaign.id)).toBeNull()
  await must(leader.post(`/incidents/${incidentId}/answer`))
  expect(await next(ben, campaign.id)).toBeNull()
  await centre.db.query(
    `UPDATE incident SET status = 'waiting', owner_id = NULL, claimed_at = NULL, claim_at = NULL, kind = 'line'`,
  )
  expect((await next(ben, campaign.id))?.residentId).toBe(first?.residentId)
})

test('no answer ends it; later brings them back after two hours; a button that is not heard is a fault that somebody mends', async () => {
  const campaign = await begin(3)
  const first = await next(ana, campaign.id)
  await must(ana.post(`/test-calls/${first?.id}/end`, { result: 'no-answer' }))
  expect((await ana.post(`/test-calls/${first?.id}/end`, { result: 'later' })).body).toMatchObject({
    code: 'test-call-over',
  })
  const second = await next(ana, campaign.id)
  await must(ana.post(`/test-calls/${second?.id}/await-press`))
  await must(ana.post(`/test-calls/${second?.id}/end`, { result: 'later' }))
  // The wait for its press is over with the call.
  const called = await deviceOf(second)
  const [waits] = await centre.db.query('SELECT test_call_until AS until FROM device WHERE id = $1', [called.id])
  expect(waits).toEqual({ until: null })
  const third = await next(ana, campaign.id)
  expect(third?.id).not.toBe(second?.id)
  await must(ana.post(`/test-calls/${third?.id}/await-press`))
  await must(ana.post(`/test-calls/${third?.id}/end`, { result: 'device-faulty' }))
  expect(await incidents()).toEqual([{ kind: 'fault', class: 4 }])
  expect(await next(ana, campaign.id)).toBeNull()
  centre.clock.forward(2 * 3_600_000)
  await centre.keepSignedIn()
  expect((await next(ana, campaign.id))?.id).toBe(second?.id)
  expect(await progress(campaign.id)).toMatchObject({ all: 3, open: 1, taken: 1, noAnswer: 1, faulty: 1 })
})

test('outside of 09:00 to 18:00 nobody is called; whoever is on the line is called to the end, and it goes on in the morning', async () => {
  const campaign = await begin(2)
  const call = await next(ana, campaign.id)
  centre.clock.set(new Date('2026-11-24T10:00:00Z')) // 18:00 there
  await centre.keepSignedIn()
  await must(ana.post(`/test-calls/${call?.id}/await-press`))
  await must(centre.press(await deviceOf(call)))
  await centre.work()
  expect((await ana.post(`/campaigns/${campaign.id}/next`)).body).toMatchObject({ code: 'out-of-hours' })
  const told = await must(ana.get<{ hours: { open: boolean; until: string } }>('/campaigns'))
  expect(told.hours).toEqual({ open: false, until: '2026-11-25T01:00:00.000Z' })
  centre.clock.set(new Date('2026-11-25T01:00:00Z'))
  await centre.keepSignedIn()
  ana = await centre.as('op01') // yesterday's session is over
  expect(await next(ana, campaign.id)).not.toBeNull()
})

test('a campaign that is stopped calls nobody more, and whoever leads another street neither sees nor stops it', async () => {
  const campaign = await begin(2)
  const call = await next(ana, campaign.id)
  const elsewhere = await centre.as('op12')
  expect((await must(elsewhere.get<{ items: unknown[] }>('/campaigns'))).items).toEqual([])
  expect((await elsewhere.post(`/campaigns/${campaign.id}/next`)).status).toBe(404)
  expect((await ana.post(`/campaigns/${campaign.id}/stop`)).status).toBe(403)
  expect(await must(leader.post(`/campaigns/${campaign.id}/stop`))).toMatchObject({ open: 1, taken: 1 })
  await must(ana.post(`/test-calls/${call?.id}/end`, { result: 'no-answer' }))
  expect(await next(ana, campaign.id)).toBeNull()
  expect(await progress(campaign.id)).toMatchObject({ open: 0, noAnswer: 1 })
})
