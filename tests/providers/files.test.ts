import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ProviderView, ResponderView } from '../../server/contracts/providers.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let manager: Awaited<ReturnType<Centre['as']>>
beforeAll(async () => {
  centre = await startCentre()
  manager = await centre.as('provider01')
})
afterAll(() => centre.close())

test('a responder’s position is as old as when it was last told, whatever else is changed', async () => {
  const [one] = (await manager.get<{ items: ResponderView[] }>('/responders?limit=1')).body.items
  const { id, providerName, positionAt, openAssignments, version, ...form } = one as ResponderView
  const change = async (of: number, more: object) =>
    (await manager.put<ResponderView>(`/responders/${id}`, { version: of, form: { ...form, ...more } })).body
  expect((await change(version, { name: '改名' })).positionAt).toBe(positionAt)
  expect((await change(version + 1, { lat: form.lat + 0.001 })).positionAt).toBe(centre.clock.now().toISOString())
  expect(await change(version, { name: '谁先谁后' })).toMatchObject({ code: 'stale-version' })
})

test('a provider is found by name, pinyin, initials and number, and its number is kept in E.164', async () => {
  const [area] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'community' LIMIT 1`)
  const provider = {
    areaId: area?.id,
    name: '蓝溪维修铺',
    kind: 'repair',
    phone: '0571-8123 4567',
    licence: '',
    licenceUntil: null,
    services: ['plumbing'],
    hours: '',
    active: true,
  }
  const made = (await manager.post<ProviderView>('/providers', provider)).body
  expect(made).toMatchObject({ phone: '+8657181234567', responders: 0, rating: null })
  for (const q of ['蓝溪', '溪', 'lanxiweixiupu', 'lxwxp', '0571-81234567', '0571 8123', '+86 571 8123 4567']) {
    const found = await manager.get<{ items: ProviderView[] }>(`/providers?q=${encodeURIComponent(q)}`)
    expect([q, found.body.items.map((row) => row.id)]).toEqual([q, [made.id]])
  }
  expect((await manager.post('/providers', { ...provider, phone: '1234567' })).status).toBe(422)
})
