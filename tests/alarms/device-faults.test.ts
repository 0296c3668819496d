import { afterEach, beforeEach, expect, test } from 'vitest'
import { alarmIn } from '../../server/alarms/alarm-in.ts'
import { supervise } from '../../server/alarms/supervise.ts'
import type { AlarmDevice } from '../../server/contracts/alarms.ts'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { alarmTypes } from '../../server/contracts/vocabulary.ts'
import { faultTypes } from '../../server/devices/faults.ts'
import { keepHeard } from '../../server/devices/heard.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let heard: ReturnType<typeof keepHeard>
let device: Awaited<ReturnType<typeof devicesIn>>[number]
beforeEach(async () => {
  centre = await startCentre()
  heard = keepHeard(centre.parts)
  device = (await devicesIn(centre, '望澜街道'))[0] as typeof device
  await centre.db.query(`UPDATE resident SET line_class = 2, risks = '{}', mobility = 'ordinary' WHERE id = $1`, [
    device.residentId,
  ])
})
afterEach(async () => {
  await heard.stop()
  await centre.close()
})

const incidents = () =>
  centre.db.query<{ id: string; kind: string; class: number; signals: number; status: string }>(
    'SELECT id, kind, class, signals, status FROM incident WHERE subject = $1 ORDER BY opened_at',
    [`resident:${device.residentId}`],
  )
const faults = async () => {
  const { body } = await (await centre.as('op01')).get<DeviceView>(`/devices/${device.id}`)
  return body.faults.map((one) => one.type)
}
/** A heartbeat with this battery, and a look of supervision. */
async function battery(level: number) {
  centre.clock.forward(60_000)
  heard.heard(device.id, { battery: level })
  await heard.flush()
  await supervise(centre.parts, centre.intake)
}
/** Somebody has dealt with it. */
async function closeAll() {
  await centre.db.query(`UPDATE incident SET status = 'closed', closed_at = $1, disposition = 'equipment-fault'`, [
    centre.clock.now(),
  ])
}

test('a low battery is told once, whatever it does between the lines, and again after it was well', async () => {
  await battery(0.5)
  expect(await incidents()).toEqual([])
  await battery(0.19)
  for (const level of [0.15, 0.25, 0.18, 0.29]) await battery(level)
  expect(await incidents()).toMatchObject([{ kind: 'low-battery', class: 4, signals: 1 }])
  expect(await faults()).toEqual(['low-battery'])
  await battery(0.9)
  expect(await faults()).toEqual([])
  const said = await centre.db.query(
    `SELECT data->>'note' AS note, data->>'said' AS said FROM fact WHERE type = 'device-noted'`,
  )
  expect(said).toEqual([{ note: 'restored', said: 'yihu: battery 90' }])
  await battery(0.1)
  expect(await incidents()).toMatchObject([{ signals: 2 }])
})

test('after somebody has closed the matter a battery that stays low is not told again, and after a new one it is', async () => {
  await battery(0.1)
  await closeAll()
  for (const level of [0.1, 0.09, 0.22, 0.05]) await battery(level)
  expect(await incidents()).toHaveLength(1)
  await battery(1)
  await battery(0.1)
  expect(await incidents()).toHaveLength(2)
})

test('the lines are those of the type of device', async () => {
  await centre.db.query(`UPDATE device_type SET battery_low = 0.05, battery_restored = 0.5 WHERE code = 'http-pendant'`)
  await centre.db.query(`UPDATE device SET type_code = 'http-pendant' WHERE id = $1`, [device.id])
  await battery(0.06)
  expect(await incidents()).toEqual([])
  await battery(0.04)
  await battery(0.49)
  expect(await faults()).toEqual(['low-battery'])
  await battery(0.5)
  expect(await faults()).toEqual([])
})

