import { afterEach, beforeEach, expect, test } from 'vitest'
import { alarmIn } from '../../server/alarms/alarm-in.ts'
import { supervise } from '../../server/alarms/supervise.ts'
import type { AlarmDevice } from '../../server/contracts/alarms.ts'
import { keepHeard } from '../../server/devices/heard.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Devices of type ip-unit: a heartbeat every 5 minutes, late after 10, lost after 15.
let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
  await centre.db.query('UPDATE device SET last_heard_at = NULL, activated_at = NULL')
})
afterEach(() => centre.close())

/** Time passes, with a look every half minute. */
async function minutes(n: number) {
  for (let i = 0; i < n * 2; i++) {
    centre.clock.forward(30_000)
    await supervise(centre.parts, centre.intake)
  }
}
const hang = (ids: string[], gateway: string | null = null) =>
  centre.db.query(
    `UPDATE device SET type_code = 'ip-unit', gateway_id = $2, last_heard_at = $3, state = 'in-service' WHERE id = ANY ($1)`,
    [ids, gateway, centre.clock.now()],
  )
const silence = async (id: string) =>
  (await centre.db.query<{ silence: string | null }>('SELECT silence FROM device WHERE id = $1', [id]))[0]?.silence
const incidents = () =>
  centre.db.query<{ id: string; class: number; kind: string; subject: string; signals: number }>(
    'SELECT id, class, kind, subject, signals FROM incident ORDER BY opened_at, id',
  )
const facts = (id: string) =>
  centre.db.query<{ type: string; actor: string; said: string }>(
    `SELECT type, actor, data->>'said' AS said FROM fact WHERE incident_id = $1 ORDER BY seq`,
    [id],
  )
/** One whose resident is not frail, or frail. */
async function someone(frail: boolean) {
  const [device] = await devicesIn(centre)
  await centre.db.query(`UPDATE resident SET line_class = 2, mobility = 'ordinary', risks = $2 WHERE id = $1`, [
    device?.residentId,
    frail ? ['oxygen'] : [],
  ])
  return device as NonNullable<typeof device>
}

test('a device that falls silent is late, then lost: somebody looks after its resident, and its next heartbeat says so there', async () => {
  const device = await someone(false)
  await hang([device.id])
  await supervise(centre.parts, centre.intake)
  await minutes(9.5)
  expect(await silence(device.id)).toBe(null)
  await minutes(0.5)
  expect(await silence(device.id)).toBe('late')
  expect(await incidents()).toEqual([])
  await minutes(5)
  expect(await silence(device.id)).toBe('lost')
  const [open, ...more] = await incidents()
  expect(more).toEqual([])
  expect(open).toMatchObject({ class: 4, kind: 'line', subject: `resident:${device.residentId}`, signals: 1 })
  await minutes(3)
  expect(await incidents()).toMatchObject([{ signals: 1 }])
  const [row] = await centre.db.query('SELECT last_heard_at < $2 AS old FROM device WHERE id = $1', [
    device.id,
    new Date(centre.clock.now().getTime() - 17 * 60_000),
  ])
  expect(row).toEqual({ old: true })

  const heard = keepHeard(centre.parts)
  heard.heard(device.id)
  await heard.stop()
  await minutes(0.5)
  expect(await silence(device.id)).toBe(null)
  const told = await facts(open?.id as string)
  expect(told.map((one) => [one.type, one.actor])).toEqual([
    ['opened', 'system'],
    ['device-noted', 'system'],
  ])
})

test('the silence of somebody frail is graver, and never as grave as a press', async () => {
  const device = await someone(true)
  await hang([device.id])
  await centre.db.query('UPDATE resident SET line_class = 1 WHERE id = $1', [device.residentId])
  await minutes(16)
  expect(await incidents()).toMatchObject([{ class: 3 }])
})

test('the centre was down for an hour: nobody is lost before one interval from then', async () => {
  const device = await someone(false)
  await hang([device.id])
  await minutes(1)
  centre.clock.forward(3_600_000)
  await minutes(4.5)
  expect([await silence(device.id), await incidents()]).toEqual([null, []])
  await minutes(1)
  expect(await silence(device.id)).toBe('lost')
})

test('a device in test or without a promise of heartbeats is not missed', async () => {
  const [one, two] = await devicesIn(centre)
  await hang([one?.id as string])
  const until = new Date(centre.clock.now().getTime() + 86_400_000)
  await centre.db.query(`UPDATE device SET state = 'in-test', test_expires_at = $2 WHERE id = $1`, [one?.id, until])
  await centre.db.query(`UPDATE device SET type_code = 'http-pendant' WHERE id = $1`, [two?.id])
  await minutes(20)
  expect(await incidents()).toEqual([])
})

