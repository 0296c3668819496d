import { readFileSync } from 'node:fs'
import { connect, connectAsync, type IClientOptions } from 'mqtt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { asLeader } from '../../server/platform/leader-lock.ts'
import { subscribeMqtt } from '../../telephony/alarm/mqtt/subscribe.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'
import { mosquitto } from '../support/mosquitto.ts'
import { folder, has, makeCertificate, run } from '../telephony/sip/support/binary.ts'

// Devices at our own broker, over real sockets; and we at one of others (Mosquitto).
let door: AlarmDoor
beforeEach(async () => {
  door = await startAlarmDoor()
})
afterEach(async () => door.close())

const sos = (seq: number, more: object = {}) => JSON.stringify({ v: 1, seq, t: 'sos', ...more })

/** A device at our broker. */
async function connected(port: number, username: string, password: string, more: IClientOptions = {}) {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, {
    username,
    password,
    reconnectPeriod: 0,
    connectTimeout: 5_000,
    ...more,
  })
  client.on('error', () => {})
  door.onClose(() => client.endAsync(true))
  return client
}
/** Does our broker acknowledge it? A line that it closes instead is none. */
const acknowledged = async (
  client: Awaited<ReturnType<typeof connected>>,
  topic: string,
  body: string,
  retain = false,
) =>
  Promise.race([
    client.publishAsync(topic, body, { qos: 1, retain }).then(
      () => true,
      () => false,
    ),
    new Promise<boolean>((done) => client.once('close', () => done(false))),
  ])

test('a press is acknowledged when it is stored; the same again, retained or not, opens nothing', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const client = await connected(await door.listen('mqtt', 'tcp'), account, await issueKey())
  expect(await acknowledged(client, 'care/s1/nb-77/alarm', sos(41))).toBe(true)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
  expect(await acknowledged(client, 'care/s1/nb-77/alarm', sos(41), true)).toBe(true)
  expect(await acknowledged(client, 'care/s1/nb-77/alarm', sos(42))).toBe(true)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 2 }])
})

test('a heartbeat and a ping are heard and write no row of their own', async () => {
  const { id, account, issueKey } = await door.device('mqtt', 'nb-77')
  const client = await connected(await door.listen('mqtt', 'tcp'), account, await issueKey())
  door.centre.clock.forward(60_000)
  await acknowledged(client, 'care/s1/nb-77/hb', JSON.stringify({ t: 'hb', batt: 55 }))
  expect(await door.lastHeard(id)).toEqual(door.centre.clock.now())
  expect(await door.centre.db.query('SELECT battery FROM device WHERE id = $1', [id])).toEqual([{ battery: 0.55 }])
  door.centre.clock.forward(60_000)
  client.sendPing()
  await vi.waitFor(async () => expect(await door.lastHeard(id)).toEqual(door.centre.clock.now()))
  expect(await door.incidents()).toEqual([])
})

test('a wrong key and an account of nobody are refused alike, and a person looks at them', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  await issueKey()
  const port = await door.listen('mqtt', 'tcp')
  const refusals = await Promise.allSettled([
    connected(port, account, 'not-the-key-of-this-device'),
    connected(port, 'nobody', 'not-the-key-of-this-device'),
  ])
  const words = refusals.map((one) => (one.status === 'rejected' ? String(one.reason.message) : 'let in'))
  expect(words).toEqual(Array(2).fill('Connection refused: Bad username or password'))
  expect(await door.strangers()).toEqual([
    { account: 'nb-77', because: 'wrong-secret' },
    { account: 'nobody', because: 'unknown-account' },
  ])
})

test('nobody speaks on the topic of another, save the gateway through which it reports; nobody listens', async () => {
  const gateway = await door.device('mqtt', 'gw-1', { kind: 'gateway' })
  const mine = await door.device('mqtt', 'nb-1', { gatewayId: gateway.id })
  const other = await door.device('mqtt', 'nb-2')
  const [gatewayKey, otherKey] = [await gateway.issueKey(), await other.issueKey()]
  const port = await door.listen('mqtt', 'tcp')
  const thief = await connected(port, 'nb-2', otherKey)
  expect(await acknowledged(thief, 'care/s1/nb-1/alarm', sos(1))).toBe(false)
  const through = await connected(port, 'gw-1', gatewayKey)
  expect(await acknowledged(through, 'care/s1/nb-1/alarm', sos(1))).toBe(true)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
  expect(await door.strangers()).toEqual([{ account: 'nb-1', because: 'wrong-secret' }])
  const granted = await through.subscribeAsync('care/s1/nb-1/alarm', { qos: 1 }).catch(() => 'refused')
  expect(granted).toBe('refused')
  expect(await acknowledged(through, 'care/s1/nb-2/alarm', sos(1))).toBe(false)
  expect(mine.id).not.toBe(other.id)
})