test.each(['low-battery', 'mains', 'line', 'fault', 'tamper'] as const)(
  'a device that says again and again that %s is wrong has one open matter, until it says that it is well',
  async (type) => {
    const alarms = alarmIn(centre.parts, centre.intake, heard)
    const itself = (await alarms.holder(device.key)) as AlarmDevice
    let sequence = 100
    const signal = (part?: string) =>
      alarms.receive(itself, {
        ...(part && { part }),
        sequence: ++sequence,
        type,
        said: '',
        pressedAt: undefined,
        battery: undefined,
        position: undefined,
      })
    const first = await signal()
    expect(first).toMatchObject({ duplicate: false })
    await closeAll()
    centre.clock.forward(300_000)
    const known = await signal()
    expect(known).toEqual({
      alarmId: expect.any(String),
      incidentId: first.incidentId,
      duplicate: false,
      notes: ['known-fault'],
    })
    // Stored like any signal, and the same frame again is the same.
    sequence--
    expect(await signal()).toMatchObject({ alarmId: known.alarmId, duplicate: true })
    expect(await centre.db.query('SELECT 1 FROM alarm WHERE device_id = $1', [device.id])).toHaveLength(2)
    expect(await incidents()).toHaveLength(1)
    expect(await faults()).toEqual([type])
    // Of another of its parts it is another fault, and that one being well says nothing of this one.
    expect((await signal('01 004')).duplicate).toBe(false)
    await alarms.noted(itself, { note: 'restored', type, part: '01 004', said: '', sequence: ++sequence })
    expect(await faults()).toEqual([type])
    await closeAll()
    // Without a type all is well.
    await alarms.noted(itself, { note: 'restored', said: '', sequence: ++sequence })
    expect(await faults()).toEqual([])
    // A frame of before, over the slower path, does not make it broken again.
    const last = sequence
    sequence = 101
    expect((await signal()).duplicate).toBe(true)
    sequence = last
    expect(await faults()).toEqual([])
    expect((await signal()).duplicate).toBe(false)
    expect(await incidents()).toHaveLength(3)
    // A week later nobody has seen to it: it is told again.
    await closeAll()
    centre.clock.forward(7 * 86_400_000 + 1)
    expect((await signal()).duplicate).toBe(false)
    expect(await incidents()).toHaveLength(4)
  },
)

test.each([
  ['low-battery', 167, 169],
  ['mains', 23, 25],
  ['tamper', 0.15, 0.2],
] as const)(
  '%s that was closed and never well is told again after its time, not before',
  async (type, before, after) => {
    const opened = async () => {
      await centre.press(device, { type })
      const rows = await incidents()
      await closeAll()
      return rows.length
    }
    expect(await opened()).toBe(1)
    centre.clock.forward(before * 3_600_000)
    expect(await opened()).toBe(1)
    centre.clock.forward((after - before) * 3_600_000)
    expect(await opened()).toBe(2)
  },
)

test('over HTTP it is the same, and a press in between is a press', async () => {
  const mains = { type: 'mains' }
  expect((await centre.press(device, mains)).status).toBe(201)
  const again = await centre.press(device, mains)
  expect([again.status, again.body.notes]).toEqual([201, ['known-fault']])
  expect((await centre.press(device)).status).toBe(201)
  expect(await incidents()).toMatchObject([{ kind: 'button', class: 2, signals: 2 }])
})

test('whoever takes it out of test has seen to it: what was broken is told anew', async () => {
  await centre.press(device, { type: 'fault' })
  const ana = await centre.as('op01')
  const read = async () => (await ana.get<DeviceView>(`/devices/${device.id}`)).body
  const save = async (state: string, testExpiresAt: string | null) => {
    const view = await read()
    return ana.put(`/devices/${device.id}`, { version: view.version, form: { ...view, state, testExpiresAt } })
  }
  expect((await save('in-test', new Date(centre.clock.now().getTime() + 600_000).toISOString())).status).toBe(200)
  expect(await faults()).toEqual(['fault'])
  expect((await save('in-service', null)).status).toBe(200)
  expect(await faults()).toEqual([])
})

test('a device that is opened by force is a technical matter; of the frail it is class 3, and says to ring them', async () => {
  const notes = (await centre.press(device, { type: 'tamper' })).body.notes
  expect([await incidents(), notes]).toMatchObject([[{ kind: 'tamper', class: 4 }], []])
  await closeAll()
  await centre.db.query('UPDATE device_fault SET restored_at = now()')
  await centre.db.query(`UPDATE resident SET risks = '{oxygen}' WHERE id = $1`, [device.residentId])
  const frail = (await centre.press(device, { type: 'tamper' })).body.notes
  expect((await incidents())[1]).toMatchObject({ kind: 'tamper', class: 3 })
  expect(frail).toEqual(['call-resident'])
})

test('every type that is no need of a person and no test is watched until it is well', () => {
  const needs = ['button', 'fall', 'smoke', 'gas', 'flood', 'inactivity', 'unknown', 'test']
  expect(alarmTypes.filter((one) => !needs.includes(one)).sort()).toEqual([...faultTypes].sort())
})