test('400 devices of a dead gateway are one matter, a press in that beat is rung first, and the gateway back says so', async () => {
  const devices = await devicesIn(centre)
  const [pressed, ...rest] = devices
  const hung = rest.slice(0, 400)
  expect(hung).toHaveLength(400)
  const [gateway] = await centre.db.query<{ id: string }>(
    `INSERT INTO device (id, area_id, account, kind, state) SELECT gen_random_uuid(), area_id, 'gw', 'gateway', 'in-service' FROM device WHERE id = $1 RETURNING id`,
    [pressed?.id],
  )
  await hang(
    hung.map((one) => one.id),
    gateway?.id,
  )
  await minutes(14.5)
  centre.clock.forward(30_000)
  const [, press] = await Promise.all([
    supervise(centre.parts, centre.intake),
    centre.press(pressed as { key: string }, { type: 'fall' }),
  ])
  const open = await incidents()
  expect(open).toHaveLength(2)
  const [fall] = await centre.db.query<{ id: string }>('SELECT id FROM incident ORDER BY rank_at LIMIT 1')
  expect(fall?.id).toBe(press.body.incidentId)
  const outage = open.find((one) => one.kind === 'line')
  expect(outage).toMatchObject({ class: 3, subject: `device:${gateway?.id}`, signals: 1 })
  const [listed] = await centre.db.query('SELECT count(*)::int AS n FROM outage_device')
  expect(listed).toEqual({ n: 400 })

  await centre.db.query('UPDATE device SET last_heard_at = $1 WHERE gateway_id = $2', [centre.clock.now(), gateway?.id])
  await minutes(0.5)
  expect((await facts(outage?.id as string)).at(-1)).toMatchObject({
    type: 'device-noted',
    said: 'yihu: heard-again-of 400 400',
  })
  await minutes(1)
  expect(await incidents()).toHaveLength(2)
})

test('400 that are lost each for itself never delay a press of class 1', async () => {
  const devices = await devicesIn(centre)
  const [pressed, ...rest] = devices
  await centre.db.query(`UPDATE household SET building = id::text`)
  await hang(rest.slice(0, 400).map((one) => one.id))
  await minutes(14.5)
  centre.clock.forward(30_000)
  const order: string[] = []
  await Promise.all([
    supervise(centre.parts, centre.intake).then(() => order.push('looked')),
    centre.press(pressed as { key: string }, { type: 'fall' }).then(() => order.push('pressed')),
  ])
  expect(order).toEqual(['pressed', 'looked'])
  const [first] = await centre.db.query('SELECT kind, class FROM incident ORDER BY rank_at LIMIT 1')
  expect(first).toEqual({ kind: 'fall', class: 1 })
  expect((await incidents()).filter((one) => one.kind === 'line').length).toBeGreaterThan(100)
})

test.each([
  ['is in test', `state = 'in-test', test_expires_at = now() + interval '1 day'`],
  ['is well', `state = 'in-service'`],
])('a gateway that %s takes eight with it: one incident, with all of them on its list', async (_, state) => {
  const all = (await devicesIn(centre)).slice(0, 8).map((one) => one.id)
  const [gateway] = await centre.db.query<{ id: string }>(
    `INSERT INTO device (id, area_id, account, kind) SELECT gen_random_uuid(), area_id, 'gw', 'gateway' FROM device WHERE id = $1 RETURNING id`,
    [all[0]],
  )
  await centre.db.query(`UPDATE device SET ${state} WHERE id = $1`, [gateway?.id])
  await centre.db.query('UPDATE device SET test_expires_at = $2 WHERE id = $1 AND test_expires_at IS NOT NULL', [
    gateway?.id,
    new Date(centre.clock.now().getTime() + 86_400_000),
  ])
  await hang(all, gateway?.id)
  await minutes(21)
  expect(await incidents()).toMatchObject([{ class: 3, kind: 'line' }])
  expect(await centre.db.query('SELECT 1 FROM outage_device')).toHaveLength(8)
})

test('a gateway that says that its line is gone is out for those who fall silent hours apart', async () => {
  const [first, second] = (await devicesIn(centre)).slice(0, 2).map((one) => one.id)
  const [gateway] = await centre.db.query<{ id: string }>(
    `INSERT INTO device (id, area_id, account, kind, state) SELECT gen_random_uuid(), area_id, 'gw', 'gateway', 'in-service' FROM device WHERE id = $1 RETURNING id`,
    [first],
  )
  const heard = keepHeard(centre.parts)
  const alarms = alarmIn(centre.parts, centre.intake, heard)
  const itself = (await alarms.device('http', 'gw')) as AlarmDevice
  await alarms.receive(itself, { sequence: 1, type: 'line', said: 'gone' })
  await hang([first as string], gateway?.id)
  await minutes(30)
  await hang([second as string], gateway?.id)
  await minutes(30)
  await heard.stop()
  expect(await incidents()).toMatchObject([{ kind: 'line', subject: `device:${gateway?.id}` }])
  expect(await centre.db.query('SELECT 1 FROM outage_device')).toHaveLength(2)
})
