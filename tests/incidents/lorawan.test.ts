import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepHeard } from '../../server/devices/heard.ts'
import { alarmIn } from '../../server/incidents/alarm-in.ts'
import { lorawanRoutes } from '../../telephony/alarm/lorawan/routes.ts'
import { type Centre, startCentre } from '../support/centre.ts'

const eui = '24e124535c000001'
const secret = 'a-secret-of-the-integration'
let centre: Centre
let heard: ReturnType<typeof keepHeard>
let app: FastifyInstance
let deviceId: string
beforeEach(async () => {
  centre = await startCentre()
  heard = keepHeard(centre.parts)
  app = fastify()
  await app.register(lorawanRoutes, {
    alarms: alarmIn(centre.parts, centre.intake, heard),
    secret,
    log: { warn: () => {} },
  })
  const [device] = await centre.db.query<{ id: string }>(
    `UPDATE device SET protocol = 'lorawan', account = $1 WHERE id = (SELECT id FROM device WHERE state = 'in-service' AND kind = 'pendant' ORDER BY id LIMIT 1) RETURNING id`,
    [eui],
  )
  deviceId = device?.id as string
})
afterEach(async () => {
  await app.close()
  await heard.stop()
  await centre.close()
})

const tell = async (body: unknown, { path = '/lorawan/chirpstack?event=up', bearer = secret } = {}) =>
  (
    await app.inject({
      method: 'POST',
      url: path,
      headers: { authorization: `Bearer ${bearer}`, 'content-type': 'application/json' },
      payload: typeof body === 'string' ? body : JSON.stringify(body),
    })
  ).statusCode
const uplink = (change: object = {}) => ({
  deviceInfo: { devEui: eui },
  devAddr: '00189440',
  fCnt: 17,
  fPort: 85,
  data: Buffer.from('01750aff2e02', 'hex').toString('base64'),
  ...change,
})
const incidents = () => centre.db.query(`SELECT kind, signals FROM incident`)

test('a press is stored and answered 201; told again it is 200 and no second one', async () => {
  expect(await tell(uplink())).toBe(201)
  expect(await tell(uplink({ deduplicationId: 'of another gateway' }))).toBe(200)
  expect(await incidents()).toEqual([{ kind: 'button', signals: 1 }])
  const [alarm] = await centre.db.query<{ notes: string[]; said: string }>(
    'SELECT notes, said FROM alarm WHERE device_id = $1',
    [deviceId],
  )
  expect([alarm?.notes.includes('low-battery'), alarm?.said]).toEqual([true, 'LoRaWAN 85 long'])
})

test('a report of the battery opens nothing, and the device was heard', async () => {
  centre.clock.forward(60_000)
  expect(await tell(uplink({ data: 'AXVk' }))).toBe(200)
  await heard.flush()
  const [device] = await centre.db.query('SELECT last_heard_at AS at, battery FROM device WHERE id = $1', [deviceId])
  expect([device, await incidents()]).toEqual([{ at: centre.clock.now(), battery: 1 }, []])
})

test('a wrong secret learns nothing, a wrong body is refused, a device that nobody has is kept for a person to look at', async () => {
  expect(await tell(uplink(), { bearer: 'another-secret-of-nobody-xx' })).toBe(401)
  expect(await tell('{')).toBe(400)
  expect(await tell({ devEUI: 'JOEkU1wAAAE=' })).toBe(400)
  expect(await tell(uplink({ deviceInfo: { devEui: '0000000000000001' } }))).toBe(202)
  expect(await centre.db.query('SELECT account, because FROM stranger')).toEqual([
    { account: '0000000000000001', because: 'unknown-account' },
  ])
  expect(await incidents()).toEqual([])
})

test('while it cannot be stored it is said so, and the same is stored when it can', async () => {
  await centre.db.query('ALTER TABLE alarm RENAME TO away')
  expect(await tell(uplink())).toBe(503)
  await centre.db.query('ALTER TABLE away RENAME TO alarm')
  expect(await tell(uplink())).toBe(201)
})

test('The Things Stack, with its counter of 0 left out', async () => {
  const body = {
    end_device_ids: { dev_eui: eui.toUpperCase(), dev_addr: '260B1234' },
    uplink_message: { f_port: 85, frm_payload: '/y4B' },
  }
  expect(await tell(body, { path: '/lorawan/things' })).toBe(201)
  expect(await incidents()).toEqual([{ kind: 'button', signals: 1 }])
})
