import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { demoTown } from '../../prisma/demo/town.ts'
import { seedDemo } from '../../prisma/seed.ts'
import { openRecordings } from '../../telephony/recordings.ts'
import { startPretendResponders } from '../../telephony/simulator.ts'
import { alarmIn } from '../alarms/alarm-in.ts'
import { alarmIntake } from '../alarms/open-from-alarm.ts'
import { pressesAreStored } from '../alarms/presses-stored.ts'
import { conversations } from '../calls/move.ts'
import { acceptBacklog } from '../contracts/accept-backlog.ts'
import { keepHeard } from '../devices/heard.ts'
import { acceptMore } from '../platform/accept-more.ts'
import { stayAlive } from '../platform/alive.ts'
import { openBus } from '../platform/bus.ts'
import { after, type Clock } from '../platform/clock.ts'
import { connectDb, connectPrisma, type Db } from '../platform/db.ts'
import type { Env } from '../platform/env.ts'
import { connectQueue, openQueue, startDrainer, startWorker } from '../platform/jobs.ts'
import { makeLog } from '../platform/log.ts'
import { makeMetrics } from '../platform/metrics.ts'
import { openMetricsPort } from '../platform/metrics-port.ts'
import { migrate } from '../platform/migrate.ts'
import type { Parts } from '../platform/parts.ts'
import { startEmbeddedPostgres } from '../platform/postgres/start.ts'
import { makeRealtime } from '../platform/realtime.ts'
import { checkKey, fieldKey, makeSeal } from '../platform/seal.ts'
import { startTrace } from '../platform/trace.ts'
import { waysIn } from '../platform/ways-in.ts'
import { listenAsConfigured } from './alarm-listeners.ts'
import { buildApp } from './app.ts'
import { allJobs } from './jobs.ts'
import { smsGateway } from './messages.ts'
import { acceptSockets, startPulse } from './sockets.ts'
import { startAuditSeals, startSupervision, startSweeps, sweep, workerGoneAfterMs } from './sweep.ts'
import { relayTelephones, startTelephony } from './voice.ts'
import { renewSearch } from './write-search.ts'

// Bundled, this file is part of dist/server/main.js; from source it lies as deep.
const bundled = import.meta.dirname.endsWith(join('dist', 'server'))
const root = join(import.meta.dirname, '../..')

export type Product = {
  url: string
  parts: Parts
  /** The media process, to be watched; undefined without one. */
  mediaPid(): number | undefined
  stop(): Promise<void>
}
// A starved machine takes this long to start the media process; longer, and the operators should see the console.
const voiceStartMsMax = 10_000

const pressesProbedEveryMs = 10_000

type Options = { env: Env; clock: Clock; note: (line: string) => void; onLost: (why: string) => void }

