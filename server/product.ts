import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { demoTown } from '../prisma/demo/town.ts'
import { seedDemo } from '../prisma/seed.ts'
import { openRecordings } from '../telephony/recordings.ts'
import { startPretendResponders } from '../telephony/simulator.ts'
import { startVoice } from '../telephony/voice.ts'
import { buildApp } from './app.ts'
import { layOutPrompts } from './calls/prompts.ts'
import { endCutOff } from './calls/recordings.ts'
import type { Voice } from './contracts/voice.ts'
import { dispatchJobs } from './dispatch/jobs.ts'
import { followUpJobs } from './follow-up/jobs.ts'
import { callJobs, endLostCalls } from './incidents/call-jobs.ts'
import { incidentJobs } from './incidents/jobs.ts'
import { ladderJobs } from './incidents/ladder-jobs.ts'
import { alarmIntake } from './incidents/open-from-alarm.ts'
import { takeVoiceEvent } from './incidents/voice-events.ts'
import { after, type Clock } from './platform/clock.ts'
import { connectDb, connectPrisma } from './platform/db.ts'
import type { Env } from './platform/env.ts'
import { connectQueue, openQueue, startDrainer, startWorker } from './platform/jobs.ts'
import { makeLog } from './platform/log.ts'
import { makeMetrics } from './platform/metrics.ts'
import { migrate } from './platform/migrate.ts'
import type { Parts } from './platform/parts.ts'
import { startEmbeddedPostgres } from './platform/postgres/start.ts'
import { makeRealtime } from './platform/realtime.ts'
import { checkKey, fieldKey, makeSeal } from './platform/seal.ts'
import { queueJobs } from './queue/jobs.ts'
import { acceptSockets, partyOf, startPulse } from './sockets.ts'
import { startCallSweep, startSweeps, sweep, workerGoneAfterMs } from './sweep.ts'

// Bundled, this file is part of dist/server/main.js; from source it is server/product.ts.
const bundled = import.meta.dirname.endsWith(join('dist', 'server'))
const root = join(import.meta.dirname, bundled ? '../..' : '..')

export type Product = {
  url: string
  parts: Parts
  /** The media process, to be watched; undefined without one. */
  mediaPid(): number | undefined
  stop(): Promise<void>
}
/** A process without the media role rings nobody; its calls wait for one that has it. */
const noVoice: Voice = {
  reaches: () => false,
  legState: () => 'gone',
  place: async () => 'unreachable',
  bridge: async () => {},
  play: async () => {},
  record: async () => {},
  hangUp: async () => {},
}

// A starved machine takes this long to start the media process; longer, and the operators should see the console.
const voiceStartMsMax = 10_000

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
    const queue = await connectQueue({ database: url, redis: env.redisUrl })
    const line = openQueue(queue.connection)
    stops.push(
      () => queue.close(),
      () => line.close(),
    )
    const realtime = makeRealtime(env.redisUrl, metrics)
    const outbox = startDrainer({ db, clock, log, queue: line, metrics })
    stops.push(() => outbox.close())
    const seal = makeSeal(fieldKey(env.fieldKey, env.dataDir))
    await checkKey(db, seal)
    const recordings = openRecordings(join(env.dataDir, 'recordings'), (id) => seal.keyFor(`recording:${id}`))
    const shippedPrompts = join(root, 'telephony/prompts')
    const ownPrompt = (locale: string, key: string) => join(env.dataDir, 'prompts', locale, `${key}.wav`)
    const mediaProcess = () => ({
      entry: bundled
        ? [join(root, 'dist/server/media.js')]
        : [join(root, 'telephony/media/main.ts'), '--import', import.meta.resolve('tsx')],
      settings: env.voice,
      // The voice of a person if there is one, else the shipped placeholder.
      promptFile: (key: string, locale: string) =>
        existsSync(ownPrompt(locale, key)) ? ownPrompt(locale, key) : join(shippedPrompts, locale, `${key}.wav`),
      recordingTarget: recordings.target,
      now: () => clock.now(),
      log,
    })
    const phone = env.roles.includes('media') ? startVoice(mediaProcess()) : undefined
    const parts: Parts = {
      env,
      clock,
      db,
      prisma,
      seal,
      realtime,
      voice: phone?.voice ?? noVoice,
      recordings,
      promptFile: ownPrompt,
      shippedPrompts,
      outbox,
      metrics,
      log,
    }
    const mediaPid = () => phone?.pid()
    phone?.onEvent((event) => takeVoiceEvent(parts, event))
    if (phone) metrics.watchMedia(phone.stats)
    const baseUrl = env.publicBaseUrl ?? `http://${env.host}:${env.port}`
    if (env.demo) await seedDemo({ prisma, db, seal, dataDir: env.dataDir, baseUrl, now: clock.now(), note })
    if (phone) {
      // The calls of a server that was killed: their media went with it.
      await endLostCalls(parts)
      await endCutOff(parts)
      await layOutPrompts(parts)
    }

    if (env.roles.includes('worker')) {
      const jobs = {
        ...incidentJobs(parts),
        ...callJobs(parts),
        ...ladderJobs(parts),
        ...queueJobs(parts),
        ...dispatchJobs(parts),
        ...followUpJobs(parts),
      }
      const worker = startWorker(queue.connection, {
        db,
        clock,
        jobs,
        log,
        metrics,
        onTrouble: (kind) => tellTrouble(parts, kind),
      })
      await worker.waitUntilReady()
      await sweep(parts)
      stops.push(startSweeps(parts), () => worker.close())
    }
    if (!env.roles.includes('web')) return { url: '', parts, mediaPid, stop }

    const unready = async () => {
      const reasons: string[] = []
      const seen = await db.query<{ at: Date | null }>('SELECT worker_seen_at AS at FROM system').catch(() => undefined)
      if (!seen) reasons.push('database')
      const at = seen?.[0]?.at
      if (!at || at < after(clock.now(), -workerGoneAfterMs)) reasons.push('jobs')
      if (!realtime.ready()) reasons.push('realtime')
      if (phone && !phone.ready()) reasons.push('media')
      return reasons
    }
    const app = await buildApp(parts, {
      intake: alarmIntake(parts),
      unready,
      consoleDir: join(root, 'dist/console'),
      map: demoTown,
    })
    const endChecks = acceptSockets(parts, realtime)
    realtime.attach(app.server)
    stops.push(
      () => app.close(),
      () => realtime.close(),
      startPulse(parts),
      endChecks,
    )
    if (phone) {
      phone.acceptSockets(realtime.io, partyOf)
      stops.push(() => phone.stop(), startCallSweep(parts))
    }
    const address = await app.listen({ port: env.port, host: env.host })
    // Presses are taken from here on; "ready" is said when calls are, too, or when that takes too long to wait for.
    if (phone) await Promise.race([phone.started, pause(voiceStartMsMax, undefined, { ref: false })])
    if (env.demo) stops.push(startPretendResponders(address))
    return { url: address, parts, mediaPid, stop }
  }

  async function embedded(): Promise<string> {
    const postgres = await startEmbeddedPostgres({ dataDir: env.dataDir, note })
    stops.push(() => postgres.stop())
    postgres.onExit(() => stops.length > 0 && onLost('the embedded PostgreSQL ended'))
    return postgres.url
  }
}

function tellTrouble(parts: Parts, kind: string): void {
  parts.realtime.toLeaders('alert.raised', {
    id: `job:${kind}`,
    kind: 'job-failed',
    incidentId: null,
    at: parts.clock.now().toISOString(),
  })
}
