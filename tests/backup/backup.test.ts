import { spawnSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkArchive, readArchive } from '../../server/backup/read-archive.ts'
import { restoreBackup } from '../../server/backup/restore.ts'
import { mustBeFree } from '../../server/backup/target.ts'
import { brokenTimelines } from '../../server/backup/timelines.ts'
import { writeArchive } from '../../server/backup/write-archive.ts'
import { readEnv } from '../../server/platform/env.ts'
import { startEmbeddedPostgres } from '../../server/platform/postgres/start.ts'
import { makeSeal } from '../../server/platform/seal.ts'
import { startRecorder } from '../../telephony/media/recorder.ts'
import { openRecordings } from '../../telephony/recordings.ts'
import { command, inDatabase } from '../support/backup.ts'
import { freePort } from '../support/ports.ts'
import { type Demo, press, readDemo, startProcess } from '../support/product.ts'

type Running = Awaited<ReturnType<typeof startProcess>>
let home = ''
let first: Running
let demo: Demo
const running: Running[] = []
const at = (name: string) => join(home, name)
const keyOf = (dataDir: string) => readFileSync(join(dataDir, 'field.key'), 'utf8')

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'yihu-backup-'))
  first = await startProcess(at('first'), await freePort())
  running.push(first)
  demo = readDemo(at('first'))
})
afterAll(async () => {
  for (const one of running) {
    one.child.kill('SIGINT')
    await one.exit
  }
  rmSync(home, { recursive: true, force: true })
})

