import { afterEach, beforeEach, expect, test } from 'vitest'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let ben: Awaited<ReturnType<Centre['as']>>
let id: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  ben = await centre.as('op02')
  const [device] = (await devicesIn(centre)).filter(({ lineClass }) => lineClass === 2)
  id = (await centre.press(device as { key: string }, { type: 'smoke' })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ben.available()
  await centre.work()
})
afterEach(() => centre.close())

const ringingAt = async (who: typeof ben) => (await who.get<{ items: OfferView[] }>('/offers')).body.items
const told = async () =>
  (
    await centre.db.query<{ type: string; because: string | null }>(
      `SELECT type, data->>'because' AS because FROM fact WHERE incident_id = $1 AND type LIKE '%transfer%' OR (incident_id = $1 AND type IN ('claim-stale', 'requeued')) ORDER BY seq`,
      [id],
    )
  ).map(({ type, because }) => (because ? `${type} ${because}` : type))
const hand = () =>
  ana.post<IncidentRow & { code: string }>(`/incidents/${id}/transfer`, { operatorId: ben.id, reason: '交班' })
async function minute(seconds: number) {
  for (let at = 0; at < seconds; at += 15) {
    await centre.pass(15)
    await ana.beat()
    await ben.beat()
  }
}

test('a smoke alarm that is handed over rings at the colleague, and is theirs when they take it', async () => {
  expect((await hand()).body).toMatchObject({ ownerId: ana.id, offeredTo: ben.id })
  const [offer] = await ringingAt(ben)
  expect(offer).toMatchObject({ incidentId: id, fromId: ana.id, reasons: ['handed-over'], soft: [] })
  expect(
    centre.pushed.some(({ name, payload }) => name === 'offer.changed' && (payload as OfferView).id === offer?.id),
  ).toBe(true)
  expect((await ben.post<IncidentRow>(`/incidents/${id}/answer`)).body).toMatchObject({
    ownerId: ben.id,
    offeredTo: null,
  })
  expect(await ringingAt(ben)).toEqual([])
  await minute(120)
  expect(await load(centre.db, id)).toMatchObject({ status: 'triage', ownerId: ben.id, claimStale: false })
  expect(await told()).toEqual(['transfer-offered', 'transferred'])
})

test('a colleague who refuses leaves it where it is, and the one who hands it over sees who did not take it', async () => {
  await hand()
  const [offer] = await ringingAt(ben)
  expect((await ben.post(`/offers/${offer?.id}/decline`)).status).toBe(200)
  expect((await ben.post<{ code: string }>(`/offers/${offer?.id}/decline`)).body.code).toBe('offer-over')
  expect((await ben.post<{ code: string }>(`/incidents/${id}/answer`)).body.code).toBe('already-answered')
  expect(await load(centre.db, id)).toMatchObject({ ownerId: ana.id, offeredTo: null, notTakenBy: ben.id })
  expect(await told()).toEqual(['transfer-offered', 'transfer-ended refused'])
  expect((await hand()).status).toBe(200)
})

test('a colleague who does not come to it in half a minute leaves it where it is; no console is said to be lost', async () => {
  await hand()
  await minute(150)
  expect(await load(centre.db, id)).toMatchObject({ status: 'triage', ownerId: ana.id, notTakenBy: ben.id })
  expect(await ringingAt(ben)).toEqual([])
  expect(await told()).toEqual(['transfer-offered', 'transfer-ended rang-out'])
})

test('what is taken back, or released while it rings at the colleague, rings there no more as a transfer', async () => {
  await hand()
  expect((await ana.post<IncidentRow>(`/incidents/${id}/transfer/withdraw`)).body).toMatchObject({
    offeredTo: null,
    notTakenBy: null,
  })
  expect(await ringingAt(ben)).toEqual([])
  await hand()
  await ana.post(`/incidents/${id}/requeue`)
  await centre.work(2)
  const [offer] = await ringingAt(ben)
  expect(offer).toMatchObject({ fromId: null, reasons: expect.arrayContaining(['class-1-all']) })
  expect((await ben.post<IncidentRow>(`/incidents/${id}/answer`)).body.ownerId).toBe(ben.id)
})

test('with the one who hands it over gone it goes back to the queue and rings at everybody', async () => {
  await hand()
  await centre.pass(100)
  expect(await load(centre.db, id)).toMatchObject({ status: 'waiting', offeredTo: null })
})