test('a device that takes the client identifier of another takes nothing from it', async () => {
  const [one, two] = [await door.device('mqtt', 'nb-1'), await door.device('mqtt', 'nb-2')]
  const port = await door.listen('mqtt', 'tcp')
  const first = await connected(port, 'nb-1', await one.issueKey(), { clientId: 'same' })
  await connected(port, 'nb-2', await two.issueKey(), { clientId: 'same' })
  expect(await acknowledged(first, 'care/s1/nb-1/alarm', sos(1))).toBe(true)
})

test('a stolen key is revoked while connected: its next word is not taken, and a silent one is shown the door', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const port = await door.listen('mqtt', 'tcp')
  const stolen = await issueKey()
  const speaking = await connected(port, account, stolen)
  const fresh = await issueKey()
  expect(await acknowledged(speaking, 'care/s1/nb-77/alarm', sos(1))).toBe(false)
  expect(await door.incidents()).toEqual([])
  expect(await acknowledged(await connected(port, account, fresh), 'care/s1/nb-77/alarm', sos(2))).toBe(true)
})

test('what cannot be stored is not acknowledged: the line closes, and said again it is stored', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const key = await issueKey()
  const port = await door.listen('mqtt', 'tcp')
  const again = await door.cannotStore()
  expect(await acknowledged(await connected(port, account, key), 'care/s1/nb-77/alarm', sos(1))).toBe(false)
  await again()
  expect(await acknowledged(await connected(port, account, key), 'care/s1/nb-77/alarm', sos(1))).toBe(true)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
})

test('with the database away a device that connects hears no no: the line closes, and a common client is back by itself', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const key = await issueKey()
  const port = await door.listen('mqtt', 'tcp')
  await door.centre.db.query('ALTER TABLE device RENAME TO away')
  const client = connect(`mqtt://127.0.0.1:${port}`, { username: account, password: key, reconnectPeriod: 100 })
  door.onClose(() => client.endAsync(true))
  const errors: string[] = []
  client.on('error', (error) => errors.push(error.message))
  let closed = 0
  client.on('close', () => closed++)
  await vi.waitFor(() => expect(closed).toBeGreaterThan(1))
  await door.centre.db.query('ALTER TABLE away RENAME TO device')
  await vi.waitFor(() => expect(client.connected).toBe(true), { timeout: 5_000 })
  expect(errors).toEqual([])
})

test('a device that speaks on a wrong topic, or by QoS 2, is heard all the same', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const key = await issueKey()
  const port = await door.listen('mqtt', 'tcp')
  expect(await acknowledged(await connected(port, account, key), 'sos', sos(1))).toBe(true)
  const two = await connected(port, account, key)
  await two.publishAsync('care/s1/nb-77/alarm', sos(2), { qos: 2 })
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 2 }])
})

test('the last will of a gateway is a line fault, and its coming back goes with it; a mere change of connection is none', async () => {
  const gateway = await door.device('mqtt', 'gw-1', { kind: 'gateway' })
  const key = await gateway.issueKey()
  const port = await door.listen('mqtt', 'tcp')
  const will = { topic: 'care/s1/gw-1/alarm', payload: Buffer.from('{"t":"gone"}'), qos: 1 as const, retain: true }
  const first = await connected(port, 'gw-1', key, { clientId: 'gw', will })
  const second = await connected(port, 'gw-1', key, { clientId: 'gw', will })
  await vi.waitFor(() => expect(first.connected).toBe(false))
  expect(await door.incidents()).toEqual([])
  second.stream.destroy()
  await vi.waitFor(async () => expect(await door.incidents()).toEqual([{ kind: 'line', signals: 1 }]))
  await connected(port, 'gw-1', key, { clientId: 'gw', will })
  await vi.waitFor(async () =>
    expect(await door.centre.db.query(`SELECT data->>'note' AS note FROM fact WHERE type = 'device-noted'`)).toEqual([
      { note: 'restored' },
    ]),
  )
})

test('a packet that is announced longer than any word closes the line', async () => {
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const client = await connected(await door.listen('mqtt', 'tcp'), account, await issueKey())
  const closed = new Promise<void>((done) => client.once('close', () => done()))
  // PUBLISH, QoS 1, 200 MB to come.
  client.stream.write(Buffer.concat([Buffer.from([0x32, 0x80, 0x84, 0xaf, 0x5f]), Buffer.alloc(400_000)]))
  await closed
  expect(await door.incidents()).toEqual([])
})

