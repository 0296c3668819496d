import { existsSync } from 'node:fs'
import { access, constants, mkdir, readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { StartFault } from '../start-fault.ts'
import { findBinaries } from './binaries.ts'
import { type Credentials, credentials, freePort, hostOf, initCluster, keep, launch, socketLockOf } from './cluster.ts'
import { chooseIdentity, type Identity } from './identity.ts'

export type EmbeddedPostgres = {
  url: string
  pid: number
  adopted: boolean
  stop(): Promise<void>
  onExit(tell: () => void): void
}

const readyLimitMs = 60_000
const stopLimitMs = 12_000
const lookEveryMs = 25
// A predecessor that was just killed: its session ends within moments.
const ownerGoneLimitMs = 2_000
const ownerLock = 0x4f_57_4e_52
const database = 'yihu'

/**
 * The embedded profile's database: real PostgreSQL from npm under `dataDir/postgres`, on a socket there and on 127.0.0.1, with a random password.
 * One that an earlier, killed start left running is adopted; a stale lock is replaced. Throws a StartFault.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string
  note: (line: string) => void
}): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir)
  await mustBeWritable(dataDir)
  const identity = await chooseIdentity(await findBinaries(), join(dataDir, 'postgres'))
  let kept = await credentials(dataDir)
  if (!existsSync(join(identity.dataDir, 'PG_VERSION'))) {
    options.note('database: setting up PostgreSQL in the data directory …')
    await initCluster(identity, kept.password, dataDir)
  }
  const living = await lockHolder(identity)
  if (living) {
    const pid = await adopt(identity, living, kept)
    if (pid) return handle(identity, kept, pid, true, await own(kept, dataDir))
  }
  await rm(join(identity.dataDir, 'postmaster.pid'), { force: true })
  // Its socket has a lock of its own, and a killed one that nobody has waited for yet counts as alive there.
  await rm(socketLockOf(identity, kept.port), { force: true })
  const port = await freePort(kept.port)
  if (port !== kept.port) {
    kept = { ...kept, port }
    await keep(dataDir, kept)
  }
  const logFile = join(dataDir, 'postgres.log')
  const child = launch(identity, port, logFile)
  let ended = false
  child.once('error', () => {
    ended = true
  })
  child.once('exit', () => {
    ended = true
  })
  await waitUntilReady(kept, () => ended, logFile, dataDir)
  return handle(identity, kept, child.pid as number, false, await own(kept, dataDir))
}

async function mustBeWritable(dataDir: string): Promise<void> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 })
    await access(dataDir, constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartFault(
      `The data directory ${dataDir} cannot be written (${(error as NodeJS.ErrnoException).code}): give this user the right to, or choose another DATA_DIR.`,
    )
  }
}

/** Whether a database serves this directory; also one that takes nobody yet (recovering after a power cut) or no more. */
export async function isServed(dataDir: string): Promise<boolean> {
  const identity = await chooseIdentity(await findBinaries(), join(resolve(dataDir), 'postgres'))
  const living = await lockHolder(identity)
  return living !== undefined && (await isOf(living.pid, identity))
}

/** A number in a stale lock may belong to another program by now: its own command line tells. */
const isOf = async (pid: number, { dataDir }: Identity): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(dataDir)

/** The process and port that postmaster.pid names, if that process lives. */
async function lockHolder(identity: Identity): Promise<{ pid: number; port: number } | undefined> {
  const text = await readFile(join(identity.dataDir, 'postmaster.pid'), 'utf8').catch(() => '')
  const [pid, , , port] = text.split('\n')
  if (!pid || !alive(Number(pid))) return undefined
  return { pid: Number(pid), port: Number(port) }
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** It is ours if it takes our password and serves our directory; a lock whose number now belongs to another program is stale. */
async function adopt(
  identity: Identity,
  living: { pid: number; port: number },
  kept: Credentials,
): Promise<number | undefined> {
  const deadline = Date.now() + readyLimitMs
  while (alive(living.pid) && Date.now() < deadline) {
    const client = await connect({ ...kept, port: living.port }, 'postgres')
    if (client) {
      const { rows } = await client.query<{ dir: string }>(`SELECT current_setting('data_directory') AS dir`)
      await client.end()
      if (rows[0]?.dir === identity.dataDir) {
        kept.port = living.port
        return living.pid
      }
      return undefined
    }
    // Either another program's number, or ours still starting up or shutting down.
    if (!(await isOf(living.pid, identity))) return undefined
    await new Promise((later) => setTimeout(later, lookEveryMs * 4))
  }
  return undefined
}

async function connect({ port, password }: Credentials, name: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: 'yihu',
    password,
    database: name,
    connectionTimeoutMillis: 2_000,
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return client
  } catch {
    await client.end().catch(() => {})
    return undefined
  }
}

async function waitUntilReady(
  kept: Credentials,
  ended: () => boolean,
  logFile: string,
  dataDir: string,
): Promise<void> {
  const deadline = Date.now() + readyLimitMs
  while (Date.now() < deadline && !ended()) {
    const client = await connect(kept, 'postgres')
    if (client) {
      const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [database])
      if (!rowCount) await client.query(`CREATE DATABASE ${database}`)
      await client.end()
      return
    }
    await new Promise((later) => setTimeout(later, lookEveryMs))
  }
  const log = await readFile(logFile, 'utf8').catch(() => '')
  if (/No space left/i.test(log.slice(-4_000)))
    throw new StartFault(`The disk is full (${dataDir}): free some space and start again.`)
  throw new StartFault(
    `The embedded PostgreSQL did not start; the end of ${logFile} says why: ${log.trim().split('\n').at(-1) ?? ''}`,
  )
}

/**
 * One product for each data directory: whoever holds this session lock. It goes with the session, so also with kill -9. A
 * second start must not adopt the database of a running centre, and must never stop it.
 */
async function own(kept: Credentials, dataDir: string): Promise<pg.Client> {
  const deadline = Date.now() + ownerGoneLimitMs
  const client = await connect(kept, database)
  if (!client) throw new StartFault(`The embedded PostgreSQL in ${dataDir} does not answer: start again.`)
  for (;;) {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [ownerLock])
    if (rows[0]?.got) return client
    if (Date.now() > deadline) {
      await client.end()
      throw new StartFault(
        `Yihu is running already with the data directory ${dataDir}: stop it first, or choose another DATA_DIR.`,
      )
    }
    await new Promise((later) => setTimeout(later, lookEveryMs * 4))
  }
}

function handle(
  identity: Identity,
  kept: Credentials,
  pid: number,
  adopted: boolean,
  owner: pg.Client,
): EmbeddedPostgres {
  const host = encodeURIComponent(hostOf(identity, kept.port))
  const url = `postgres://yihu:${kept.password}@${host}:${kept.port}/${database}`
  let ending = false
  const end = async () => {
    ending = true
    await owner.end().catch(() => {})
    await stop(pid)
  }
  // The session that makes us the owner is gone: so is the database, launched by us or adopted, or the right to use it.
  const onExit = (tell: () => void) => void owner.once('end', () => !ending && tell())
  return { url, pid, adopted, stop: end, onExit }
}

/** Fast shutdown first (clients are cut, everything committed is safe), immediate when that takes too long. */
async function stop(pid: number): Promise<void> {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!alive(pid)) return
    try {
      process.kill(pid, signal)
    } catch {
      return
    }
    const deadline = Date.now() + stopLimitMs
    while (alive(pid) && Date.now() < deadline) await new Promise((later) => setTimeout(later, lookEveryMs))
  }
}
