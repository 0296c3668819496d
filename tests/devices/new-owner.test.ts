import { afterAll, beforeAll, expect, test } from 'vitest'
import { pressHistoryOf } from '../../server/alarms/press-history.ts'
import { type DeviceView, deviceForm } from '../../server/contracts/devices.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
beforeAll(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
})
afterAll(() => centre.close())

const read = async (id: string) => (await ana.get<DeviceView>(`/devices/${id}`)).body
const formOf = (device: DeviceView) => deviceForm.parse(device)

test('a device that is handed to somebody else is theirs: what the last one pressed stays with them, and it starts untried', async () => {
  const devices = await devicesIn(centre, '望澜街道')
  const [device, other] = devices as [(typeof devices)[number], (typeof devices)[number]]
  for (let i = 0; i < 5; i++) {
    const { incidentId } = (await centre.press(device)).body
    await ana.post(`/incidents/${incidentId}/answer`)
    await ana.post(`/incidents/${incidentId}/resolve`)
    await ana.post(`/incidents/${incidentId}/close`, { disposition: 'accidental-press', note: '' })
    centre.clock.forward(1000)
  }
  const before = await read(device.id)
  const [next] = await centre.db.query<{ id: string }>(
    `SELECT r.id FROM resident r WHERE r.area_id = $1 AND r.id <> $2 ORDER BY r.id LIMIT 1`,
    [before.areaId, device.residentId],
  )
  const saved = await ana.put(`/devices/${device.id}`, {
    version: before.version,
    form: { ...formOf(before), residentId: next?.id },
  })
  expect(saved.status).toBe(200)
  expect(await read(device.id)).toMatchObject({ state: 'activated', lastGoodTestAt: null, firstPressAt: null })
  expect((await centre.press(device)).body.notes).toContain('first-test')
  expect(await pressHistoryOf(centre.parts, next?.id as string)).toMatchObject({
    lastDay: { count: 1, falsely: 0 },
    pattern: null,
  })
  expect(await pressHistoryOf(centre.parts, device.residentId)).toMatchObject({ lastDay: { count: 5, falsely: 5 } })
  // One whose resident stays is as it was.
  const same = await read(other.id)
  await ana.put(`/devices/${other.id}`, { version: same.version, form: { ...formOf(same), room: '卧室' } })
  expect(await read(other.id)).toMatchObject({ state: same.state, lastGoodTestAt: same.lastGoodTestAt })
})

test('devices of closed files that still stand somewhere are a list to be taken back', async () => {
  const device = (await devicesIn(centre, '望澜街道'))[2] as { id: string; residentId: string }
  const list = async () =>
    (await ana.get<{ items: DeviceView[] }>('/devices?toTakeBack=true')).body.items.map(({ id }) => id)
  expect(await list()).toEqual([])
  await centre.db.query('UPDATE resident SET active = false WHERE id = $1', [device.residentId])
  expect(await list()).toContain(device.id)
  expect(await read(device.id)).toMatchObject({ fileClosed: true })
})