test.skipIf(!has('mosquitto_pub'))('mosquitto_pub as the device, also over TLS', async () => {
  const cwd = folder('mqtt')
  const { certFile, keyFile, caFile } = makeCertificate(cwd)
  const tls = { cert: readFileSync(certFile), key: readFileSync(keyFile) }
  const { account, issueKey } = await door.device('mqtt', 'nb-77')
  const key = await issueKey()
  const plain = await door.listen('mqtt', 'tcp')
  const secure = await door.listen('mqtt', 'tls', { tls })
  const press = (port: number, seq: number, ...more: string[]) =>
    run(
      'mosquitto_pub',
      [
        ...['-h', '127.0.0.1', '-p', String(port), '-u', account, '-P', key, '-q', '1'],
        ...['-t', 'care/s1/nb-77/alarm', '-m', sos(seq), ...more],
      ],
      { cwd },
    )
  expect((await press(plain, 1)).code).toBe(0)
  expect((await press(secure, 2, '--cafile', caFile)).code).toBe(0)
  expect((await press(plain, 3, '-V', 'mqttv31')).code).toBe(0)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 3 }])
  expect((await press(plain, 4, '-P', 'wrong-key-of-nobody')).code).not.toBe(0)
})

test.skipIf(!has('mosquitto'))(
  'at a broker of others: told while we were away, it is stored when we are back',
  async () => {
    const broker = await mosquitto()
    door.onClose(broker.stop)
    await door.device('mqtt', 'nb-77')
    await door.device('lorawan', '24e124535c000001')
    const at = { url: broker.url, clientId: 'test', account: undefined }
    const here = async () => {
      const listening = subscribeMqtt(door.parts, at)
      await vi.waitFor(() => expect(listening.listening()).toBe(true), { timeout: 10_000 })
      return listening
    }
    const first = await here()
    const device = await connectAsync(broker.url, { clientId: 'device' })
    door.onClose(() => device.endAsync(true))
    await device.publishAsync('care/s1/nb-77/alarm', sos(1), { qos: 1 })
    await vi.waitFor(async () => expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }]))
    await first.stop()
    await device.publishAsync('care/s1/nb-77/alarm', sos(2), { qos: 1 })
    const uplink = { deviceInfo: { devEui: '24e124535c000001' }, fCnt: 1, fPort: 85, data: '/y4B' }
    await device.publishAsync('application/a1/device/24e124535c000001/event/up', JSON.stringify(uplink), { qos: 1 })
    // What no table can keep does not stand in the way of what comes behind it.
    await device.publishAsync('care/s1/nobody/alarm', 'x\0y', { qos: 1 })
    await device.publishAsync('care/s1/nobody/alarm', sos(1), { qos: 1 })
    const second = await here()
    door.onClose(second.stop)
    await vi.waitFor(async () =>
      expect(await door.incidents()).toEqual([
        { kind: 'button', signals: 2 },
        { kind: 'button', signals: 1 },
      ]),
    )
    expect(await door.strangers()).toEqual([{ account: 'nobody', because: 'unknown-account' }])
  },
)

test.skipIf(!has('mosquitto'))('at a broker of others: what cannot be stored is told again until it can', async () => {
  const broker = await mosquitto()
  door.onClose(broker.stop)
  const gateway = await door.device('mqtt', 'broker', { kind: 'gateway' })
  await door.device('mqtt', 'nb-77')
  const listening = subscribeMqtt(door.parts, { url: broker.url, clientId: 'test', account: 'broker' })
  door.onClose(listening.stop)
  await vi.waitFor(() => expect(listening.listening()).toBe(true), { timeout: 10_000 })
  // The broker itself counts as heard while we are connected to it.
  await vi.waitFor(async () => expect(await door.lastHeard(gateway.id)).toEqual(door.centre.clock.now()))
  const again = await door.cannotStore()
  const device = await connectAsync(broker.url, { clientId: 'device' })
  door.onClose(() => device.endAsync(true))
  await device.publishAsync('care/s1/nb-77/alarm', sos(1), { qos: 1 })
  await vi.waitFor(() => expect(listening.connected()).toBeLessThan(8), { timeout: 5_000 })
  await again()
  await vi.waitFor(async () => expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }]), {
    timeout: 10_000,
  })
})

test('only one process of a centre does what one may do; when its session is gone another takes over', async () => {
  const doing: string[] = []
  const begin = (name: string) => () => {
    doing.push(name)
    return { stop: async () => void doing.splice(doing.indexOf(name), 1) }
  }
  const { db, parts } = door.centre
  const first = asLeader(db, 'once', begin('first'), parts.log, 20)
  await vi.waitFor(() => expect(doing).toEqual(['first']))
  const second = asLeader(db, 'once', begin('second'), parts.log, 20)
  door.onClose(second)
  await first()
  await vi.waitFor(() => expect(doing).toEqual(['second']))
  // Its session is cut, as when the database was restarted: it ends, and begins anew with another.
  await db.query(
    `SELECT pg_terminate_backend(l.pid) FROM pg_locks l WHERE l.locktype = 'advisory' AND l.objid::bigint = (hashtext('yihu:once')::bigint & 4294967295)
       AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )
  await vi.waitFor(() => expect(doing).toEqual(['second']))
})
