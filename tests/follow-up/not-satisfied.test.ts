import { afterEach, beforeEach, expect, test } from 'vitest'
import { judgeFollowUp } from '../../server/follow-up/choose.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let ben: Awaited<ReturnType<Centre['as']>>
let incident: string
let followUp: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  ben = await centre.as('op02')
  const [device] = (await devicesIn(centre)).filter(({ lineClass }) => lineClass === 2)
  incident = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${incident}/answer`)
  await ana.post(`/incidents/${incident}/resolve`)
  await ana.post(`/incidents/${incident}/close`, { disposition: 'helped-by-phone', note: '' })
  await centre.work()
  followUp = (await ben.get<{ items: { id: string }[] }>('/follow-ups')).body.items[0]?.id as string
})
afterEach(() => centre.close())

type Told = { code: string; byCloser: boolean; linkedIncidentId: string | null; errors: { path: string }[] }
const says = (who: typeof ben, result: string, note = '') =>
  who.post<Told>(`/follow-ups/${followUp}/complete`, { result, note })
const told = (id: string) =>
  centre.db.query<{ type: string; data: object }>(
    `SELECT type, data FROM fact WHERE incident_id = $1 AND type IN ('followed-up', 'follow-up-undone', 'noted') ORDER BY seq`,
    [id],
  )

test('who was not satisfied is written down, gets a matter that rings, and a leader sees it until it is closed', async () => {
  expect((await says(ben, 'not-satisfied', '  ')).body).toMatchObject({ code: 'invalid', errors: [{ path: 'note' }] })
  const { body } = await says(ben, 'not-satisfied', '来的人没有敲门')
  const linked = await load(centre.db, body.linkedIncidentId as string)
  expect(linked).toMatchObject({
    status: 'waiting',
    previousId: incident,
    stickyOperatorId: null,
    kind: 'not-satisfied',
  })
  expect(await told(incident)).toMatchObject([
    { type: 'followed-up', data: { result: 'not-satisfied', note: '来的人没有敲门' } },
  ])
  expect(await told(linked?.id as string)).toMatchObject([{ type: 'noted', data: { text: '来的人没有敲门' } }])
  const lead = await centre.as('sup01')
  const alerts = async () => (await lead.get<{ items: { kind: string; incidentId: string }[] }>('/alerts')).body.items
  expect(await alerts()).toContainEqual(expect.objectContaining({ kind: 'not-satisfied', incidentId: linked?.id }))
  expect(centre.pushed.some(({ payload }) => (payload as { kind?: string }).kind === 'not-satisfied')).toBe(true)
  await ben.available()
  await centre.work()
  expect((await ben.get<{ items: { incidentId: string }[] }>('/offers')).body.items).toMatchObject([
    { incidentId: linked?.id },
  ])
})

test('who closed a matter does not ask how it was while a colleague is on duty; with nobody there they may, and it is said', async () => {
  await ben.available()
  expect((await says(ana, 'satisfied')).body.code).toBe('asked-by-closer')
  await ben.put('/presence', { status: 'away' })
  expect((await says(ana, 'satisfied')).body).toMatchObject({ byCloser: true, linkedIncidentId: null })
  expect(await told(incident)).toMatchObject([{ type: 'followed-up', data: { byCloser: true } }])
})

test('one press too many is undone within minutes; what was opened by it stays, and says so', async () => {
  const { linkedIncidentId } = (await says(ben, 'not-satisfied', '迟到')).body
  const undo = (who: typeof ben) => who.post<{ code: string }>(`/follow-ups/${followUp}/undo`)
  expect((await undo(ana)).body.code).toBe('not-owner')
  expect((await undo(ben)).status).toBe(200)
  expect((await undo(ben)).status).toBe(200)
  expect((await told(incident)).map(({ type }) => type)).toEqual(['followed-up', 'follow-up-undone'])
  expect((await told(linkedIncidentId as string)).map(({ type }) => type)).toEqual(['noted', 'follow-up-undone'])
  expect(await load(centre.db, linkedIncidentId as string)).toMatchObject({ status: 'waiting' })
  expect((await says(ben, 'satisfied')).status).toBe(200)
  centre.clock.forward(6 * 60_000)
  expect((await undo(ben)).body.code).toBe('too-late-to-undo')
})

test('that nobody was reached may be entered by anybody', () => {
  const asked = { kind: 'satisfaction-call', closedById: 'ana' }
  const said = { note: '', operatorId: 'ana', othersOnDuty: true }
  expect(judgeFollowUp(asked, { ...said, result: 'not-reached' })).toEqual({ byCloser: true })
  expect(judgeFollowUp({ ...asked, kind: 'press-pattern' }, { ...said, result: 'arranged' })).toEqual({
    byCloser: false,
  })
})
