import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'coap'
import { connectAsync } from 'mqtt'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { proofOf } from '../../telephony/alarm/coap/answer.ts'
import { encrypt } from '../../telephony/alarm/dc09/crypt.ts'
import { writeTime } from '../../telephony/alarm/dc09/event.ts'
import { writeFrame } from '../../telephony/alarm/dc09/frame.ts'
import { signatureOf } from '../../telephony/alarm/webhook/signature.ts'
import { answerChallenge } from '../../telephony/sip/auth/digest.ts'
import { headers, type ReceivedResponse } from '../../telephony/sip/message/message.ts'
import { databaseOf } from '../bench/embedded.ts'
import { freePort } from '../support/ports.ts'
import { type Demo, readDemo, startProcess } from '../support/product.ts'
import { farUdp } from '../telephony/sip/support/far.ts'
import { said } from '../telephony/sip/support/messages.ts'

// The product as it starts by itself, with its fictional district: each device that demo.json names presses once, as its protocol has it.
type Device = Demo['devices'][number]
const dataDir = mkdtempSync(join(tmpdir(), 'yihu-every-button-'))
const ports = { sip: 0, dc09: 0, mqtt: 0, coap: 0 }
let product: Awaited<ReturnType<typeof startProcess>>
let db: pg.Client
beforeAll(async () => {
  for (const way of Object.keys(ports) as (keyof typeof ports)[]) ports[way] = await freePort()
  product = await startProcess(dataDir, await freePort(), {
    SIP_PORT: String(ports.sip),
    DC09_PORT: String(ports.dc09),
    MQTT_PORT: String(ports.mqtt),
    COAP_PORT: String(ports.coap),
  })
  db = new pg.Client({ connectionString: databaseOf(dataDir) })
  await db.connect()
})
afterAll(async () => {
  await db.end()
  product.child.kill('SIGINT')
  await product.exit
  rmSync(dataDir, { recursive: true, force: true })
})

const post = (path: string, body: unknown, more: Record<string, string> = {}) =>
  fetch(`${product.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...more },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
/** What waits in the queue of this device. */
const openOf = async (device: Device) =>
  (await db.query('SELECT kind FROM incident WHERE device_id = $1', [device.id])).rows.map((row) => row.kind as string)
const devicesOf = (protocol: string) => readDemo(dataDir).devices.filter((one) => one.protocol === protocol)

async function panel(device: Device): Promise<string> {
  const event = '1101 01 015]'
  const text = device.key
    ? `"*ADM-CID"0001L0#${device.account}[${encrypt(`#${device.account}|${event}${writeTime(new Date())}`, device.key)}`
    : `"ADM-CID"0001L0#${device.account}[#${device.account}|${event}`
  const socket = connect({ port: ports.dc09, host: '127.0.0.1' })
  socket.write(writeFrame(text))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString('latin1')
}

async function unit(device: Device): Promise<string> {
  const far = await farUdp(ports.sip)
  const body = `<mrq><ref>A1</ref><mty>ME</mty><cid>${device.account}</cid><dty>0003</dty><stc>0010</stc><crd>sip:</crd></mrq>`
  const message = (n: number, more: string[] = []) =>
    said({
      method: 'MESSAGE',
      uri: 'sip:arc@127.0.0.1',
      callId: `${device.account}-${n}`,
      branch: `z9hG4bK${device.account}${n}`,
      from: `<sip:${device.account}@127.0.0.2>;tag=unit`,
      more: ['Content-Type: application/scaip+xml', ...more],
      body,
    })
  far.say(message(1))
  const challenge = headers((await far.next(401)) as ReceivedResponse, 'www-authenticate')
  const secret = { user: device.account, password: device.key }
  far.say(
    message(2, [
      `Authorization: ${answerChallenge(challenge, secret, { method: 'MESSAGE', uri: 'sip:arc@127.0.0.1' })}`,
    ]),
  )
  await far.next(200)
  const answer = await far.request('MESSAGE')
  far.close()
  return String((answer as { body: Buffer }).body)
}

const presses: Record<string, (device: Device) => Promise<unknown>> = {
  dc09: async (device) => expect(await panel(device)).toMatch(/"\*?ACK"0001/),
  scaip: async (device) => expect(await unit(device)).toContain('<snu>0</snu><mre>1</mre>'),
  async mqtt({ account: username, key: password }) {
    const client = await connectAsync(`mqtt://127.0.0.1:${ports.mqtt}`, { username, password })
    await client.publishAsync(`care/site/${username}/alarm`, '{"v":1,"seq":1,"t":"sos"}', { qos: 1 })
    await client.endAsync()
  },
  async coap({ account, key }) {
    const word = '{"v":1,"seq":1,"t":"sos"}'
    const query = `d=${account}&m=${proofOf(account, Buffer.from(word), key)}`
    const asking = request({ host: '127.0.0.1', port: ports.coap, pathname: '/alarm', query, method: 'POST' })
    asking.end(word)
    expect((await once(asking, 'response'))[0].code).toBe('2.04')
  },
  async lorawan({ account, key }) {
    const uplink = { deviceInfo: { devEui: account }, fCnt: 1, fPort: 85, data: '/y4B' }
    expect((await post('/lorawan/chirpstack?event=up', uplink, { authorization: `Bearer ${key}` })).status).toBe(201)
  },
  async webhook({ account, key }) {
    const body = JSON.stringify({ signals: [{ account, sequence: 1, type: 'button' }] })
    const seconds = String(Math.floor(Date.now() / 1_000))
    const reply = await post('/signals', body, {
      'yihu-gateway': 'demo-platform',
      'yihu-timestamp': seconds,
      'yihu-signature': signatureOf(seconds, Buffer.from(body), key),
    })
    expect(await reply.json()).toMatchObject({ results: [{ result: 'stored' }] })
  },
}

test.each(Object.keys(presses))(
  '%s: each device of the district presses, is acknowledged, and waits in the queue',
  async (protocol) => {
    // A gateway has nobody of its own.
    const buttons = devicesOf(protocol).filter((one) => one.residentName !== '')
    expect(buttons.length).toBeGreaterThan(0)
    for (const device of buttons) {
      await presses[protocol]?.(device)
      expect(await openOf(device)).toEqual(['button'])
    }
  },
)

test('a port that somebody has closes that way in, with words; the rest of the product is ready', async () => {
  const taken = createServer().listen(0, '127.0.0.1')
  await once(taken, 'listening')
  const { port } = taken.address() as { port: number }
  const udp = createSocket('udp4').bind(port, '127.0.0.1')
  await once(udp, 'listening')
  const other = mkdtempSync(join(tmpdir(), 'yihu-taken-'))
  const all = { SIP_PORT: String(port), DC09_PORT: String(port), MQTT_PORT: String(port), COAP_PORT: String(port) }
  const second = await startProcess(other, await freePort(), { ...all, LOG_LEVEL: 'warn' })
  const ready = await fetch(`${second.url}/readyz`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { ready: true, reasons: ['sip-closed', 'dc09-closed', 'mqtt-closed', 'coap-closed'] },
  ])
  expect(second.output()).toMatch(
    /MQTT stays closed: tcp:127.0.0.1:\d+ cannot be used. Choose another port with MQTT_PORT, or .*off/,
  )
  second.child.kill('SIGINT')
  expect(await second.exit).toBe(0)
  taken.close()
  udp.close()
  rmSync(other, { recursive: true, force: true })
})