async function signIn(url: string, username = 'op01'): Promise<string> {
  const password = demo.accounts.find((account) => account.username === username)?.password
  const reply = await fetch(`${url}/api/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ username, password }),
  })
  return reply.headers.get('set-cookie')?.split(';')[0] ?? ''
}
const ask = async <T>(url: string, path: string, cookie: string, put?: unknown) => {
  const reply = await fetch(`${url}/api/v1${path}`, {
    method: put ? 'PUT' : 'GET',
    headers: { cookie, origin: url, ...(put ? { 'content-type': 'application/json' } : {}) },
    ...(put ? { body: JSON.stringify(put) } : {}),
  })
  return { status: reply.status, body: (await reply.json()) as T }
}

/** A conversation that was recorded, as the media process writes it. */
async function record(dataDir: string, incidentId: string): Promise<string> {
  const id = randomUUID()
  const callId = randomUUID()
  await inDatabase(dataDir, async (client) => {
    await client.query(
      `INSERT INTO call (id, incident_id, direction, medium, status, line, area_path, locale, offered_at, ended_at, ended_because)
       SELECT $1, id, 'in', 'voice', 'ended', 'web', area_path, 'zh-CN', now(), now(), 'hung-up' FROM incident WHERE id = $2`,
      [callId, incidentId],
    )
    await client.query(
      'INSERT INTO recording (id, call_id, started_at, ended_at, duration_ms) VALUES ($1, $2, now(), now(), 1000)',
      [id, callId],
    )
  })
  const file = join(dataDir, 'recordings', `${id}.rec`)
  const key = Buffer.from(makeSeal(keyOf(dataDir)).keyFor(`recording:${id}`), 'hex')
  const recorder = startRecorder({ recordingId: id, file, key, left: ['caller'], onEnd: () => {}, onFault: () => {} })
  for (let i = 0; i < 50; i++) recorder.write(new Uint8Array(160).fill(i), new Uint8Array(160).fill(255 - i))
  await recorder.end()
  return id
}

async function heard(dataDir: string, id: string): Promise<Buffer> {
  const seal = makeSeal(keyOf(dataDir))
  const chunks: Uint8Array[] = []
  for await (const chunk of openRecordings(join(dataDir, 'recordings'), (one) => seal.keyFor(`recording:${one}`)).wav(
    id,
  ))
    chunks.push(chunk)
  return Buffer.concat(chunks)
}

test('a backup taken while presses pour in becomes another centre: every acknowledged press once, every timeline whole, and everything goes on', async () => {
  const acknowledged = new Map<string, { key: string; sequence: number; incidentId: string | null }>()
  let pouring = true
  let sequence = 5_000_000
  const pour = async (lane: number) => {
    for (let i = 0; pouring; i++) {
      const device = demo.devices[(lane * 37 + i) % demo.devices.length] as Demo['devices'][number]
      const mine = ++sequence
      const receipt = await press(first.url, device, { sequence: mine })
      if (receipt.status === 201)
        acknowledged.set(receipt.alarmId, { key: device.key, sequence: mine, incidentId: receipt.incidentId })
    }
  }
  const lanes = Array.from({ length: 8 }, (_, lane) => pour(lane))
  await expect.poll(() => acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(300)
  const cookie = await signIn(first.url)
  const recordingId = await record(
    at('first'),
    [...acknowledged.values()].find((one) => one.incidentId)?.incidentId as string,
  )

  const before = new Map(acknowledged)
  const took = await command(['backup', '--open', '--to', at('one.tar')], { DATA_DIR: at('first') })
  const meanwhile = acknowledged.size - before.size
  pouring = false
  await Promise.all(lanes)
  expect(took.output).toContain('read again and whole')
  expect(took.output).toContain('The field key is NOT in it')
  expect(took.code).toBe(0)
  expect(meanwhile).toBeGreaterThan(0) // the centre worked on
  expect(statSync(at('one.tar')).mode & 0o777).toBe(0o600)
  expect(existsSync(at('one.tar.part'))).toBe(false)

  const restored = await command(['restore', at('one.tar')], {
    DATA_DIR: at('second'),
    FIELD_KEY: keyOf(at('first')),
  })
  expect(restored.output).toContain('timelines verified')
  expect(restored.code).toBe(0)

  // Before anything runs on it: rows as counted, timelines as chained, nobody signed in, every job due again.
  const manifest = await checkArchive(at('one.tar'), undefined)
  const postgres = await startEmbeddedPostgres({ dataDir: at('second'), note: () => {} })
  await inDatabase(at('second'), async (client) => {
    for (const { name, rows } of manifest.tables) {
      const counted = await client.query(`SELECT count(*)::int AS n FROM "${name}"`)
      expect([name, counted.rows[0].n]).toEqual([name, rows])
    }
    const timelines = await brokenTimelines(client)
    expect(timelines.broken).toEqual([])
    expect(timelines.incidents).toBeGreaterThan(100)
    const { rows: alarms } = await client.query<{ id: string; incident_id: string | null }>(
      'SELECT id, incident_id FROM alarm WHERE sequence > 5000000',
    )
    expect(new Set(alarms.map(({ id }) => id)).size).toBe(alarms.length)
    for (const [id, { incidentId }] of before)
      expect(alarms.filter((row) => row.id === id)).toEqual([{ id, incident_id: incidentId }])
    expect(alarms.length).toBeLessThan(acknowledged.size) // one moment in the middle, not the end
    const { rows: late } = await client.query(
      `SELECT (SELECT count(*)::int FROM session) AS sessions, (SELECT count(*)::int FROM outbox WHERE sent_at IS NOT NULL) AS sent,
         (SELECT count(*)::int FROM outbox) > 0 AS jobs`,
    )
    expect(late[0]).toEqual({ sessions: 0, sent: 0, jobs: true })
    const { rows: counters } = await client.query(
      `SELECT (SELECT last_value FROM incident_number_seq) >= (SELECT max(number) FROM incident) AS number,
         (SELECT last_value FROM change_seq) >= (SELECT max(seq) FROM incident) AS change,
         (SELECT last_value FROM audit_id_seq) >= (SELECT coalesce(max(id), 0) FROM audit) AS audit`,
    )
    expect(counters[0]).toEqual({ number: true, change: true, audit: true })
  }).finally(() => postgres.stop())

  // And `npm start` works on it.
  const second = await startProcess(at('second'), await freePort())
  running.push(second)
  expect((await ask(second.url, '/board', cookie)).status).toBe(401)
  const again = await signIn(second.url)
  const open = [...new Set([...before.values()].flatMap(({ incidentId }) => incidentId ?? []))]
  const board = await ask<{ items: { id: string }[] }>(second.url, '/board', again)
  expect(open.filter((id) => !board.body.items.some((row) => row.id === id))).toEqual([])
  await ask(second.url, '/presence', again, { status: 'available' })
  await expect
    .poll(
      () =>
        inDatabase(at('second'), async (client) => {
          const { rows } = await client.query(`SELECT count(*)::int AS n FROM offer WHERE status = 'ringing'`)
          return rows[0].n
        }),
      { timeout: 20_000 },
    )
    .toBeGreaterThan(0)
  const [sentAgain] = [...before]
  expect(
    await press(second.url, { key: sentAgain?.[1].key as string }, { sequence: sentAgain?.[1].sequence }),
  ).toMatchObject({ status: 200, duplicate: true, alarmId: sentAgain?.[0] })
  expect((await press(second.url, demo.devices[0] as Demo['devices'][number], { type: 'fall' })).status).toBe(201)
  expect((await ask<{ breaches: number }>(second.url, '/ledger', again)).body.breaches).toBe(0)
  expect(await heard(at('second'), recordingId)).toEqual(await heard(at('first'), recordingId))
  const verified = await command(['verify'], { DATA_DIR: at('second') })
  expect(verified.output).toContain('all verified')
  second.child.kill('SIGINT')
  await second.exit
}, 240_000)

test('with a passphrase the key is in the backup, and nothing of it can be read without', async () => {
  const env = { DATA_DIR: at('first'), BACKUP_PASSPHRASE: 'correct horse battery' }
  const took = await command(['backup', '--to', at('locked.tar.age')], env)
  expect([took.code, took.output]).toEqual([0, expect.stringContaining('holds the field key')])
  const names: string[] = []
  await readArchive(at('locked.tar.age'), env.BACKUP_PASSPHRASE, async (name) => void names.push(name))
  expect(names).toContain('field.key')
  const bytes = readFileSync(at('locked.tar.age'))
  for (const word of ['manifest.json', 'field.key', keyOf(at('first'))]) expect(bytes.includes(word)).toBe(false)

  const target = { DATA_DIR: at('unlocked') }
  const without = await command(['restore', at('locked.tar.age')], target)
  expect(without).toEqual({ code: 1, output: expect.stringMatching(/set BACKUP_PASSPHRASE/) })
  const wrong = await command(['restore', at('locked.tar.age')], { ...target, BACKUP_PASSPHRASE: 'another' })
  expect(wrong).toEqual({ code: 1, output: expect.stringMatching(/does not open with this BACKUP_PASSPHRASE/) })
  expect(existsSync(at('unlocked'))).toBe(false)
  const right = await command(['restore', at('locked.tar.age')], {
    ...target,
    BACKUP_PASSPHRASE: env.BACKUP_PASSPHRASE,
  })
  expect(right.output).toContain('timelines verified')
  expect(keyOf(at('unlocked'))).toBe(keyOf(at('first')))
}, 180_000)

test('a damaged, cut-off or newer backup is refused in one sentence, and nothing is made of it', async () => {
  const good = at('one.tar')
  const refusedWith = async (file: string) => {
    const said = await command(['restore', file], { DATA_DIR: at('never'), FIELD_KEY: keyOf(at('first')) })
    expect([said.code, existsSync(at('never')), existsSync(at('never.restoring'))]).toEqual([1, false, false])
    return said.output.trim().split('\n').at(-1)
  }
  const bytes = readFileSync(good)
  for (const place of [0.1, 0.5, 0.9]) {
    const flipped = Buffer.from(bytes)
    const n = Math.floor(bytes.length * place)
    flipped[n] = (flipped[n] as number) ^ 1
    writeFileSync(at('flipped.tar'), flipped)
    expect(await refusedWith(at('flipped.tar'))).toMatch(/is damaged \(.+\): use another one/)
  }
  for (const share of [0.3, 0.95]) {
    copyFileSync(good, at('short.tar'))
    truncateSync(at('short.tar'), Math.floor(bytes.length * share))
    expect(await refusedWith(at('short.tar'))).toMatch(/is damaged/)
  }
  writeFileSync(at('nothing.tar'), '')
  expect(await refusedWith(at('nothing.tar'))).toMatch(/is damaged/)
  expect(await refusedWith(at('absent.tar'))).toMatch(/There is no backup/)

  const manifest = await checkArchive(good, undefined)
  const newer = await writeArchive(at('newer.tar'), undefined)
  await newer.finish({
    ...manifest,
    tables: [],
    migrations: [...manifest.migrations, { name: '20990101000000_later', checksum: '00' }],
  })
  expect(await refusedWith(at('newer.tar'))).toMatch(/made by a newer version \(20990101000000_later\)/)
}, 180_000)

test('without its key, with a wrong one, or onto a centre that is there, nothing is restored', async () => {
  const restore = (dataDir: string, key?: string, ...more: string[]) =>
    command(['restore', at('one.tar'), ...more], { DATA_DIR: dataDir, ...(key && { FIELD_KEY: key }) })
  expect((await restore(at('never'))).output).toMatch(/The field key is missing: set FIELD_KEY/)
  expect((await restore(at('never'), 'ab'.repeat(32))).output).toMatch(/is not the key of this centre/)
  expect(existsSync(at('never'))).toBe(false)

  const key = keyOf(at('first'))
  expect((await restore(at('first'), key)).output).toMatch(/is running: stop it first/)
  expect((await restore(at('first'), key, '--overwrite')).output).toMatch(/is running: stop it first/)
  mkdirSync(at('full'))
  writeFileSync(join(at('full'), 'something'), 'of mine')
  expect((await restore(at('full'), key)).output).toMatch(/holds data: choose another DATA_DIR/)
  const over = await restore(at('full'), key, '--overwrite')
  expect(over.code).toBe(0)
  const aside = /before is in (\S+)\./.exec(over.output)?.[1] as string
  expect(readFileSync(join(aside, 'something'), 'utf8')).toBe('of mine')

  const twice = await command(['backup', '--open', '--to', at('one.tar')], { DATA_DIR: at('first') })
  expect(twice).toEqual({ code: 1, output: expect.stringMatching(/no backup is overwritten/) })
}, 180_000)

test('a centre that is started again while its backup is being restored is not moved away', async ({
  onTestFailed,
}) => {
  const dataDir = at('full')
  const restored = readFileSync(join(dataDir, 'postgres.json'), 'utf8')
  const start = join(import.meta.dirname, '../../server/platform/postgres/start.ts')
  let pid = 0
  onTestFailed(() => void (pid && process.kill(pid, 'SIGQUIT')))
  const refused = restoreBackup({
    env: readEnv({ DATA_DIR: dataDir, FIELD_KEY: keyOf(at('first')) }),
    file: at('one.tar'),
    passphrase: undefined,
    overwrite: true,
    migrations: join(import.meta.dirname, '../../prisma/migrations'),
    note(line) {
      if (!line.startsWith('restoring')) return
      // The first look found nobody. Its database is back before the new one is built, and stays, as after kill -9.
      const script = `const { startEmbeddedPostgres } = await import(${JSON.stringify(start)})
        console.log((await startEmbeddedPostgres({ dataDir: ${JSON.stringify(dataDir)}, note() {} })).pid)
        process.exit(0)`
      const args = ['--import', 'tsx', '--input-type=module', '-e', script]
      pid = Number(spawnSync(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] }).stdout)
    },
  })
  await expect(refused).rejects.toThrow(/is running: stop it first/)
  expect([existsSync(`${dataDir}.restoring`), readFileSync(join(dataDir, 'postgres.json'), 'utf8')]).toEqual([
    false,
    restored,
  ])
  const postgres = await startEmbeddedPostgres({ dataDir, note: () => {} })
  expect([postgres.adopted, postgres.pid]).toEqual([true, pid]) // nothing was moved from under it
  // One that takes nobody, as while it recovers, is there all the same.
  process.kill(postgres.pid, 'SIGSTOP')
  try {
    await expect(mustBeFree(dataDir, true)).rejects.toThrow(/is running: stop it first/)
  } finally {
    process.kill(postgres.pid, 'SIGCONT')
  }
  await postgres.stop()
  await mustBeFree(dataDir, true)
}, 180_000)

test('a centre that is stopped can be backed up, and a fact that was changed behind its back is found', async () => {
  const took = await command(['backup', '--open', '--to', at('stopped.tar')], { DATA_DIR: at('full') })
  expect(took.code).toBe(0)
  expect((await checkArchive(at('stopped.tar'), undefined)).tables.find(({ name }) => name === 'fact')?.rows).toBe(
    (await checkArchive(at('one.tar'), undefined)).tables.find(({ name }) => name === 'fact')?.rows,
  )
  await inDatabase(at('first'), async (client) => {
    await client.query('ALTER TABLE fact DISABLE TRIGGER fact_immutable')
    await client.query(
      `UPDATE fact SET data = data || '{"class":5}' WHERE (incident_id, seq) IN (SELECT incident_id, seq FROM fact WHERE type = 'opened' LIMIT 1)`,
    )
    await client.query('ALTER TABLE fact ENABLE TRIGGER fact_immutable')
  })
  const verified = await command(['verify'], { DATA_DIR: at('first') })
  expect(verified).toEqual({ code: 1, output: expect.stringMatching(/1 broken/) })
  const { port, password } = JSON.parse(readFileSync(join(at('first'), 'postgres.json'), 'utf8'))
  const external = { DATABASE_URL: `postgres://yihu:${password}@127.0.0.1:${port}/yihu` }
  expect((await command(['verify'], external)).output).toMatch(/1 broken/)
  expect((await command(['backup'], external)).output).toMatch(/use pg_dump/)
  expect((await command(['verify', at('one.tar')], {})).output).toMatch(/is whole/)
}, 180_000)
