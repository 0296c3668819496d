import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { demoTown } from '../prisma/demo/town.ts'
import { seedDemo } from '../prisma/seed.ts'
import { startPretendResponders } from '../telephony/simulator.ts'
import { buildApp } from './app.ts'
import { dispatchJobs } from './dispatch/jobs.ts'
import { followUpJobs } from './follow-up/jobs.ts'
import { incidentJobs } from './incidents/jobs.ts'
import { alarmIntake } from './incidents/open-from-alarm.ts'
import { systemClock } from './platform/clock.ts'
import { connectDb, connectPrisma } from './platform/db.ts'
import { readEnv } from './platform/env.ts'
import { exitPlainly } from './platform/exit-plainly.ts'
import { connectQueue, openQueue, startDrainer, startWorker } from './platform/jobs.ts'
import { makeLog } from './platform/log.ts'
import { makeMetrics } from './platform/metrics.ts'
import { migrate } from './platform/migrate.ts'
import type { Parts } from './platform/parts.ts'
import { startEmbeddedPostgres } from './platform/postgres/start.ts'
import { makeRealtime } from './platform/realtime.ts'
import { fieldKey, makeSeal } from './platform/seal.ts'
import { queueJobs } from './queue/jobs.ts'
import { acceptSockets, startPulse } from './sockets.ts'
import { startSweeps } from './sweep.ts'

const stopLimitMs = 15_000

/** Starts the roles of this process in the order in which they need each other; what was started is stopped in reverse. */
async function main(): Promise<void> {
  const env = readEnv(process.env)
  const note = (line: string) => console.log(line)
  const stops: (() => Promise<unknown> | unknown)[] = []
  let stopping = false
  const stop = async (code: number) => {
    if (stopping) return
    stopping = true
    setTimeout(() => process.exit(1), stopLimitMs).unref()
    for (const end of stops.reverse()) await Promise.resolve(end()).catch(() => {})
    process.exit(code)
  }
  process.on('SIGINT', () => void stop(0))
  process.on('SIGTERM', () => void stop(0))

  try {
    makeDir(env.dataDir)
    const embedded = env.databaseUrl ? undefined : await startEmbeddedPostgres({ dataDir: env.dataDir, note })
    if (embedded) stops.push(() => embedded.stop())
    const url = env.databaseUrl ?? (embedded?.url as string)
    await migrate(url, join(import.meta.dirname, migrationsFrom), note)

    const log = makeLog(env.logLevel)
    const metrics = makeMetrics()
    const db = connectDb(url)
    const prisma = connectPrisma(url)
    stops.push(
      () => db.close(),
      () => prisma.$disconnect(),
    )
    embedded?.onExit(() => {
      if (!stopping) log.error('the embedded PostgreSQL ended; stopping so that a supervisor starts all of it again')
      void stop(1)
    })
    const queueConnection = await connectQueue({ database: url, redis: env.redisUrl })
    const queue = openQueue(queueConnection.connection)
    stops.push(
      () => queueConnection.close(),
      () => queue.close(),
    )
    const realtime = makeRealtime(env.redisUrl, metrics)
    const outbox = startDrainer({ db, clock: systemClock, log, queue, metrics })
    stops.push(() => outbox.close())
    const seal = makeSeal(fieldKey(env.fieldKey, env.dataDir))
    const parts: Parts = { env, clock: systemClock, db, prisma, seal, realtime, outbox, metrics, log }

    const baseUrl = env.publicBaseUrl ?? `http://${env.host}:${env.port}`
    if (env.demo) await seedDemo({ prisma, db, seal, dataDir: env.dataDir, baseUrl, now: new Date(), note })

    let workerReady = !env.roles.includes('worker')
    if (env.roles.includes('worker')) {
      const jobs = { ...incidentJobs(parts), ...queueJobs(parts), ...dispatchJobs(parts), ...followUpJobs(parts) }
      const worker = startWorker(queueConnection.connection, {
        db,
        jobs,
        log,
        metrics,
        onTrouble: (kind) =>
          realtime.toSupervisors('/', 'alert.raised', {
            id: `job:${kind}`,
            kind: 'job-failed',
            incidentId: null,
            at: new Date().toISOString(),
          }),
      })
      await worker.waitUntilReady()
      workerReady = true
      const stopSweeps = startSweeps(parts)
      stops.push(stopSweeps, () => worker.close())
    }
    if (!env.roles.includes('web')) return note('ready worker')

    const intake = alarmIntake(parts)
    const unready = async () => {
      const reasons: string[] = []
      await db.query('SELECT 1').catch(() => reasons.push('database'))
      if (!workerReady) reasons.push('jobs')
      return reasons
    }
    const app = await buildApp(parts, {
      intake,
      unready,
      consoleDir: join(import.meta.dirname, consoleFrom),
      map: demoTown,
    })
    acceptSockets(parts, realtime)
    realtime.attach(app.server)
    stops.push(
      () => realtime.close(),
      () => app.close(),
      startPulse(parts),
    )
    await app.listen({ port: env.port, host: env.host })
    const address = app.server.address()
    const port = typeof address === 'object' && address ? address.port : env.port
    if (env.demo) stops.push(startPretendResponders(`http://${env.host}:${port}`))
    welcome(env.host, port, env.demo, env.dataDir)
  } catch (error) {
    for (const end of stops.reverse()) await Promise.resolve(end()).catch(() => {})
    exitPlainly(error)
  }
}

// Bundled, this file is dist/server/main.js; from source it is server/main.ts.
const bundled = import.meta.dirname.endsWith(join('dist', 'server'))
const migrationsFrom = bundled ? '../../prisma/migrations' : '../prisma/migrations'
const consoleFrom = bundled ? '../console' : '../dist/console'

function makeDir(dir: string): void {
  mkdirSync(dir, { recursive: true, mode: 0o700 })
}

function welcome(host: string, port: number, demo: boolean, dataDir: string): void {
  console.log(`ready http://${host}:${port}`)
  if (!demo) return
  console.log(`Sign in as op01; its password, and those of all demo accounts, are in ${join(dataDir, 'demo.json')}.`)
  console.log(`Try: 1. open /simulator in a second window, switch on the pretend responders and press a pendant.`)
  console.log(
    `     2. in the console press A to answer, then follow the panel: choose what is needed, D and Enter to send help.`,
  )
  console.log(
    `     3. when the helper is done, press R, then C and the outcome. The incident closes and its timeline stays.`,
  )
}

await main()
