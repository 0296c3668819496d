import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AccountView } from '../../server/contracts/access.ts'
import { type Centre, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
type Reply = AccountView & { code: string }
let centre: Centre
let admin: Person
let local: Person
let areas: Map<string, string>
const areaId = (name: string) => areas.get(name) as string

beforeAll(async () => {
  centre = await startCentre()
  admin = await centre.as('admin')
  const rows = await centre.db.query<{ id: string; name: string }>('SELECT id, name FROM area')
  areas = new Map(rows.map((row) => [row.name, row.id]))
  const made = await admin.post<AccountView>('/accounts', form('street.admin', '青榆街道', 'area-administrator'))
  expect(made.status).toBe(200)
  await centre.setPassword(admin, { id: made.body.id, username: 'street.admin', password: 'a long password' })
  local = await centre.as('street.admin')
})
afterAll(() => centre.close())

const form = (username: string, area: string, role = 'operator') => ({
  username,
  name: '新人',
  phone: null as string | null,
  locale: 'zh-CN',
  languages: ['zh'],
  skills: ['general'],
  capacity: 2,
  active: true,
  roles: [{ role, areaId: areaId(area) }],
})
const listed = async (person: Person) => (await person.get<{ items: AccountView[] }>('/accounts?limit=200')).body.items
const change = (person: Person, { id, version, ...account }: AccountView, more: object) =>
  person.put<Reply>(`/accounts/${id}`, { version, form: { ...account, ...more } })

describe('an administrator of one street', () => {
  test('sees and changes who works there, and nobody else', async () => {
    const seen = await listed(local)
    expect(seen.map((one) => one.username)).toEqual(['op09', 'op10', 'street.admin'])
    const all = await listed(admin)
    const far = all.find((one) => one.username === 'op12') as AccountView
    expect((await change(local, far, { roles: [{ role: 'operator', areaId: areaId('青榆街道') }] })).status).toBe(404)
    expect((await change(local, seen[0] as AccountView, { capacity: 4 })).body.capacity).toBe(4)
  })
  test('cannot raise their own roles, nor withdraw themselves, even within their street', async () => {
    const me = (await listed(local)).find((one) => one.username === 'street.admin') as AccountView
    const wider = [...me.roles, { role: 'area-administrator', areaId: areaId('澜江区') }]
    const more = [...me.roles, { role: 'supervisor', areaId: areaId('青榆街道') }]
    for (const change_ of [{ roles: wider }, { roles: more }, { active: false }])
      expect((await change(local, me, change_)).body.code).toBe('forbidden')
    expect((await change(local, me, { name: '改名' })).body).toMatchObject({ name: '改名', roles: me.roles })
  })
  test('is told plainly that somebody who also works elsewhere is not theirs to change', async () => {
    const both = {
      ...form('two.streets', '青榆街道'),
      roles: ['青榆街道', '云陂街道'].map((name) => ({ role: 'operator', areaId: areaId(name) })),
    }
    const made = (await admin.post<AccountView>('/accounts', both)).body
    expect((await change(local, made, { roles: [{ role: 'operator', areaId: areaId('青榆街道') }] })).body.code).toBe(
      'forbidden',
    )
  })
  test('reads in the audit what concerns their street only', async () => {
    const look = async (community: string) => {
      const ana = await centre.as('op01')
      const list = await ana.get<{ items: { id: string }[] }>(`/residents?areaId=${areaId(community)}&limit=1`)
      const id = list.body.items[0]?.id as string
      await ana.get(`/residents/${id}`)
      return id
    }
    const [near, far] = [await look('榆荫社区'), await look('半山社区')]
    type Rows = { items: { subjectId: string; subjectKind: string }[] }
    const subjects = async (person: Person) =>
      (await person.get<Rows>('/audit?limit=200')).body.items.map((row) => row.subjectId)
    expect(await subjects(local)).toContain(near)
    expect(await subjects(local)).not.toContain(far)
    expect((await local.get<Rows>(`/audit?subjectId=${far}`)).body.items).toEqual([])
    expect(await subjects(await centre.as('auditor'))).toEqual(expect.arrayContaining([near, far]))
  })
})

describe('an account', () => {
  test('has its number in E.164, and a wrong one is named', async () => {
    const made = await admin.post<Reply>('/accounts', { ...form('has.phone', '青榆街道'), phone: '0571 8111 2222' })
    expect(made.body.phone).toBe('+8657181112222')
    const wrong = await admin.post<{ errors: { path: string }[] }>('/accounts', {
      ...form('bad.phone', '青榆街道'),
      phone: '120',
    })
    expect([wrong.status, wrong.body.errors[0]?.path]).toEqual([422, 'phone'])
  })
  test('is added once, even when two add it at the same moment', async () => {
    const replies = await Promise.all(
      [1, 2, 3].map(() => admin.post<Reply>('/accounts', form('only.once', '青榆街道'))),
    )
    expect(replies.map((reply) => reply.body.code ?? 'made').sort()).toEqual([
      'made',
      'username-taken',
      'username-taken',
    ])
  })
  test('changed twice from the same version is refused the second time; withdrawn, its sessions end', async () => {
    const one = (await listed(admin)).find((account) => account.username === 'op09') as AccountView
    const signedIn = await centre.as('op09')
    expect((await change(admin, one, { active: false })).status).toBe(200)
    expect((await change(admin, one, { capacity: 9 })).body.code).toBe('stale-version')
    expect((await signedIn.get('/sessions/current')).status).toBe(401)
    expect(JSON.stringify(await listed(admin))).not.toMatch(/argon2|passwordHash/)
  })
})

test('an area lies below its parent, stays there, and is changed with the version seen', async () => {
  type Area = { id: string; path: string; code: string; version: number; onCallPhone: string | null }
  const area = {
    parentId: areaId('青榆街道'),
    level: 'community',
    name: '新社区',
    nameEn: 'New',
    lat: 30.27,
    lon: 120.15,
    onCallPhone: '138 0013 8000',
  }
  const made = (await local.post<Area>('/areas', area)).body
  expect(made.path).toMatch(new RegExp(`/${areaId('青榆街道')}/${made.id}/$`))
  expect(made.onCallPhone).toBe('+8613800138000')
  expect((await local.post<Area>('/areas', { ...area, parentId: areaId('云陂街道') })).status).toBe(422)
  const put = (more: object) => local.put<Area>(`/areas/${made.id}`, { version: 1, form: { ...area, ...more } })
  expect((await put({ parentId: areaId('云陂街道') })).status).toBe(422)
  expect((await put({ name: '新名社区' })).body.version).toBe(2)
  expect((await put({ name: '谁先谁后' })).body.code).toBe('stale-version')
})
