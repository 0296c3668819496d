/** What strangers, slow lines, broken devices and careless offices do to a centre at once. A process of its own: what it costs is told apart. */
import { createSocket } from 'node:dgram'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { io } from 'socket.io-client'
import { wait } from './figures.ts'

export type Siege = {
  url: string
  ports: { dc09: number; mqtt: number; coap: number; sip: number }
  cookie: string
  kioskKey: string
  ms: number
}
export type Told = { counts: Record<string, number>; cpuSeconds: number }

const inFlight = 600
const dripping = 500
const dripEveryMs = 5_000
const framesPerSecond = 1_000
const reconnectsPerSecond = 50
const conversationsPerSecond = 20
const csvAtOnce = 3
const csvEveryMs = 15_000
const csvBytes = 1_000_000

process.once('message', (siege: Siege) => {
  void besiege(siege).then((told) => process.send?.(told, () => process.exit()))
})

async function besiege(siege: Siege): Promise<Told> {
  const counts: Record<string, number> = {}
  const count = (what: string) => {
    counts[what] = (counts[what] ?? 0) + 1
  }
  const until = performance.now() + siege.ms
  const over = () => performance.now() >= until
  const before = process.cpuUsage()
  await Promise.all([
    ...Array.from({ length: inFlight }, () => signIns(siege, over, count)),
    ...Array.from({ length: dripping }, () => drips(siege, over, count)),
    brokenFrames(siege, over, count),
    reconnects(siege, over, count),
    conversations(siege, over, count),
    csvChecks(siege, over, count),
  ])
  const { user, system } = process.cpuUsage(before)
  return { counts, cpuSeconds: (user + system) / 1e6 }
}

type Count = (what: string) => void
const agent = new Agent({ keepAlive: true, maxSockets: 2_000 })
const byte = () => Math.floor(Math.random() * 256)

function post(siege: Siege, path: string, headers: Record<string, string>, body: object): Promise<number> {
  const text = JSON.stringify(body)
  const { hostname, port, origin } = new URL(siege.url)
  return new Promise((resolve) => {
    const sent = request(
      {
        ...{ agent, hostname, port, method: 'POST', path: `/api/v1${path}` },
        headers: { origin, 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
      },
      (reply) => {
        reply.resume()
        reply.once('end', () => resolve(reply.statusCode ?? 0))
      },
    )
    sent.once('error', () => resolve(0))
    sent.end(text)
  })
}

/** One who tries passwords without a pause, each time from another address. */
async function signIns(siege: Siege, over: () => boolean, count: Count): Promise<void> {
  while (!over()) {
    const from = { 'x-forwarded-for': `${byte()}.${byte()}.${byte()}.${byte()}` }
    const status = await post(siege, '/sessions', from, { username: 'op01', password: `guess ${Math.random()}` })
    count(`sign-in ${status}`)
  }
}

/** One who sends a body a byte at a time, and comes again when let go. */
async function drips(siege: Siege, over: () => boolean, count: Count): Promise<void> {
  const { hostname, port } = new URL(siege.url)
  await wait(Math.random() * dripEveryMs)
  while (!over()) {
    const socket = connect(Number(port), hostname)
    let open = true
    socket.on('error', () => {})
    socket.on('close', () => {
      open = false
    })
    socket.write(
      'POST /api/v1/alarms HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9000\r\n\r\n{',
    )
    while (open && !over()) {
      await wait(dripEveryMs)
      if (open) socket.write(' ')
    }
    count(open ? 'drip still open' : 'drip let go')
    socket.destroy()
  }
}

/** Bytes that are no frame, over every protocol in turn: datagrams, and lines that are opened for one. */
async function brokenFrames({ ports }: Siege, over: () => boolean, count: Count): Promise<void> {
  const socket = createSocket('udp4')
  socket.on('error', () => {})
  const garbage = () => Buffer.from(Array.from({ length: 20 + (byte() % 200) }, byte))
  const line = (port: number, bytes: Buffer) => {
    const opened = connect(port, '127.0.0.1')
    opened.on('error', () => {})
    opened.setTimeout(3_000, () => opened.destroy())
    opened.end(bytes)
    opened.resume()
  }
  const started = performance.now()
  for (let n = 0; !over(); n++) {
    const ahead = started + (n * 1000) / framesPerSecond - performance.now()
    if (ahead > 2) await wait(ahead)
    const bytes =
      n % 2 ? garbage() : Buffer.from(`\n${(n % 65_536).toString(16).padStart(4, '0')}0020"ADM-CID"0001L0#${n}[|\r`)
    if (n % 20 === 0) line(ports.dc09, bytes)
    else if (n % 20 === 1) line(ports.mqtt, bytes)
    else socket.send(bytes, n % 3 === 0 ? ports.dc09 : n % 3 === 1 ? ports.coap : ports.sip, '127.0.0.1')
    count('broken frame')
  }
  socket.close()
}

/** Consoles whose line breaks and comes back. */
async function reconnects({ url, cookie }: Siege, over: () => boolean, count: Count): Promise<void> {
  while (!over()) {
    const socket = io(url, {
      path: '/realtime',
      transports: ['websocket'],
      extraHeaders: { cookie },
      forceNew: true,
      reconnection: false,
    })
    socket.once('connect', () => {
      count('reconnect')
      setTimeout(() => socket.disconnect(), 200)
    })
    socket.once('connect_error', () => count('reconnect refused'))
    await wait(1_000 / reconnectsPerSecond)
  }
}

async function conversations(siege: Siege, over: () => boolean, count: Count): Promise<void> {
  for (let n = 0; !over(); n++) {
    void post(
      siege,
      '/kiosk/text-calls',
      { authorization: `Bearer ${siege.kioskKey}` },
      {
        clientId: `siege-${n}-${Math.random()}`,
        text: '你好',
        locale: 'zh-CN',
      },
    ).then((status) => count(`conversation ${status}`))
    await wait(1_000 / conversationsPerSecond)
  }
}

/** An office that tries three lists at once: one of commas, one of rows without end, one of devices. */
async function csvChecks(siege: Siege, over: () => boolean, count: Count): Promise<void> {
  const head = 'account,protocol,kind,area\n'
  const files = [
    ','.repeat(csvBytes),
    `${head}${'x,http,pendant,y\n'.repeat(csvBytes / 17)}`,
    `${head}${Array.from({ length: 2_000 }, (_, i) => `S${i},http,pendant,${'床'.repeat(150)}`).join('\n')}`,
  ]
  while (!over()) {
    await Promise.all(
      files.slice(0, csvAtOnce).map(async (file) => {
        const body = { file: Buffer.from(file).toString('base64') }
        count(`csv ${await post(siege, '/devices/imports/check', { cookie: siege.cookie }, body)}`)
      }),
    )
    await wait(csvEveryMs)
  }
}
