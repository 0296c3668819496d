import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, openSync, statSync, truncateSync } from 'node:fs'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { StartFault } from '../start-fault.ts'
import type { Identity } from './identity.ts'

export type Credentials = { port: number; password: string }
const logMaxBytes = 10 * 1024 * 1024

/** Port and password, made once for each data directory and kept in it (mode 0600). */
export async function credentials(dataDir: string): Promise<Credentials> {
  const file = join(dataDir, 'postgres.json')
  if (existsSync(file)) return JSON.parse(await readFile(file, 'utf8'))
  const made = { port: await freePort(), password: randomBytes(18).toString('base64url') }
  await keep(dataDir, made)
  return made
}

export async function keep(dataDir: string, kept: Credentials): Promise<void> {
  const file = join(dataDir, 'postgres.json')
  await writeFile(`${file}.new`, JSON.stringify(kept), { mode: 0o600 })
  await rename(`${file}.new`, file)
}

/** A port that is free now, or the wanted one if it is. */
export function freePort(wanted = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' && wanted ? resolve(freePort()) : reject(error),
    )
    server.listen(wanted, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : wanted))
    })
  })
}

/** Makes the cluster beside its place and moves it there, so that a first start that is killed leaves nothing half-made. */
export async function initCluster(identity: Identity, password: string, dataDir: string): Promise<void> {
  const parent = join(identity.dataDir, '..')
  for (const name of await leftovers(parent)) await rm(join(parent, name), { recursive: true, force: true })
  const making = await mkdtemp(join(parent, '.initdb-'))
  const passwordFile = join(making, 'password')
  const target = join(making, 'cluster')
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (identity.uid !== undefined) await giveTo(identity, [making, passwordFile])
  const { code, output } = await run(identity, 'initdb', [
    '-D',
    target,
    '-U',
    'yihu',
    '-A',
    'scram-sha-256',
    `--pwfile=${passwordFile}`,
    '-E',
    'UTF8',
    '--locale=C',
    '--no-instructions',
  ])
  if (code !== 0) {
    await rm(making, { recursive: true, force: true })
    if (/No space left/i.test(output))
      throw new StartFault(`The disk is full (${dataDir}): free some space and start again.`)
    throw new StartFault(`The database could not be set up in ${dataDir}: ${output.trim().split('\n').at(-1)}`)
  }
  await rename(target, identity.dataDir)
  await rm(making, { recursive: true, force: true })
}

async function leftovers(parent: string): Promise<string[]> {
  const { readdir } = await import('node:fs/promises')
  return (await readdir(parent)).filter((name) => name.startsWith('.initdb-'))
}

async function giveTo(identity: Identity, paths: string[]): Promise<void> {
  const { chown } = await import('node:fs/promises')
  for (const path of paths) await chown(path, identity.uid as number, identity.gid as number)
}

function command(identity: Identity, program: string, args: string[]): [string, string[]] {
  const [file, ...rest] = [...identity.prefix, join(identity.native, 'bin', program), ...args]
  return [file as string, rest]
}

const surroundings = (identity: Identity) => ({
  ...process.env,
  LD_LIBRARY_PATH: join(identity.native, 'lib'),
  LC_ALL: 'C',
  TZ: 'UTC',
})

function run(identity: Identity, program: string, args: string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const [file, rest] = command(identity, program, args)
    const child = spawn(file, rest, {
      uid: identity.uid,
      gid: identity.gid,
      env: surroundings(identity),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout?.on('data', (bytes) => (output += bytes))
    child.stderr?.on('data', (bytes) => (output += bytes))
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, output }))
  })
}

const settings = {
  listen_addresses: '127.0.0.1',
  shared_buffers: '64MB',
  max_connections: '120',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Many consoles ask small things; planning parallel workers for them costs more than it gives.
  max_parallel_workers_per_gather: '0',
  autovacuum_naptime: '15s',
  // A refused statement is told by the product, which asked it; PostgreSQL would write the values into its log.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
}

// The name of a socket has room for 107 bytes; a longer directory is reached over 127.0.0.1 alone.
const socketPathMax = 107
const socketOf = (dataDir: string, port: number) => join(dataDir, `.s.PGSQL.${port}`)

export const socketLockOf = ({ dataDir }: Identity, port: number): string => `${socketOf(dataDir, port)}.lock`

/** Where it is reached: by its socket, which costs both sides a third less than the loopback does, else by 127.0.0.1. */
export const hostOf = ({ dataDir }: Identity, port: number): string =>
  existsSync(socketOf(dataDir, port)) ? dataDir : '127.0.0.1'

/** In a process group of its own: the terminal's Ctrl-C must reach us and not it, since we still have things to store. */
export function launch(identity: Identity, port: number, logFile: string): ChildProcess {
  if (existsSync(logFile) && statSync(logFile).size > logMaxBytes) truncateSync(logFile)
  const log = openSync(logFile, 'a', 0o600)
  const options = Object.entries({
    ...settings,
    unix_socket_directories:
      process.platform !== 'win32' && Buffer.byteLength(socketOf(identity.dataDir, port)) <= socketPathMax
        ? identity.dataDir
        : '',
    port: String(port),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const [file, rest] = command(identity, 'postgres', ['-D', identity.dataDir, ...options])
  return spawn(file, rest, {
    uid: identity.uid,
    gid: identity.gid,
    env: surroundings(identity),
    stdio: ['ignore', log, log],
    detached: true,
  })
}
