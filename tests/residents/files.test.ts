import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HouseholdView, ResidentForm, ResidentRow, ResidentView } from '../../server/contracts/residents.ts'
import { allLike } from '../../server/platform/search-text.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let household: HouseholdView
beforeAll(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  household = (await ana.get<{ items: HouseholdView[] }>('/households?limit=1')).body.items[0] as HouseholdView
})
afterAll(() => centre.close())

const form = (more: Partial<ResidentForm> = {}): ResidentForm => ({
  householdId: household.id,
  name: '欧阳测试',
  nameToUse: '欧阳阿姨',
  sex: 'female',
  birthDate: '1941-05-06',
  phone: '0571-8765 4321',
  languages: ['zh'],
  hearing: 'hard-of-hearing',
  speech: 'ordinary',
  mobility: 'stick',
  risks: ['alone'],
  standingInstruction: '先打座机',
  healthNotes: '青霉素过敏',
  lineClass: 2,
  familyConsent: true,
  reviewDue: null,
  active: true,
  contacts: [{ name: '欧阳儿', relation: '儿子', phone: '13800138000', keyholder: true, hours: '', minutesAway: 10 }],
  ...more,
})
const found = async (q: string) =>
  (await ana.get<{ items: ResidentRow[] }>(`/residents?q=${encodeURIComponent(q)}`)).body.items.map((row) => row.name)

describe('a resident', () => {
  let view: ResidentView
  test('is entered, and found by name, pinyin, initials, number and address', async () => {
    const saved = await ana.post<ResidentView>('/residents', form())
    expect(saved.status).toBe(200)
    view = saved.body
    expect(view).toMatchObject({
      phone: '+8657187654321',
      healthNotes: '青霉素过敏',
      contacts: [{ phone: '+8613800138000', position: 1 }],
    })
    for (const q of ['欧阳测', 'ouyangceshi', 'oycs', '87654321', '0571 8765', `oycs ${household.building}`])
      expect([q, await found(q)]).toEqual([q, ['欧阳测试']])
    expect(await found('100%')).toEqual([])
  })
  test('is changed with the version seen, and a second change of the same version is refused', async () => {
    const change = (name: string) =>
      ana.put<ResidentView & { code: string }>(`/residents/${view.id}`, {
        version: view.version,
        form: form({ name, healthNotes: null }),
      })
    const first = await change('欧阳新名')
    expect(first.body).toMatchObject({ name: '欧阳新名', healthNotes: '青霉素过敏', version: view.version + 1 })
    expect((await change('谁先谁后')).body.code).toBe('stale-version')
    expect(await found('oyxm')).toEqual(['欧阳新名'])
  })
  test('with a wrong field is refused, the field is named, and nothing changes', async () => {
    const wrong = await ana.post<{ errors: { path: string }[] }>('/residents', form({ phone: 'abc123' }))
    expect([wrong.status, wrong.body.errors[0]?.path]).toEqual([422, 'form.phone'])
    const many = await ana.post<{ errors: { path: string }[] }>('/residents', {
      ...form(),
      name: '',
      languages: [],
      birthDate: '1941-13-01',
    })
    expect(many.body.errors.map((error) => error.path)).toEqual(['name', 'birthDate', 'languages'])
    expect(await found('abc123')).toEqual([])
  })
  test('has health notes that the database does not hold in clear', async () => {
    const [row] = await centre.db.query<{ sealed: Buffer }>(
      'SELECT health_sealed AS sealed FROM resident WHERE id = $1',
      [view.id],
    )
    expect(row?.sealed.includes(Buffer.from('青霉素'))).toBe(false)
    expect(centre.parts.seal.open(row?.sealed as Buffer)).toBe('青霉素过敏')
  })
  test('each look at the file is in the audit, and the list is not a look', async () => {
    await ana.get(`/residents/${view.id}`)
    const rows = await centre.db.query<{ action: string }>(
      'SELECT action FROM audit WHERE subject_id = $1 ORDER BY id',
      [view.id],
    )
    expect(rows.map((row) => row.action)).toEqual(['create', 'change', 'look'])
  })
  test('moves in the search when the household’s address changes', async () => {
    const { id, hasAccess: _, residents: __, version, ...plain } = household
    const moved = await ana.put<HouseholdView>(`/households/${id}`, {
      version,
      form: { ...plain, address: '新搬路99号', access: '门禁1234#' },
    })
    expect([moved.status, moved.body.hasAccess]).toEqual([200, true])
    expect(await found('新搬路99号 oyxm')).toEqual(['欧阳新名'])
    expect(
      (await ana.post<{ access: string }>(`/households/${id}/reveal-access`, { incidentId: null, reason: '核对' })).body
        .access,
    ).toBe('门禁1234#')
  })
})

