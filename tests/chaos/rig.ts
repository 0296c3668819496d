import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort, portsOff } from '../support/ports.ts'
import { profileEnv } from '../support/product.ts'

const root = join(import.meta.dirname, '../..')
const reviveMs = 300

/** The whole product as real processes with whoever starts them again, and the names of those that can be killed. */
export type Rig = {
  url: string
  dataDir: string
  databaseUrl(): string
  /** Kills one of this kind with -9, if one runs; false when none did. */
  kill(what: string): boolean
  readonly kinds: string[]
  /** All processes are there and say that they are ready. */
  whole(): Promise<void>
  /** Replaces every process by a new one, one after the other, as an upgrade does. Only where there are several. */
  roll?(): Promise<void>
  stop(): Promise<void>
}

/** Every process whose command line contains this and that descends from ours. */
function pidsOf(mark: string, ancestor: number): number[] {
  const parentOf = (pid: string) => Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1])
  const found: number[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(mark)) continue
      for (let one = parentOf(pid); one > 1; one = parentOf(String(one))) if (one === ancestor) found.push(Number(pid))
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** Keeps a program running, as a service manager would. */
function keepRunning(run: () => ChildProcess): { pid(): number; stop(signal: NodeJS.Signals): Promise<void> } {
  let stopping = false
  let child = run()
  let gone = exitOf(child)
  void watch()
  async function watch(): Promise<void> {
    for (;;) {
      await gone
      if (stopping) return
      await pause(reviveMs)
      if (stopping) return
      child = run()
      gone = exitOf(child)
    }
  }
  return {
    pid: () => child.pid as number,
    async stop(signal) {
      stopping = true
      child.kill(signal)
      await gone
    },
  }
}
const exitOf = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()))

async function untilReady(url: string): Promise<void> {
  for (;;) {
    const ready = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(
      (reply) => reply.status === 200,
      () => false,
    )
    if (ready) return
    await pause(100)
  }
}

function node(file: string, env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [`dist/server/${file}`], {
    cwd: root,
    env: { ...process.env, LOG_LEVEL: 'error', ...env },
    // The channel ends it when this test does, however that ends.
    stdio: ['ignore', 'ignore', process.env['CHAOS_LOUD'] ? 'inherit' : 'ignore', 'ipc'],
  })
  return child
}

/** One process with its own PostgreSQL; the media process and the database are its children. */
export async function embeddedRig(): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-fire-'))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const server = keepRunning(() => node('main.js', { DATA_DIR: dataDir, PORT: String(port), ...portsOff }))
  const postmaster = () => {
    const file = join(dataDir, 'postgres/postmaster.pid')
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined
  }
  const pids: Record<string, () => number | undefined> = {
    server: () => server.pid(),
    media: () => pidsOf('media.js', server.pid())[0],
    database: postmaster,
  }
  await untilReady(url)
  return {
    url,
    dataDir,
    kinds: Object.keys(pids),
    databaseUrl() {
      const kept = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'))
      return `postgres://yihu:${kept.password}@127.0.0.1:${kept.port}/yihu`
    },
    kill: (what) => killed(pids[what]?.()),
    whole: () => untilReady(url),
    async stop() {
      await server.stop('SIGINT')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** Web, worker and media processes of `npm run cluster`, on the PostgreSQL of all tests and a Redis of their own. */
export async function scaleOutRig(): Promise<Rig> {
  const dataDir = mkdtempSync(join(tmpdir(), 'yihu-fire-'))
  const [port, redisPort] = [await freePort(), await freePort()]
  const url = `http://127.0.0.1:${port}`
  const redis = keepRunning(() =>
    spawn(
      'redis-server',
      ['--port', String(redisPort), '--bind', '127.0.0.1', '--dir', dataDir, '--appendonly', 'yes', '--save', ''],
      { stdio: 'ignore' },
    ),
  )
  const env = {
    ...(await profileEnv()),
    REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    DATA_DIR: dataDir,
    ...portsOff,
    PORT: String(port),
  }
  const primary = keepRunning(() => node('cluster.js', env))
  const roleOf = (pid: number) =>
    /(?:^|\0)ROLES=([a-z,]+)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1] ?? ''
  const withRole = (role: string) => () => pidsOf('main.js', primary.pid()).filter((pid) => roleOf(pid) === role)[0]
  const pids: Record<string, () => number | undefined> = {
    web: withRole('web'),
    worker: withRole('worker'),
    media: withRole('media'),
    redis: () => redis.pid(),
  }
  await untilReady(url)
  return {
    url,
    dataDir,
    kinds: Object.keys(pids),
    databaseUrl: () => (env as NodeJS.ProcessEnv)['DATABASE_URL'] as string,
    kill: (what) => killed(pids[what]?.()),
    whole: () => untilReady(url),
    async roll() {
      const before = pidsOf('main.js', primary.pid())
      process.kill(primary.pid(), 'SIGHUP')
      for (;;) {
        const now = pidsOf('main.js', primary.pid())
        if (now.length === before.length && !now.some((pid) => before.includes(pid))) return
        await pause(100)
      }
    },
    async stop() {
      await primary.stop('SIGTERM')
      await redis.stop('SIGKILL')
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function killed(pid: number | undefined): boolean {
  if (!pid) return false
  try {
    process.kill(pid, 'SIGKILL')
    return true
  } catch {
    return false // it was down already
  }
}
