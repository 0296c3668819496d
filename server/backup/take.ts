import { existsSync } from 'node:fs'
import { open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Env } from '../platform/env.ts'
import type { Credentials } from '../platform/postgres/cluster.ts'
import { startEmbeddedPostgres } from '../platform/postgres/start.ts'
import { StartFault } from '../platform/start-fault.ts'
import { dumpTables, readKeyCheck, readMigrations, readSequences } from './dump.ts'
import { mustBeKey } from './key.ts'
import { demoName, format, keyName, type Manifest } from './manifest.ts'
import { checkArchive } from './read-archive.ts'
import { type ArchiveWriter, writeArchive } from './write-archive.ts'

type Options = { env: Env; file: string; passphrase: string | undefined; note: (line: string) => void }

/**
 * Backs up the embedded centre, whether it runs or not: one snapshot of the database by COPY, then the recordings that the
 * snapshot knows, then the manifest; read again from the disk before it is called done.
 *
 * Rows and not a copy of PostgreSQL's files: they can be counted and checked, and load into a later PostgreSQL and on
 * another machine. The key is in it only when a passphrase locks it: key and data in one open file would be no seal.
 */
export async function takeBackup({ env, file, passphrase, note }: Options): Promise<Manifest> {
  const database = await reach(env.dataDir)
  const archive = await writeArchive(file, passphrase).catch(async (error) => {
    await database.close()
    throw error
  })
  try {
    const manifest = await archive.finish(await fill(database.client, archive, env, passphrase !== undefined, note))
    await checkArchive(file, passphrase)
    return manifest
  } catch (error) {
    await archive.abandon()
    if (error instanceof StartFault || (error as { code?: string }).code === 'ENOSPC') throw error
    throw new StartFault(`The backup was not finished, and nothing of it was kept: ${(error as Error).message}.`)
  } finally {
    await database.close()
  }
}

async function fill(
  client: pg.Client,
  archive: ArchiveWriter,
  env: Env,
  locked: boolean,
  note: (line: string) => void,
): Promise<Omit<Manifest, 'entries'>> {
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  const { rows } = await client.query<{ at: string }>(
    `SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS at`,
  )
  const migrations = await readMigrations(client)
  const keyCheck = await readKeyCheck(client)
  if (locked) await archive.add(keyName, Buffer.from(await keyOf(env, keyCheck)))
  const tables = await dumpTables(client, archive)
  const sequences = await readSequences(client)
  const recordings = await addRecordings(client, archive, join(env.dataDir, 'recordings'))
  await client.query('COMMIT')
  const demo = join(env.dataDir, demoName)
  if (existsSync(demo)) await archive.add(demoName, await readFile(demo))
  if (recordings.missing.length > 0)
    note(
      `${recordings.missing.length} recording(s) are not on the disk (deleted meanwhile, or lost) and not in the backup.`,
    )
  return { format, takenAt: rows[0]?.at ?? '', migrations, tables, sequences, recordings, keyCheck }
}

async function keyOf(env: Env, keyCheck: string | null): Promise<string> {
  const key = env.fieldKey ?? (await readFile(join(env.dataDir, keyName), 'utf8').catch(() => '')).trim()
  mustBeKey(key, keyCheck)
  return key
}

/** Those that the snapshot knows. One under way is taken as far as it is; it was cut off then, as by a power cut. */
async function addRecordings(
  client: pg.Client,
  archive: ArchiveWriter,
  folder: string,
): Promise<Manifest['recordings']> {
  const { rows: known } = await client.query<{ there: boolean }>(
    `SELECT to_regclass('public.recording') IS NOT NULL AS there`,
  )
  if (!known[0]?.there) return { kept: 0, missing: [] }
  const { rows } = await client.query<{ id: string }>('SELECT id FROM recording WHERE deleted_at IS NULL ORDER BY id')
  const missing: string[] = []
  for (const { id } of rows) {
    const handle = await open(join(folder, `${id}.rec`), 'r').catch(() => undefined)
    if (!handle) {
      missing.push(id)
      continue
    }
    const { size } = await handle.stat()
    if (size === 0) {
      await handle.close()
      await archive.add(`recordings/${id}.rec`, Buffer.alloc(0))
    } else await archive.addStream(`recordings/${id}.rec`, size, handle.createReadStream({ end: size - 1 }))
  }
  return { kept: rows.length - missing.length, missing }
}

/** The database of the running centre; of one that is stopped, started for as long as this takes. */
export async function reach(dataDir: string): Promise<{ client: pg.Client; close(): Promise<void> }> {
  const file = join(dataDir, 'postgres.json')
  if (!existsSync(file)) throw new StartFault(`There is no centre in ${dataDir}: set DATA_DIR to the one to look at.`)
  const { port, password } = JSON.parse(await readFile(file, 'utf8')) as Credentials
  const url = `postgres://yihu:${password}@127.0.0.1:${port}/yihu`
  const running = await connect(url)
  if (running) return { client: running, close: () => running.end() }
  const postgres = await startEmbeddedPostgres({ dataDir, note: () => {} })
  const client = await connect(postgres.url)
  if (!client) {
    await postgres.stop()
    throw new StartFault(`The database in ${dataDir} does not answer: start again.`)
  }
  return {
    client,
    async close() {
      await client.end()
      await postgres.stop()
    },
  }
}

export async function connect(url: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {}) // whoever asks next is told
  try {
    await client.connect()
    return client
  } catch {
    await client.end().catch(() => {})
    return undefined
  }
}
