import { afterEach, beforeEach, expect, test } from 'vitest'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let device: { id: string; residentId: string; areaId: string }
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const [one] = await devicesIn(centre, '望澜街道')
  const view = (await ana.get<DeviceView>(`/devices/${one?.id}`)).body
  device = { id: '', residentId: view.residentId as string, areaId: view.areaId }
})
afterEach(() => centre.close())

const read = async () => (await ana.get<DeviceView>(`/devices/${device.id}`)).body

/** Registered, with its key, and installed at the resident's. */
async function installed() {
  const { residentId, areaId } = device
  const form = {
    residentId,
    areaId,
    protocol: 'http',
    account: 'new-1',
    kind: 'pendant',
    room: '',
    testExpiresAt: null,
  }
  device.id = (await ana.post<DeviceView>('/devices', { ...form, state: 'registered' })).body.id
  const { key } = (await ana.post<{ key: string }>(`/devices/${device.id}/key`)).body
  const { version } = await read()
  const saved = await ana.put(`/devices/${device.id}`, { version, form: { ...form, state: 'activated' } })
  expect(saved.status).toBe(200)
  return { key }
}

test('registered, installed, first press, confirmed by voice, in service: each step is seen at the device', async () => {
  const key = await installed()
  expect(await read()).toMatchObject({ state: 'activated', firstPressAt: null, lastGoodTestAt: null })
  centre.clock.forward(60_000)
  const { body } = await centre.press<{ incidentId: string; notes: string[] }>(key)
  // It may be a test and may be real: a person answers it like any press.
  expect(body).toMatchObject({ incidentId: expect.any(String), notes: ['first-test'] })
  const pressedAt = centre.clock.now().toISOString()
  expect(await read()).toMatchObject({ state: 'activated', firstPressAt: pressedAt })
  const confirm = () => ana.post(`/incidents/${body.incidentId}/confirm-device`, { deviceId: device.id })
  expect((await confirm()).status).toBe(409)
  await ana.post(`/incidents/${body.incidentId}/answer`)
  centre.clock.forward(30_000)
  expect((await confirm()).status).toBe(200)
  expect(await read()).toMatchObject({ state: 'in-service', lastGoodTestAt: centre.clock.now().toISOString() })
  expect((await confirm()).status).toBe(200)
  const facts = await centre.db.query(`SELECT data FROM fact WHERE type = 'device-confirmed'`)
  expect(facts).toEqual([{ data: { deviceId: device.id } }])
  expect((await centre.press<{ notes: string[] }>(key)).body.notes).toEqual([])
})

test('a device that has not signalled in this matter, or is not installed, is not confirmed', async () => {
  await installed()
  const [other] = await devicesIn(centre, '望澜街道')
  const { incidentId } = (await centre.press(other as { key: string })).body
  await ana.post(`/incidents/${incidentId}/answer`)
  const refused = async (deviceId: string) =>
    (await ana.post<{ code: string }>(`/incidents/${incidentId}/confirm-device`, { deviceId })).body.code
  expect(await refused(device.id)).toBe('no-first-press')
  expect(await refused('0191f0a0-0000-7000-8000-00000000dead')).toBe('no-first-press')
})

test('a flat battery or a failed line of a new device is not its first press', async () => {
  const key = await installed()
  await centre.press(key, { type: 'low-battery' })
  expect((await read()).firstPressAt).toBe(null)
})
