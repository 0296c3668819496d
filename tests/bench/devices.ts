/** A district's devices at once: heartbeats and presses over DC-09, press to console beside the idle figure, memory a connection, a storm of all coming back; the same two over MQTT. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { io } from 'socket.io-client'
import { freePort } from '../support/ports.ts'
import { readDemo, startProcess } from '../support/product.ts'
import { enrolCrowd } from './crowd.ts'
import type { PeersAnswer, PeersOrder } from './device-peers.ts'
import { databaseOf } from './embedded.ts'
import { monotonicMs, spread, wait } from './figures.ts'
import { memoryOf } from './memory.ts'
import { loseAtOnce, promiseHeartbeats, timeLooks, untilTold } from './supervision.ts'

const perSecond = { heartbeats: 2_000, presses: 200 }
const idlePerSecond = 20
// Long enough for two looks of supervision.
const stormMs = 70_000

/** With `silence` only what their falling silent does; for that few of them need a line. */
export async function devices({ quick = false, silence = false } = {}): Promise<void> {
  const many = quick
    ? { devices: 10_000, connected: 2_000, ms: 5_000 }
    : { devices: 100_000, connected: silence ? 500 : Math.min(20_000, openFilesMax() - 500), ms: 30_000 }
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-devices-'))
  const port = await freePort()
  const mqttPort = await freePort()
  const product = await startProcess(dataDir, await freePort(), {
    DC09_LISTEN: `tcp:127.0.0.1:${port}`,
    MQTT_PORT: String(mqttPort),
  })
  const db = new pg.Client({ connectionString: databaseOf(dataDir) })
  await db.connect()
  const rows = async <T>(text: string, given?: unknown[]) => (await db.query(text, given)).rows as T[]
  await enrolCrowd({ query: rows }, many.devices)
  await rows(
    `UPDATE device SET protocol = 'dc09', account = upper(to_hex(65536 + substr(account, 6)::int)) WHERE account LIKE 'crowd%'`,
  )
  await rows('ANALYZE')
  const shown = await watchConsole(product.url, dataDir)
  const peers = fork(join(import.meta.dirname, 'device-peers.ts'), { execArgv: ['--import', 'tsx'] })
  const memory = () => memoryOf(product.child.pid as number, dataDir).serverMb

  const before = memory()
  const connected = await tell(peers, { do: 'connect', port, count: many.connected })
  await wait(3_000)
  const each = ((memory() - before) * 1024) / many.connected
  console.log(
    `${many.connected} panels connected by TCP in ${(connected.tookMs / 1000).toFixed(1)} s; ${each.toFixed(1)} kB each in the server`,
  )

  let first = 0
  const load = async (name: string, rates: { heartbeats: number; presses: number }, ms = many.ms) => {
    const began = await rows<{ lsn: string }>('SELECT pg_current_wal_lsn()::text AS lsn')
    const said = await tell(peers, { do: 'report', ...rates, ms, devices: many.devices, first })
    const accounts = said.pressed.map(([account]) => account)
    first += said.pressed.length
    await wait(2_000)
    const stored = await rows<{ account: string; incident: string }>(
      `SELECT d.account, a.incident_id AS incident FROM alarm a JOIN device d ON d.id = a.device_id WHERE d.account = ANY ($1)`,
      [accounts],
    )
    const incidentOf = new Map(stored.map((row) => [row.account, row.incident]))
    const acked = said.pressed.filter(([, , ack]) => !Number.isNaN(ack))
    const lost = acked.filter(([account]) => !incidentOf.has(account)).length
    const toConsole = said.pressed.flatMap(([account, sentMs]) => {
      const at = shown.get(incidentOf.get(account) ?? '')
      return at === undefined ? [] : [at - sentMs]
    })
    const [wal] = await rows<{ mb: number }>('SELECT (pg_current_wal_lsn() - $1::pg_lsn)::float8 / 1048576 AS mb', [
      began[0]?.lsn,
    ])
    console.log(
      `${name}: press to console ${spread(toConsole)}, to its ACK ${spread(acked.map(([, sent, ack]) => ack - sent))}; ${said.pressed.length} pressed, ${acked.length} acknowledged, ${lost} of those lost; heartbeats ${said.heartbeats.sent} sent, ${said.heartbeats.answered} answered; WAL ${wal?.mb.toFixed(1)} MB`,
    )
  }
  if (!silence) {
    await load(`${idlePerSecond} presses/s alone`, { heartbeats: 0, presses: idlePerSecond })
    await load(`${perSecond.heartbeats} heartbeats/s alone`, { heartbeats: perSecond.heartbeats, presses: 0 })
    await load(`${perSecond.heartbeats} heartbeats/s and ${perSecond.presses} presses/s`, perSecond)
    await load(`${perSecond.heartbeats} heartbeats/s and ${idlePerSecond} presses/s`, {
      ...perSecond,
      presses: idlePerSecond,
    })

    const storm = await tell(peers, { do: 'storm', port })
    console.log(
      `all ${many.connected} broken off at once: back, reported and acknowledged ${storm.heartbeats.answered} after ${(storm.tookMs / 1000).toFixed(1)} s`,
    )
  }

  await promiseHeartbeats(rows, many.devices)
  await timeLooks(databaseOf(dataDir))
  const idle = { heartbeats: 0, presses: idlePerSecond }
  await load(`${idlePerSecond} presses/s, all devices supervised and there`, idle)
  for (const behindGateways of [true, false]) {
    const since = new Date()
    const lost = await loseAtOnce(rows, behindGateways)
    const how = behindGateways ? 'behind gateways of 400' : 'each for itself'
    await load(`${idlePerSecond} presses/s while ${lost} are lost at once, ${how}`, idle, stormMs)
    console.log(`${lost} lost ${how}: ${await untilTold(rows, lost, since)}`)
    await rows(`UPDATE device SET last_heard_at = now() WHERE protocol = 'dc09'`)
  }

  if (!silence) {
    await rows(`UPDATE device SET protocol = 'mqtt' WHERE protocol = 'dc09'`)
    await wait(3_000)
    const empty = memory()
    for (const name of ['connected by MQTT', 'broken off at once and back by MQTT']) {
      const { heartbeats, tookMs } = await tell(peers, { do: 'mqtt', port: mqttPort, count: many.connected })
      await wait(3_000)
      const kb = ((memory() - empty) * 1024) / many.connected
      console.log(
        `${many.connected} devices ${name}: ${heartbeats.answered} let in and their heartbeat acknowledged after ${(tookMs / 1000).toFixed(1)} s; ${kb.toFixed(1)} kB each in the server`,
      )
    }
  }
  peers.disconnect()
  await db.end()
  product.child.kill('SIGINT')
  await product.exit
  rmSync(dataDir, { recursive: true, force: true })
}

/** How many files, and so connections, a process of this machine may have open. */
const openFilesMax = (): number =>
  Number(/^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1_024)

async function tell(peers: ChildProcess, order: PeersOrder): Promise<PeersAnswer> {
  peers.send(order)
  return (await once(peers, 'message'))[0] as PeersAnswer
}

/** When each incident was first shown at a console that sees all, monotonic ms. */
async function watchConsole(url: string, dataDir: string): Promise<Map<string, number>> {
  const admin = readDemo(dataDir).accounts.find(({ username }) => username === 'sup01')
  const signedIn = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { origin: url, 'content-type': 'application/json' },
    body: JSON.stringify({ username: admin?.username, password: admin?.password }),
  })
  const cookie = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const socket = io(url, { path: '/realtime', transports: ['websocket'], extraHeaders: { cookie } })
  const shown = new Map<string, number>()
  socket.on('incident.changed', ({ id }: { id: string }) => {
    if (!shown.has(id)) shown.set(id, monotonicMs())
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('connect_error', reject)
  })
  return shown
}
