import cluster, { type Worker } from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { readEnv } from '../platform/env.ts'
import { exitPlainly } from '../platform/exit-plainly.ts'
import { isLoopback } from '../platform/loopback.ts'
import { StartFault } from '../platform/start-fault.ts'

/** One process of the set, where it tells its figures, and how often it failed in a row. */
type Seat = { roles: string; metricsPort: string; worker: Worker | undefined; failures: number }

const restartMs = { first: 200, max: 5_000 }
// It ran this long: what ends it now is something new.
const settledMs = 10_000
// A server that starts on a slow machine migrates, reads its key and forks its media process.
const readyMsMax = 60_000
const stopMsMax = 25_000

/**
 * A whole centre on one machine in the scale-out profile, for trying and testing: several web, worker and media processes
 * behind one address, which Node's cluster module shares among the web processes. One that dies is started again. SIGHUP
 * restarts them all, one after the other, each only when its successor is ready.
 */
async function main(): Promise<void> {
  const env = readEnv(process.env)
  if (!env.databaseUrl || !env.redisUrl)
    throw new StartFault(
      'npm run cluster needs DATABASE_URL and REDIS_URL: several processes share one PostgreSQL and one Redis. For one process with a database of its own: npm start.',
    )
  if (process.env['SIP_LISTEN'] || Number(process.env['SIP_PORT']))
    throw new StartFault(
      'SIP is not for npm run cluster: a port belongs to one process, and a rolling restart needs two at once. Start a media process of its own on the address that the trunk knows (ROLES=media).',
    )
  if (env.twilio)
    throw new StartFault(
      'TWILIO_* is not for npm run cluster: its calls need web and media in one process. Start that one by itself (ROLES=web,media) beside the others.',
    )
  // Pretend people for trying it out, but never where others can reach them unless asked.
  const demo = process.env['DEMO'] ?? (isLoopback(env.host) ? '1' : '0')
  const count = (name: string, usual: number) => Number(process.env[name] ?? usual)
  const seats: Seat[] = [
    ...Array.from({ length: count('WEB', 2) }, () => ({ roles: 'web' })),
    ...Array.from({ length: count('WORKERS', 2) }, () => ({ roles: 'worker' })),
    ...Array.from({ length: count('MEDIA', 2) }, () => ({ roles: 'media' })),
  ].map((seat, n) => ({
    ...seat,
    metricsPort: env.metricsPort === undefined ? '' : String(env.metricsPort + n),
    worker: undefined,
    failures: 0,
  }))
  cluster.setupPrimary({ exec: fileURLToPath(new URL('main.js', import.meta.url)), silent: false })

  let stopping = false
  let rolling = false

  /** Starts one for this seat; resolves when it is ready, rejects when it ends before. */
  async function start(seat: Seat): Promise<Worker> {
    const worker = cluster.fork({ ROLES: seat.roles, DEMO: demo, METRICS_PORT: seat.metricsPort, SIP_PORT: 'off' })
    const startedAt = Date.now()
    seat.worker = worker
    worker.once('exit', () => {
      if (stopping || seat.worker !== worker) return
      seat.failures = Date.now() - startedAt > settledMs ? 0 : seat.failures + 1
      const pause = Math.min(restartMs.max, restartMs.first * 2 ** seat.failures)
      console.error(`${seat.roles} ${worker.process.pid} ended; starting it again in ${pause} ms`)
      setTimeout(() => {
        if (!stopping && seat.worker === worker) void start(seat).catch(() => {})
      }, pause)
    })
    await untilReady(worker, seat.roles)
    console.log(`${seat.roles} ${worker.process.pid} ready`)
    return worker
  }

  async function stop(worker: Worker): Promise<void> {
    if (worker.isDead()) return
    const gone = once(worker, 'exit')
    worker.process.kill('SIGTERM')
    const force = setTimeout(() => worker.process.kill('SIGKILL'), stopMsMax)
    await gone
    clearTimeout(force)
  }

  /** Each seat gets a new process before the old one is asked to go. */
  async function roll(): Promise<void> {
    if (rolling || stopping) return
    rolling = true
    for (const seat of seats) {
      const old = seat.worker
      try {
        await start(seat)
        if (old) await stop(old)
      } catch (error) {
        console.error(`the rolling restart stopped: ${(error as Error).message}`)
        const late = seat.worker
        seat.worker = old // first: what ends now is not to be started again
        if (late && late !== old) await stop(late)
        break
      }
    }
    rolling = false
    console.log('rolled')
  }

  async function end(): Promise<void> {
    if (stopping) return
    stopping = true
    await Promise.all(Object.values(cluster.workers ?? {}).flatMap((worker) => (worker ? stop(worker) : [])))
    process.exit(0)
  }
  process.on('SIGINT', () => void end())
  process.on('SIGTERM', () => void end())
  process.on('SIGHUP', () => void roll())
  process.on('disconnect', () => void end())

  // The first one sets up what they share: migrations, demo data, the key in the data directory.
  const [first, ...others] = seats
  if (!first) throw new StartFault('WEB, WORKERS and MEDIA are all 0: there is nothing to start.')
  await start(first)
  await Promise.all(others.map(start))
  console.log(`ready http://${env.host}:${env.port}`)
}

function untilReady(worker: Worker, roles: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${roles} was not ready in time`)), readyMsMax)
    worker.on('message', (message) => {
      if (message !== 'ready') return
      clearTimeout(timer)
      resolve()
    })
    worker.once('exit', (code) => {
      clearTimeout(timer)
      reject(new Error(`${roles} ended with ${code}`))
    })
  })
}

try {
  await main()
} catch (error) {
  exitPlainly(error)
}
