import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ContactView, ResidentView } from '../../server/contracts/residents.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
type Reply = { code?: string; access?: string }
let centre: Centre
let [ana, ben, lead] = [] as unknown as [Person, Person, Person]
let devices: Awaited<ReturnType<typeof devicesIn>>
let used = 0
let id: string
let alarmId: string
let home: { householdId: string; contacts: ContactView[] }

beforeAll(async () => {
  centre = await startCentre()
  ;[ana, ben, lead] = [await centre.as('op01'), await centre.as('op02'), await centre.as('sup01')]
  devices = await devicesIn(centre)
})
afterAll(() => centre.close())
beforeEach(async () => {
  const device = devices[used++ * 7] as (typeof devices)[number]
  const { body } = await centre.press(device)
  id = body.incidentId
  alarmId = body.alarmId
  await ana.post(`/incidents/${id}/answer`)
  home = (await lead.get<ResidentView>(`/residents/${device.residentId}`)).body
})

const facts = async (type: string) =>
  (
    await centre.db.query<{ actor: string; data: object }>(
      'SELECT actor, data FROM fact WHERE incident_id = $1 AND type = $2 ORDER BY seq',
      [id, type],
    )
  ).map(({ actor, data }) => ({ actor, ...data }))
const audits = (subjectId: string, action: string) =>
  centre.db.query<{ accountId: string; reason: string | null }>(
    'SELECT account_id AS "accountId", reason FROM audit WHERE subject_id = $1 AND action = $2 ORDER BY id',
    [subjectId, action],
  )
const reveal = (person: Person, said: object, householdId = home.householdId) =>
  person.post<Reply>(`/households/${householdId}/reveal-access`, said)

describe('the door code', () => {
  test('is shown for the incident in hand, and stands in its timeline', async () => {
    expect((await reveal(ana, { incidentId: id })).status).toBe(200)
    expect(await facts('access-revealed')).toEqual([{ actor: `operator:${ana.id}`, householdId: home.householdId }])
    expect(await audits(home.householdId, 'reveal-access')).toEqual([{ accountId: ana.id, reason: `incident ${id}` }])
    expect((await reveal(lead, { incidentId: id })).status).toBe(200)
    expect(await facts('access-revealed')).toHaveLength(2)
  })
  test('is not shown without a reason, for a colleague’s incident, for another home, or after closure', async () => {
    const other = (
      await centre.db.query<{ id: string }>('SELECT id FROM household WHERE id <> $1 LIMIT 1', [home.householdId])
    )[0]?.id as string
    for (const said of [{ incidentId: null }, { incidentId: null, reason: '  ' }])
      expect((await reveal(ana, said)).body.code).toBe('no-reason')
    expect((await reveal(ben, { incidentId: id })).body.code).toBe('no-reason')
    expect((await reveal(ana, { incidentId: id }, other)).body.code).toBe('no-reason')
    await ana.post(`/incidents/${id}/resolve`)
    await ana.post(`/incidents/${id}/close`, { disposition: 'helped-by-phone', note: '' })
    expect((await reveal(ana, { incidentId: id })).body.code).toBe('no-reason')
    expect(await audits(home.householdId, 'reveal-access')).toEqual([])
    expect(await facts('access-revealed')).toEqual([])
  })
  test('is shown with a reason, which is reviewed', async () => {
    expect((await reveal(ben, { incidentId: null, reason: '消防到场' })).status).toBe(200)
    expect(await audits(home.householdId, 'reveal-access')).toEqual([{ accountId: ben.id, reason: '消防到场' }])
    expect(await facts('access-revealed')).toEqual([])
  })
})

describe('calling a contact', () => {
  const call = (person: Person, contact: ContactView | undefined, incidentId: string | null) =>
    person.post<Reply>(`/contacts/${contact?.id}/result`, { result: 'no-answer', incidentId })
  test('for an incident stands in its timeline', async () => {
    const [contact] = home.contacts
    expect((await call(ana, contact, id)).status).toBe(200)
    expect(await facts('contact-result')).toEqual([
      { actor: `operator:${ana.id}`, contactId: contact?.id, result: 'no-answer' },
    ])
  })
  test('is entered by who has the incident, for a contact of its resident', async () => {
    const [contact] = home.contacts
    const [foreign] = await centre.db.query<ContactView>(
      'SELECT id FROM contact WHERE resident_id <> (SELECT resident_id FROM incident WHERE id = $1) LIMIT 1',
      [id],
    )
    expect((await call(ben, contact, id)).body.code).toBe('not-owner')
    expect((await call(ana, foreign, id)).body.code).toBe('not-found')
    expect((await call(ben, contact, null)).status).toBe(200)
    expect(await facts('contact-result')).toEqual([])
  })
})

describe('one signal', () => {
  test('is read by who has its incident and by supervisors', async () => {
    expect((await ana.get(`/alarms/${alarmId}`)).status).toBe(200)
    expect((await lead.get(`/alarms/${alarmId}`)).status).toBe(200)
    expect((await ben.get<Reply>(`/alarms/${alarmId}`)).body.code).toBe('not-owner')
  })
  test('that was a test is read by supervisors', async () => {
    const device = devices.at(-1) as (typeof devices)[number]
    const tested = (await centre.press(device, { type: 'test' })).body.alarmId
    expect((await lead.get<{ handling: string }>(`/alarms/${tested}`)).body.handling).toBe('test')
    expect((await ana.get<Reply>(`/alarms/${tested}`)).body.code).toBe('not-owner')
  })
})

describe('looks', () => {
  test('at one file count as one for ten minutes, however often and however fast the screen asks', async () => {
    const ask = () => Promise.all([ana.get(`/incidents/${id}`), ana.get(`/incidents/${id}/timeline`)])
    await ask()
    await ask()
    expect(await audits(id, 'look')).toHaveLength(1)
    centre.clock.forward(9 * 60_000)
    await ask()
    expect(await audits(id, 'look')).toHaveLength(1)
    await lead.get(`/incidents/${id}/timeline`)
    expect((await audits(id, 'look')).map((row) => row.accountId)).toEqual([ana.id, lead.id])
    centre.clock.forward(61_000)
    await ask()
    expect((await audits(id, 'look')).map((row) => row.accountId)).toEqual([ana.id, lead.id, ana.id])
  })
  test('through the broken glass are each written, and the timeline opens with it for a few minutes', async () => {
    const glass = `/incidents/${id}?breakGlass=${encodeURIComponent('家属来电询问')}`
    expect((await ben.get<Reply>(`/incidents/${id}/timeline`)).body.code).toBe('not-owner')
    expect((await ben.get(glass)).status).toBe(200)
    expect((await ben.get(glass)).status).toBe(200)
    expect(await audits(id, 'break-glass')).toHaveLength(2)
    expect((await ben.get(`/incidents/${id}/timeline`)).status).toBe(200)
    centre.clock.forward(11 * 60_000)
    expect((await ben.get<Reply>(`/incidents/${id}/timeline`)).body.code).toBe('not-owner')
  })
  test('are found in the audit by what was done', async () => {
    await ben.get(`/incidents/${id}?breakGlass=${encodeURIComponent('家属来电询问')}`)
    type Rows = { items: { action: string; subjectId: string; reason: string }[] }
    const { items } = (await lead.get<Rows>('/audit?action=break-glass')).body
    expect(items[0]).toMatchObject({ action: 'break-glass', subjectId: id, reason: '家属来电询问' })
    expect(new Set(items.map((row) => row.action))).toEqual(new Set(['break-glass']))
    expect((await lead.get('/audit?action=nonsense')).status).toBe(400)
  })
})
