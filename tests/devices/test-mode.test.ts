import { afterEach, beforeEach, expect, test } from 'vitest'
import { supervise } from '../../server/alarms/supervise.ts'
import type { DeviceView } from '../../server/contracts/devices.ts'
import type { AlertView } from '../../server/contracts/queue.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let device: Awaited<ReturnType<typeof devicesIn>>[number]
beforeEach(async () => {
  centre = await startCentre()
  await centre.db.query(`UPDATE device SET state = 'in-service', test_expires_at = NULL WHERE state = 'in-test'`)
  device = (await devicesIn(centre, '望澜街道')).find((one) => one.lineClass === 2) as typeof device
})
afterEach(() => centre.close())

async function putInTest(minutes: number) {
  const ana = await centre.as('op01')
  const view = (await ana.get<DeviceView>(`/devices/${device.id}`)).body
  const testExpiresAt = new Date(centre.clock.now().getTime() + minutes * 60_000).toISOString()
  const { status } = await ana.put(`/devices/${device.id}`, {
    version: view.version,
    form: { ...view, state: 'in-test', testExpiresAt },
  })
  expect(status).toBe(200)
}
const pass = async (minutes: number) => {
  centre.clock.forward(minutes * 60_000)
  await supervise(centre.parts, centre.intake)
}
const incidents = () =>
  centre.db.query<{ kind: string; class: number; signals: number }>(
    'SELECT kind, class, signals FROM incident WHERE subject = $1',
    [`resident:${device.residentId}`],
  )
const press = async () => {
  centre.clock.forward(30_000)
  return (await centre.press<{ incidentId: string | null; notes: string[] }>(device)).body
}

test('leaders hear a quarter of an hour before a test ends, and when it has ended, each once', async () => {
  await putInTest(30)
  const told = () =>
    centre.pushed
      .filter((one) => one.name === 'alert.raised')
      .map((one) => (one.payload as { kind: string }).kind)
      .filter((kind) => kind.startsWith('test-'))
  const listed = async (who = 'sup01') =>
    (await (await centre.as(who)).get<{ items: AlertView[] }>('/alerts')).body.items
      .filter((one) => one.deviceId === device.id)
      .map((one) => one.kind)
  await pass(14)
  expect([told(), await listed()]).toEqual([[], []])
  await pass(1)
  await pass(5)
  expect([told(), await listed()]).toEqual([['test-ending'], ['test-ending']])
  await pass(10)
  await pass(5)
  expect([told(), await listed()]).toEqual([['test-ending', 'test-ended'], ['test-ended']])
  await pass(60)
  expect(await listed()).toEqual([])
})

test('a test that is made longer is warned of again', async () => {
  await putInTest(10)
  await pass(1)
  await putInTest(60)
  await pass(1)
  await pass(44)
  expect(centre.pushed.filter((one) => (one.payload as { kind?: string })?.kind === 'test-ending')).toHaveLength(2)
})

test('a device in test presses for real twice: the first press is the test, then a person is asked, and goes on being told', async () => {
  await putInTest(60)
  expect(await press()).toMatchObject({ incidentId: null, notes: ['in-test'] })
  expect(await press()).toMatchObject({ incidentId: null })
  expect(await incidents()).toEqual([])
  const third = await press()
  expect(third.incidentId).toEqual(expect.any(String))
  expect(await incidents()).toMatchObject([{ kind: 'button', class: 2, signals: 1 }])
  const [alarm] = await centre.db.query('SELECT notes, said FROM alarm WHERE incident_id = $1', [third.incidentId])
  expect(alarm).toMatchObject({ notes: ['pressed-in-test'], said: 'yihu: pressed-in-test' })
  await press()
  expect(await incidents()).toMatchObject([{ signals: 2 }])
})

test('presses of a test that lie apart are tests, each of them', async () => {
  await putInTest(60)
  for (let i = 0; i < 4; i++) {
    await press()
    centre.clock.forward(180_000)
  }
  expect(await incidents()).toEqual([])
})

test('the press that makes a person ask, sent again, asks nobody a second time', async () => {
  await putInTest(60)
  await press()
  await press()
  centre.clock.forward(30_000)
  const again = { sequence: 9_001 }
  const first = (await centre.press(device, again)).body
  const second = (await centre.press(device, again)).body
  expect([second.incidentId, second.duplicate]).toEqual([first.incidentId, true])
  expect(await incidents()).toMatchObject([{ signals: 1 }])
})

test('what it is that makes a person ask is said: a fall in test is a fall, and as grave', async () => {
  await putInTest(60)
  await press()
  await press()
  centre.clock.forward(30_000)
  await centre.press(device, { type: 'fall' })
  expect(await incidents()).toMatchObject([{ kind: 'fall', class: 1 }])
})
