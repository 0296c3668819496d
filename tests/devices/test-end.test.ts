import { afterAll, beforeAll, expect, test } from 'vitest'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('a test that has run out leaves the device in service: shown so, found so, and open to change', async () => {
  const ana = await centre.as('op01')
  const [given] = await devicesIn(centre)
  const path = `/devices/${given?.id}`
  const formOf = (view: DeviceView) => {
    const { id, residentName, hasKey, activatedAt, lastHeardAt, lastGoodTestAt, battery, version, ...form } = view
    return form
  }
  const inService = (await ana.get<DeviceView>(path)).body
  const testExpiresAt = new Date(centre.clock.now().getTime() + 600_000).toISOString()
  const testing = await ana.put<DeviceView>(path, {
    version: inService.version,
    form: { ...formOf(inService), state: 'in-test', testExpiresAt },
  })
  expect(testing.body).toMatchObject({ state: 'in-test', testExpiresAt })
  const found = async (state: string) =>
    (await ana.get<{ items: DeviceView[] }>(`/devices?state=${state}&q=${inService.account}`)).body.items.length
  expect([await found('in-test'), await found('in-service')]).toEqual([1, 0])

  centre.clock.forward(600_001)
  const after = (await ana.get<DeviceView>(path)).body
  expect(after).toMatchObject({ state: 'in-service', testExpiresAt: null })
  expect([await found('in-test'), await found('in-service')]).toEqual([0, 1])
  const changed = await ana.put<DeviceView>(path, { version: after.version, form: { ...formOf(after), room: '书房' } })
  expect([changed.status, changed.body.room, changed.body.state]).toEqual([200, '书房', 'in-service'])
})

test('a device of another street is as if it were not there', async () => {
  const stranger = await centre.as('op12')
  const [given] = await devicesIn(centre, '望澜街道')
  const view = (await (await centre.as('op01')).get<DeviceView>(`/devices/${given?.id}`)).body
  expect((await stranger.get(`/devices/${view.id}`)).status).toBe(404)
  expect((await stranger.post(`/devices/${view.id}/key`)).status).toBe(404)
  expect((await stranger.get<{ items: [] }>(`/devices?q=${view.account}`)).body.items).toEqual([])
})
