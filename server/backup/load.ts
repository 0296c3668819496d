import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import type pg from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { migrate } from '../platform/migrate.ts'
import { StartFault } from '../platform/start-fault.ts'
import { quoted } from './dump.ts'
import type { Manifest } from './manifest.ts'

/** Refuses a backup whose tables this program does not know, or knows otherwise. */
export async function mustBeKnown(manifest: Manifest, folder: string): Promise<void> {
  for (const { name, checksum } of manifest.migrations) {
    const file = join(folder, name, 'migration.sql')
    if (!existsSync(file))
      throw new StartFault(
        `The backup was made by a newer version (${name}): restore it with that version of the program.`,
      )
    if (
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex') !== checksum
    )
      throw new StartFault(`Migration ${name} was another one when the backup was made: use the program that made it.`)
  }
}

/** Makes the tables as they were when the backup was made; a later `npm start` brings them up to date like any older centre. */
export async function makeTables(url: string, manifest: Manifest, folder: string): Promise<void> {
  const then = mkdtempSync(join(tmpdir(), 'yihu-migrations-'))
  try {
    for (const { name } of manifest.migrations) cpSync(join(folder, name), join(then, name), { recursive: true })
    await migrate(url, then, () => {})
  } finally {
    rmSync(then, { recursive: true, force: true })
  }
}

/**
 * Everything before the rows: one transaction, in which neither triggers nor foreign keys act, since the rows come table by
 * table and are already what the triggers made of them. What a migration itself has written gives way.
 */
export async function beginLoading(client: pg.Client, manifest: Manifest): Promise<void> {
  await client.query('BEGIN')
  await client.query('SET LOCAL session_replication_role = replica')
  await client.query(`TRUNCATE ${manifest.tables.map(({ name }) => `public."${name}"`).join(', ')} CASCADE`)
}

export async function loadPart(client: pg.Client, manifest: Manifest, table: string, content: Readable): Promise<void> {
  const known = manifest.tables.find(({ name }) => name === table)
  if (!known) throw new Error(`a table ${table} that the manifest does not name`)
  const into = client.query(copyFrom(`COPY public."${known.name}" (${quoted(known.columns)}) FROM STDIN`))
  await pipeline(content, createGunzip(), into)
}

/**
 * Everything after the rows: the counters go on where they were; the consoles are told by another epoch to start over; and
 * every job and timer is due as if it had not been sent, since the queue that had it is not in the backup.
 */
export async function finishLoading(client: pg.Client, manifest: Manifest): Promise<void> {
  for (const { name, last, called } of manifest.sequences)
    await client.query('SELECT setval($1::regclass, $2, $3)', [`public."${name}"`, last, called])
  await client.query('UPDATE system SET epoch = gen_random_uuid()')
  await client.query('UPDATE outbox SET sent_at = NULL')
  for (const { name, rows } of manifest.tables) {
    const counted = await client.query<{ n: string }>(`SELECT count(*) AS n FROM public."${name}"`)
    if (Number(counted.rows[0]?.n) !== rows) throw new Error(`${name} has ${counted.rows[0]?.n} rows and not ${rows}`)
  }
  await client.query('COMMIT')
  await client.query('ANALYZE')
}
