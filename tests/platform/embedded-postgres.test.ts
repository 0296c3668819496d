import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { startEmbeddedPostgres } from '../../server/platform/postgres/start.ts'
import { StartFault } from '../../server/platform/start-fault.ts'

let dir: string
const started: { stop(): Promise<void> }[] = []
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'yihu-pg-'))
})
afterEach(async () => {
  for (const one of started.splice(0)) await one.stop()
  rmSync(dir, { recursive: true, force: true })
})

const start = async (dataDir = dir) => {
  const postgres = await startEmbeddedPostgres({ dataDir, note: () => {} })
  started.push(postgres)
  return postgres
}
const ask = async <T extends object>(url: string, sql: string): Promise<T[]> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return (await client.query(sql)).rows as T[]
  } finally {
    await client.end()
  }
}
const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    // A killed child that nobody has waited for yet is a zombie, not alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}

test('a first start sets up, a second one keeps what was stored, and stopping ends every process', async () => {
  const first = await start()
  await ask(first.url, 'CREATE TABLE t AS SELECT 7 AS n')
  await first.stop()
  expect(alive(first.pid)).toBe(false)
  const second = await start()
  expect(await ask(second.url, 'SELECT n FROM t')).toEqual([{ n: 7 }])
  expect(statSync(join(dir, 'postgres.json')).mode & 0o777).toBe(0o600)
  expect(
    await ask(
      second.url,
      `SELECT current_setting('fsync') AS f, current_setting('synchronous_commit') AS c, current_setting('listen_addresses') AS l`,
    ),
  ).toEqual([{ f: 'on', c: 'on', l: '127.0.0.1' }])
})

test('what was committed survives a killed PostgreSQL', async () => {
  const first = await start()
  await ask(first.url, 'CREATE TABLE t (n int)')
  for (let n = 0; n < 20; n++) await ask(first.url, `INSERT INTO t VALUES (${n})`)
  process.kill(first.pid, 'SIGKILL')
  await expect.poll(() => alive(first.pid)).toBe(false)
  const second = await start()
  expect(await ask(second.url, 'SELECT count(*)::int AS n FROM t')).toEqual([{ n: 20 }])
})

/** Starts one in a process of its own and kills that process: PostgreSQL runs on without anybody. */
async function orphaned(): Promise<number> {
  const script = `import { startEmbeddedPostgres } from './server/platform/postgres/start.ts'
    const { pid } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dir)}, note: () => {} })
    console.log(pid)
    setInterval(() => {}, 1000)`
  const earlier = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
    cwd: join(import.meta.dirname, '../..'),
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const orphan = await new Promise<number>((resolve) =>
    earlier.stdout.once('data', (bytes) => resolve(Number(String(bytes)))),
  )
  earlier.kill('SIGKILL')
  return orphan
}

test('one that a killed start left running is adopted, and can be stopped', async () => {
  const orphan = await orphaned()
  const second = await start()
  expect([second.adopted, second.pid]).toEqual([true, orphan])
  await second.stop()
  await expect.poll(() => alive(orphan)).toBe(false)
})

test.each(['launched', 'adopted'])(
  'when one that was %s is killed we hear of it; when we stop it we do not',
  async (how) => {
    if (how === 'adopted') await orphaned()
    const one = await start()
    let told = 0
    one.onExit(() => {
      told += 1
    })
    process.kill(one.pid, 'SIGKILL')
    await expect.poll(() => told).toBe(1)
    const next = await start()
    next.onExit(() => {
      told += 1
    })
    await next.stop()
    expect(told).toBe(1)
  },
)

test('a second start beside a running one is refused in one sentence, and leaves the running one alone', async () => {
  const first = await start()
  const fault = await startEmbeddedPostgres({ dataDir: dir, note: () => {} }).catch((error: unknown) => error)
  expect((fault as Error).message).toMatch(/running already with the data directory/)
  expect(await ask(first.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a lock whose number belongs to another program is replaced', async () => {
  const first = await start()
  await first.stop()
  const other = spawn('sleep', ['60'])
  writeFileSync(join(dir, 'postgres', 'postmaster.pid'), `${other.pid}\n${dir}/postgres\n0\n1\n\n127.0.0.1\n`)
  try {
    expect((await start()).adopted).toBe(false)
  } finally {
    other.kill()
  }
})

test('a first start that was killed half-way leaves nothing in the way of the next', async () => {
  mkdirSync(join(dir, '.initdb-half', 'cluster'), { recursive: true })
  writeFileSync(join(dir, '.initdb-half', 'cluster', 'base'), 'half')
  await start()
  expect(existsSync(join(dir, '.initdb-half'))).toBe(false)
})

test('runs in a home of mode 0700', async () => {
  chmodSync(dir, 0o700)
  expect((await ask((await start(join(dir, 'data'))).url, 'SELECT 1 AS one'))[0]).toEqual({ one: 1 })
})

test.runIf(process.getuid?.() === 0)('runs as root where user namespaces are forbidden', async () => {
  const path = process.env['PATH']
  const hidden = join(dir, 'bin')
  mkdirSync(hidden)
  writeFileSync(join(hidden, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  process.env['PATH'] = `${hidden}:${path}`
  try {
    const { url } = await start(join(dir, 'data'))
    expect(await ask(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  } finally {
    process.env['PATH'] = path
  }
})

test('a data directory that cannot be written, or is full, is one plain sentence', async () => {
  writeFileSync(join(dir, 'file'), '')
  const fault = await startEmbeddedPostgres({ dataDir: join(dir, 'file', 'data'), note: () => {} }).catch(
    (error: unknown) => error,
  )
  expect(fault).toBeInstanceOf(StartFault)
  expect((fault as Error).message).toMatch(/cannot be written.*choose another DATA_DIR/)
})

const canMount = () => {
  const probe = mkdtempSync(join(tmpdir(), 'yihu-mount-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' })
    execFileSync('umount', [probe])
    return true
  } catch {
    return false
  } finally {
    rmSync(probe, { recursive: true, force: true })
  }
}
test.runIf(canMount())('a full disk is one plain sentence', async () => {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', dir])
  try {
    const fault = await startEmbeddedPostgres({ dataDir: join(dir, 'data'), note: () => {} }).catch(
      (error: unknown) => error,
    )
    expect((fault as Error).message).toMatch(/disk is full/)
  } finally {
    execFileSync('umount', [dir])
  }
})
