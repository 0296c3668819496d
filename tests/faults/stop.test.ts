import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mqtt from 'mqtt'
import pg from 'pg'
import { io } from 'socket.io-client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { databaseOf } from '../bench/embedded.ts'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

// The built product, told to stop while something of every kind is under way.
const dataDir = mkdtempSync(join(tmpdir(), 'yihu-stop-'))
let here: Awaited<ReturnType<typeof startProcess>>
let ports: { dc09: number; mqtt: number; coap: number; sip: number }
beforeAll(async () => {
  ports = { dc09: await freePort(), mqtt: await freePort(), coap: await freePort(), sip: await freePort() }
  here = await start()
}, 60_000)
afterAll(async () => {
  here.child.kill('SIGTERM')
  await here.exit
  rmSync(dataDir, { recursive: true, force: true })
})

const start = async () =>
  startProcess(dataDir, await freePort(), {
    DC09_PORT: String(ports.dc09),
    MQTT_PORT: String(ports.mqtt),
    COAP_PORT: String(ports.coap),
    SIP_LISTEN: `udp:127.0.0.1:${ports.sip},tcp:127.0.0.1:${ports.sip}`,
    SIP_PEERS: JSON.stringify([{ name: 'trunk', kind: 'trunk', from: ['127.0.0.1/32'] }]),
  })

/** A connection that has said the beginning of something, and will never say the rest. */
async function halfSaid(port: number, words: string): Promise<void> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await once(socket, 'connect')
  socket.write(words)
}

const childrenOf = (pid: number) =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !existsSync(`/proc/${name}/status`)) return false
    try {
      return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${name}/status`, 'utf8'))?.[1]) === pid
    } catch {
      return false
    }
  })

test('told to stop while people press, call, upload and look, it goes in order: nothing half, nothing left behind', async () => {
  const demo = readDemo(dataDir)
  const { port } = new URL(here.url)
  const pendants = demo.devices.filter(({ protocol }) => protocol === 'http')
  await halfSaid(
    Number(port),
    'POST /api/v1/alarms HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{',
  )
  await halfSaid(Number(port), 'GET /api/v1/board HTTP/1.1\r\nhost: ')
  await halfSaid(ports.dc09, '\n1BC10012"ADM-CID"0001')
  await halfSaid(ports.mqtt, '\u0010')
  await halfSaid(ports.sip, 'INVITE sip:12349@127.0.0.1 SIP/2.0\r\n')
  const device = demo.devices.find(({ protocol }) => protocol === 'mqtt')
  const broker = mqtt.connect({
    ...{ host: '127.0.0.1', port: ports.mqtt, username: device?.account, password: device?.key, reconnectPeriod: 0 },
  })
  broker.on('error', () => {})
  await new Promise<void>((resolve) => broker.once('connect', () => resolve()))
  const signedIn = await fetch(`${here.url}/api/v1/sessions`, {
    method: 'POST',
    headers: { origin: here.url, 'content-type': 'application/json' },
    body: JSON.stringify(demo.accounts.find(({ username }) => username === 'op01')),
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const desk = io(here.url, {
    path: '/realtime',
    transports: ['websocket'],
    extraHeaders: { cookie },
    reconnection: false,
  })
  await new Promise<void>((resolve) => desk.once('connect', resolve))
  // Somebody calls through the trunk, and is hearing the greeting.
  const caller = createSocket('udp4')
  await new Promise<void>((resolve) => caller.bind(0, '127.0.0.1', resolve))
  const from = `127.0.0.1:${caller.address().port}`
  const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n`
  const rung = once(caller, 'message')
  caller.send(
    `INVITE sip:12349@127.0.0.1:${ports.sip} SIP/2.0\r\nVia: SIP/2.0/UDP ${from};branch=z9hG4bK-stop\r\nFrom: <sip:13800138000@${from}>;tag=1\r\nTo: <sip:12349@127.0.0.1>\r\nCall-ID: stop\r\nCSeq: 1 INVITE\r\nContact: <sip:13800138000@${from}>\r\nMax-Forwards: 70\r\nContent-Type: application/sdp\r\nContent-Length: ${offer.length}\r\n\r\n${offer}`,
    ports.sip,
    '127.0.0.1',
  )
  await rung
  let stopping = false
  const acknowledged: string[] = []
  const pressing = Array.from({ length: 8 }, async (_, lane) => {
    for (let n = 0; !stopping; n++) {
      const one = pendants[(lane * 31 + n) % pendants.length] as { key: string }
      const answer = await press(here.url, one).catch(() => undefined)
      if (answer?.status === 201) acknowledged.push(answer.alarmId)
      if (!answer) return
    }
  })
  await expect.poll(() => acknowledged.length, { timeout: 20_000 }).toBeGreaterThan(100)
  const children = childrenOf(here.child.pid as number)
  expect(children.length).toBeGreaterThan(1) // PostgreSQL and the media process
  here.child.kill('SIGTERM')
  const code = await here.exit
  stopping = true
  await Promise.all(pressing)
  broker.end(true)
  desk.close()
  caller.close()
  expect(code).toBe(0)
  expect(children.filter((pid) => existsSync(`/proc/${pid}`))).toEqual([])
  here = await start()
  const db = new pg.Client({ connectionString: databaseOf(dataDir) })
  await db.connect()
  const { rows } = await db.query<{ id: string }>('SELECT id FROM alarm WHERE id = ANY ($1)', [acknowledged])
  const { rows: calls } = await db.query(`SELECT status FROM call WHERE direction = 'in'`)
  await db.end()
  expect(rows).toHaveLength(acknowledged.length)
  // Who was on the line is in the books, to be called back.
  expect(calls).toHaveLength(1)
}, 120_000)