test('the search uses the trigram index, also with three thousand residents', async () => {
  await centre.db.query('ANALYZE resident')
  const plan = await centre.db.transaction(async (tx) => {
    await tx.query('SET LOCAL enable_seqscan = off')
    return tx.query<{ 'QUERY PLAN': string }>(
      `EXPLAIN SELECT id FROM resident WHERE ${allLike('search', ['', ''], 1)}`,
      ['%oyxm%', '%0571%'],
    )
  })
  expect(JSON.stringify(plan)).toContain('resident_search')
})

test('devices: an account is used once, a test needs an end, a key is shown once and replaces the old one', async () => {
  const [community] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'community' LIMIT 1`)
  const device = {
    residentId: null,
    areaId: community?.id,
    protocol: 'http',
    account: 'YH-NEW-1',
    kind: 'pendant',
    room: '卧室',
    state: 'registered',
    testExpiresAt: null,
  }
  const made = await ana.post<{ id: string; version: number }>('/devices', device)
  expect(made.status).toBe(200)
  expect((await ana.post<{ code: string }>('/devices', device)).body.code).toBe('account-taken')
  expect(
    (
      await ana.put<{ code: string }>(`/devices/${made.body.id}`, {
        version: 1,
        form: { ...device, state: 'in-service' },
      })
    ).body.code,
  ).toBe('no-resident')
  expect(
    (await ana.put<{ code: string }>(`/devices/${made.body.id}`, { version: 1, form: { ...device, state: 'in-test' } }))
      .body.code,
  ).toBe('test-needs-end')
  const first = (await ana.post<{ key: string }>(`/devices/${made.body.id}/key`)).body
  expect((await centre.press(first)).status).toBe(201)
  const second = (await ana.post<{ key: string }>(`/devices/${made.body.id}/key`)).body
  expect([(await centre.press(first)).status, (await centre.press(second)).status]).toEqual([401, 201])
})

test('providers, responders and the catalogue are entered and changed by those who may', async () => {
  const manager = await centre.as('provider01')
  const admin = await centre.as('admin')
  const [community] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'community' LIMIT 1`)
  const provider = await manager.post<{ id: string; version: number }>('/providers', {
    areaId: community?.id,
    name: '新安康护',
    kind: 'care',
    phone: '0571-81234567',
    licence: '',
    licenceUntil: '2027-01-01',
    services: ['care-visit'],
    hours: '',
    active: true,
  })
  expect(provider.status).toBe(200)
  const responder = {
    providerId: provider.body.id,
    areaId: community?.id,
    name: '安新人',
    kind: 'staff',
    phone: '13900139000',
    languages: ['zh'],
    skills: ['care'],
    travel: 'foot',
    toldBy: 'sms',
    onDuty: true,
    lat: 30.26,
    lon: 120.14,
    maxOpen: 1,
    active: true,
  }
  const made = await manager.post<{ id: string; version: number }>('/responders', responder)
  expect(made.status).toBe(200)
  expect(await centre.db.query('SELECT skill FROM responder_skill WHERE responder_id = $1', [made.body.id])).toEqual([
    { skill: 'care' },
  ])
  await manager.put(`/responders/${made.body.id}`, { version: 1, form: { ...responder, onDuty: false } })
  expect(await centre.db.query('SELECT skill FROM responder_skill WHERE responder_id = $1', [made.body.id])).toEqual([])
  expect((await manager.post('/residents', form())).status).toBe(403)
  const item = {
    code: 'new-service',
    name: '理发',
    nameEn: 'Haircut',
    class: 'convenience',
    priority: 3,
    skill: 'care',
    targetMinutes: 600,
    priceFen: 2000,
    subsidyFen: 1000,
    questions: [],
    active: true,
    position: 500,
  }
  expect((await admin.post('/catalogue', item)).status).toBe(200)
  expect((await admin.post<{ code: string }>('/catalogue', item)).body.code).toBe('code-taken')
  expect(
    (await admin.put<{ name: string }>('/catalogue/new-service', { version: 1, form: { ...item, name: '上门理发' } }))
      .body.name,
  ).toBe('上门理发')
})
