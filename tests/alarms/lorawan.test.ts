import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lorawanRoutes } from '../../telephony/alarm/lorawan/routes.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'

const eui = '24e124535c000001'
let door: AlarmDoor
let app: FastifyInstance
let deviceId: string
let key: string
beforeEach(async () => {
  door = await startAlarmDoor()
  app = fastify()
  await app.register(lorawanRoutes, door.parts)
  const network = await door.device('lorawan', 'network', { kind: 'gateway' })
  key = await network.issueKey()
  deviceId = (await door.device('lorawan', eui, { gatewayId: network.id })).id
})
afterEach(async () => {
  await app.close()
  await door.close()
})

const tell = async (body: unknown, { path = '/lorawan/chirpstack?event=up', bearer = key } = {}) =>
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
const incidents = () => door.incidents()

test('a press is stored and answered 201; told again it is 200 and no second one', async () => {
  expect(await tell(uplink())).toBe(201)
  expect(await tell(uplink({ deduplicationId: 'of another gateway' }))).toBe(200)
  expect(await incidents()).toEqual([{ kind: 'button', signals: 1 }])
  const [alarm] = await door.centre.db.query<{ notes: string[]; said: string }>(
    'SELECT notes, said FROM alarm WHERE device_id = $1',
    [deviceId],
  )
  expect([alarm?.notes.includes('low-battery'), alarm?.said]).toEqual([true, 'LoRaWAN 85 long'])
})

test('a report of the battery opens nothing, and the device was heard', async () => {
  door.centre.clock.forward(60_000)
  expect(await tell(uplink({ data: 'AXVk' }))).toBe(200)
  await door.heard.flush()
  const [device] = await door.centre.db.query('SELECT last_heard_at AS at, battery FROM device WHERE id = $1', [
    deviceId,
  ])
  expect([device, await incidents()]).toEqual([{ at: door.centre.clock.now(), battery: 1 }, []])
})

test('a wrong secret learns nothing, a wrong body is refused, a device that nobody has is kept for a person to look at', async () => {
  expect(await tell(uplink(), { bearer: 'another-secret-of-nobody-xx' })).toBe(401)
  expect(await tell('{')).toBe(400)
  expect(await tell({ devEUI: 'JOEkU1wAAAE=' })).toBe(400)
  expect(await tell(uplink({ deviceInfo: { devEui: '0000000000000001' } }))).toBe(202)
  expect(await door.centre.db.query('SELECT account, because FROM stranger ORDER BY account')).toEqual([
    { account: '0000000000000001', because: 'unknown-account' },
    { account: 'network', because: 'unreadable' },
  ])
  expect(await incidents()).toEqual([])
})

test('while it cannot be stored it is said so, and the same is stored when it can', async () => {
  const again = await door.cannotStore()
  expect(await tell(uplink())).toBe(503)
  await again()
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

test('a network server speaks of what reports through it alone, and of what nobody has said through whom it reports', async () => {
  const others = await door.device('lorawan', 'other-network', { kind: 'gateway' })
  await door.device('lorawan', '24e124535c000002', { gatewayId: others.id })
  await door.device('lorawan', '24e124535c000003')
  const of = (devEui: string) => uplink({ deviceInfo: { devEui } })
  expect(await tell(of('24e124535c000002'))).toBe(202)
  expect(await tell(of('24e124535c000003'))).toBe(201)
  expect(await door.strangers()).toEqual([{ account: '24e124535c000002', because: 'wrong-secret' }])
  await (await door.centre.as('admin')).post(`/devices/${others.id}/key`)
  expect(await tell(of('24e124535c000003'))).toBe(200)
})