/** Starts the roles of this process in the order in which they need each other; `stop` ends them in reverse. Throws a StartFault. */
export async function startProduct({ env, clock, note, onLost }: Options): Promise<Product> {
  const stops: (() => Promise<unknown> | unknown)[] = []
  const stop = async () => {
    // Each is stopped even if the one before would not.
    for (const end of stops.splice(0).reverse()) await Promise.resolve(end()).catch(() => {})
  }
  try {
    return await start()
  } catch (error) {
    await stop()
    throw error
  }

  async function start(): Promise<Product> {
    mkdirSync(env.dataDir, { recursive: true, mode: 0o700 })
    const url = env.databaseUrl ?? (await embedded())
    await migrate(url, join(root, 'prisma/migrations'), note)
    const log = makeLog(env.logLevel)
    const metrics = makeMetrics()
    const db = connectDb(url)
    const prisma = connectPrisma(url)
    stops.push(
      () => db.close(),
      () => prisma.$disconnect(),
    )
    const prefix = await prefixOf(db)
    const queue = await connectQueue({ database: url, redis: env.redisUrl, prefix })
    const line = openQueue(queue)
    stops.push(
      () => queue.close(),
      () => line.close(),
    )
    const trace = await startTrace(env.tracesTo, (words) => log.warn({ fault: words }, 'traces not sent'))
    stops.push(() => trace.close())
    const realtime = trace.pushes(makeRealtime(env.redisUrl, prefix, metrics), clock.now)
    const bus = openBus(env.redisUrl, prefix)
    stops.push(() => bus.close())
    const living = await stayAlive(url, log)
    stops.push(living.stop)
    const claimant = living.number
    const outbox = startDrainer({ db, clock, log, queue: line, reachable: queue.ready, metrics, claimant })
    stops.push(() => outbox.close())
    const seal = makeSeal(fieldKey(env.fieldKey, env.dataDir))
    await checkKey(db, seal)
    const [last] = await db.query<{ at: Date | null }>('SELECT worker_seen_at AS at FROM system')
    if (last?.at) clock.notBefore?.(last.at)
    const recordings = openRecordings(join(env.dataDir, 'recordings'), (id) => seal.keyFor(`recording:${id}`))
    const shippedPrompts = join(root, 'telephony/prompts')
    const promptFile = (locale: string, key: string) => join(env.dataDir, 'prompts', locale, `${key}.wav`)
    const sms = smsGateway({ env, db, clock })
    const given = {
      env,
      clock,
      db,
      sms,
      prisma,
      seal,
      realtime,
      bus,
      recordings,
      promptFile,
      shippedPrompts,
      log,
      trace,
    }
    const entry = bundled
      ? [join(root, 'dist/server/media.js')]
      : [join(root, 'telephony/media-process/main.ts'), '--import', import.meta.resolve('tsx')]
    const telephony = startTelephony(given, { entry })
    const parts: Parts = { ...given, voice: telephony.voice, conversations, outbox, metrics }
    metrics.watchMedia(telephony.stats)
    metrics.watchUndelivered(telephony.undelivered)
    metrics.watchPools(db.pools)
    metrics.watchClock(clock)
    stops.push(openMetricsPort(parts))
    const baseUrl = env.publicBaseUrl ?? `http://${env.host}:${env.port}`
    if (env.demo) await seedDemo({ prisma, db, seal, dataDir: env.dataDir, baseUrl, now: clock.now(), note })
    await db.keepOpen()
    const intake = alarmIntake(parts)
    const heard = keepHeard(parts)
    stops.push(heard.stop)
    const alarms = alarmIn(parts, intake, heard)
    const ways = waysIn(log)
    stops.push(ways.stop)
    const endHosting = await telephony.host(parts, alarms, ways)
    stops.push(endHosting)

    if (env.roles.includes('worker')) {
      const worker = startWorker(queue, outbox, {
        db,
        clock,
        jobs: allJobs(parts),
        log,
        metrics,
        onTrouble: (kind) => tellTrouble(parts, kind),
      })
      await worker.waitUntilReady()
      await renewSearch(parts)
      await sweep(parts)
      stops.push(startSweeps(parts), startAuditSeals(parts), startSupervision(parts), () => worker.close())
    }
    if (!env.roles.includes('web')) return { url: '', parts, mediaPid: telephony.mediaPid, stop }

    const stored = pressesAreStored(parts, intake)
    const unready = async () => {
      const reasons: string[] = []
      const seen = await db.query<{ at: Date | null }>('SELECT worker_seen_at AS at FROM system').catch(() => undefined)
      if (!seen) reasons.push('database')
      if (!(await stored())) reasons.push('presses')
      const at = seen?.[0]?.at
      if (!at || at < after(clock.now(), -workerGoneAfterMs)) reasons.push('jobs')
      if (!realtime.ready()) reasons.push('realtime')
      if (!telephony.ready()) reasons.push('media')
      return reasons
    }
    // Also when nobody asks: the alert hangs on it.
    const probe = setInterval(() => void stored(), pressesProbedEveryMs)
    stops.push(() => clearInterval(probe))
    stops.push(await listenAsConfigured(parts, alarms, ways))
    const app = await buildApp(parts, {
      intake,
      alarms,
      unready,
      closedWays: ways.closed,
      consoleDir: join(root, 'dist/console'),
      map: demoTown,
      twilio: telephony.twilio(parts),
    })
    const endChecks = acceptSockets({ ...parts, db: db.forPages() }, realtime)
    realtime.attach(app.server)
    let lastAnswers: Promise<unknown> | undefined
    stops.push(
      () => lastAnswers,
      () => app.close(),
      () => realtime.close(),
      startPulse(parts),
      endChecks,
    )
    relayTelephones(parts, realtime)
    // Before the sockets close: a page that we take away from its call has not hung up.
    stops.push(endHosting)
    const address = await app.listen({ port: env.port, host: env.host, backlog: acceptBacklog })
    const more = await acceptMore(app.server)
    stops.push(more.stop)
    lastAnswers = more.ended
    // Presses are taken from here on; "ready" is said when calls are, too, or when that takes too long to wait for.
    await Promise.race([telephony.started, pause(voiceStartMsMax, undefined, { ref: false })])
    if (env.demo) stops.push(startPretendResponders(address))
    return { url: address, parts, mediaPid: telephony.mediaPid, stop }
  }

  async function embedded(): Promise<string> {
    const postgres = await startEmbeddedPostgres({ dataDir: env.dataDir, note })
    stops.push(() => postgres.stop())
    postgres.onExit(() => stops.length > 0 && onLost('the embedded PostgreSQL ended'))
    return postgres.url
  }
}

/** Two centres may share a Redis: what is theirs there bears the name of their database. */
async function prefixOf(db: Db): Promise<string> {
  const [row] = await db.query<{ epoch: string }>('SELECT epoch FROM system')
  return `yihu:${row?.epoch}`
}

function tellTrouble(parts: Parts, kind: string): void {
  parts.realtime.toLeaders('alert.raised', {
    id: `job:${kind}`,
    kind: 'job-failed',
    incidentId: null,
    at: parts.clock.now().toISOString(),
  })
}
