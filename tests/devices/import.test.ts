import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportedDevice, ImportReport } from '../../server/contracts/device-import.ts'
import type { DeviceView } from '../../server/contracts/devices.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let resident: { id: string; name: string; phone: string }
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const [one] = await centre.db.query<typeof resident>(
    `SELECT r.id, r.name, r.phone FROM resident r JOIN area a ON a.id = r.area_id WHERE a.name = '听潮社区' AND r.phone IS NOT NULL AND r.active
       AND (SELECT count(*) FROM resident s WHERE s.phone = r.phone) = 1 ORDER BY r.id LIMIT 1`,
  )
  resident = one as typeof resident
})
afterEach(() => centre.close())

const head = 'account,protocol,kind,gateway,room,area,residentName,residentPhone'
const fileOf = (...rows: string[]) => ({ file: Buffer.from([head, ...rows].join('\r\n')).toString('base64') })
const check = async (body: object, who = ana) => (await who.post<ImportReport>('/devices/imports/check', body)).body
const run = (body: object, who = ana) =>
  who.post<{ devices: ImportedDevice[]; code?: string }>('/devices/imports', body)
const count = async () =>
  (await centre.db.query<{ n: number }>('SELECT count(*)::int AS n FROM device'))[0]?.n as number

test('a delivery is tried, then registered whole; each device has a key that works, and none is kept in clear', async () => {
  const before = await count()
  const file = fileOf(
    `im-1,http,pendant,im-gw,卧室,,${resident.name},${resident.phone}`,
    'im-gw,mqtt,gateway,,机房,听潮社区,,',
    'AB12,dc09,bedside,,,听潮社区,,',
    '24E124535B316056,lorawan,pendant,,,听潮社区,,',
  )
  expect(await check(file)).toEqual({ rows: 4, faults: [], faultsAll: 0 })
  expect(await count()).toBe(before)
  const { status, body } = await run(file)
  expect([status, body.devices.length, await count()]).toEqual([200, 4, before + 4])
  const [pendant, gateway, panel, lora] = body.devices as [
    ImportedDevice,
    ImportedDevice,
    ImportedDevice,
    ImportedDevice,
  ]
  expect(lora).toMatchObject({ account: '24e124535b316056', key: '' })
  expect(panel.key).toMatch(/^[0-9A-F]{32}$/)
  const view = (await ana.get<DeviceView>(`/devices/${pendant.id}`)).body
  expect(view).toMatchObject({
    state: 'registered',
    residentId: resident.id,
    gatewayId: gateway.id,
    room: '卧室',
    hasKey: true,
  })
  expect((await centre.press({ key: pendant.key })).status).toBe(201)
  const kept = JSON.stringify(await centre.db.query('SELECT device::text AS row FROM device'))
  const audited = await centre.db.query<{ action: string; n: number; reason: string }>(
    `SELECT action, count(*)::int AS n, min(reason) AS reason FROM audit WHERE subject_id = ANY ($1) AND action <> 'look' GROUP BY action ORDER BY action`,
    [body.devices.map((one) => one.id)],
  )
  expect(audited).toEqual([
    { action: 'create', n: 4, reason: 'import of 4' },
    { action: 'issue-key', n: 3, reason: 'import of 4' },
  ])
  for (const { key } of body.devices) if (key) expect(kept).not.toContain(key)
})

test('one wrong row and nothing is registered; the fault is named by line and column', async () => {
  const before = await count()
  const file = fileOf('im-1,http,pendant,,,听潮社区,,', 'im-2,http,pendant,,,,无此人,13800138000')
  const report = await check(file)
  expect(report.faults).toContainEqual({ line: 3, column: '居民电话', is: 'no-such-resident', instead: [] })
  const { status, body } = await run(file)
  expect([status, body.code, await count()]).toEqual([409, 'import-has-faults', before])
})

test('the same file twice registers nothing again', async () => {
  const file = fileOf('im-1,http,pendant,,,听潮社区,,')
  await run(file)
  const before = await count()
  expect((await check(file)).faults).toMatchObject([{ line: 2, is: 'taken' }])
  expect((await run(file)).status).toBe(409)
  // Two at the same moment: one of them has it.
  const both = fileOf('im-2,http,pendant,,,听潮社区,,')
  const answers = await Promise.all([run(both), run(both)])
  expect(answers.map((one) => one.status).sort()).toEqual([200, 409])
  expect(await count()).toBe(before + 1)
})

test('a street knows neither the communities nor the residents of another', async () => {
  const stranger = await centre.as('op12')
  const file = fileOf(`im-1,http,pendant,,,,${resident.name},${resident.phone}`, 'im-2,http,pendant,,,听潮社区,,')
  const is = (await check(file, stranger)).faults.map((one) => [one.line, one.is])
  expect(is).toEqual([
    [2, 'no-such-resident'],
    [3, 'no-such-area'],
  ])
})

test('two thousand devices are one transaction, and one of them too many is none', async () => {
  const rows = (n: number) => fileOf(...Array.from({ length: n }, (_, i) => `big-${i},http,pendant,,,听潮社区,,`))
  const before = await count()
  expect((await run(rows(2_001))).status).toBe(409)
  expect(await count()).toBe(before)
  expect((await run(rows(2_000))).body.devices).toHaveLength(2_000)
  expect(await count()).toBe(before + 2_000)
})
