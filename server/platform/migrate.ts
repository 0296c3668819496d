import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import pg from 'pg'
import { StartFault } from './start-fault.ts'

// Any constant does, as long as every process takes the same lock.
const migrationLock = 0x59_49_48_55
const turnEveryMs = 100

type Done = { migration_name: string; checksum: string; finished_at: Date | null; rolled_back_at: Date | null }

/**
 * Applies prisma/migrations in order, each file and its entry in one transaction, in Prisma's own table, so that Prisma's
 * tools find what they expect. Processes that start together take turns. An entry whose file was edited, has vanished or
 * never finished is refused with a StartFault: guessing would cost data.
 */
export async function migrate(
  url: string,
  folder: string,
  note: (line: string) => void,
): Promise<{ applied: string[] }> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await takeTurn(client)
    await client.query(`CREATE TABLE IF NOT EXISTS _prisma_migrations (
      id VARCHAR(36) PRIMARY KEY, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ, migration_name VARCHAR(255) NOT NULL,
      logs TEXT, rolled_back_at TIMESTAMPTZ, started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0)`)
    const files = await readMigrations(folder)
    const done = (
      await client.query<Done>(
        'SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations WHERE rolled_back_at IS NULL',
      )
    ).rows
    refuseStrange(files, done)
    const open = files.filter((file) => !done.some((entry) => entry.migration_name === file.name))
    for (const file of open) await apply(client, file)
    if (open.length > 0) note(`database: ${open.length} migration(s) applied`)
    return { applied: open.map((file) => file.name) }
  } finally {
    await client.end() // ends the session and with it the lock
  }
}

/**
 * Asked again and again rather than waited for: a session that waits inside a statement holds a snapshot, and an index that another one
 * builds concurrently waits for that to end, each for the other.
 */
async function takeTurn(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1) AS got', [migrationLock])
    if (rows[0]?.got) return
    await pause(turnEveryMs)
  }
}

type Migration = { name: string; sql: string; checksum: string }

async function readMigrations(folder: string): Promise<Migration[]> {
  const entries = (await readdir(folder, { withFileTypes: true })).filter((entry) => entry.isDirectory())
  const names = entries.map((entry) => entry.name).sort()
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

function refuseStrange(files: Migration[], done: Done[]): void {
  for (const entry of done) {
    const file = files.find((candidate) => candidate.name === entry.migration_name)
    if (!entry.finished_at)
      throw new StartFault(
        `Migration ${entry.migration_name} did not finish in this database: restore a backup or mend the entry in _prisma_migrations.`,
      )
    if (!file)
      throw new StartFault(
        `This database has migration ${entry.migration_name}, which this version does not know: start the newer version of the program.`,
      )
    if (file.checksum !== entry.checksum)
      throw new StartFault(
        `Migration ${entry.migration_name} was edited after it had been applied: put the original file back and write a new migration.`,
      )
  }
}

async function apply(client: pg.Client, file: Migration): Promise<void> {
  // What PostgreSQL does not allow inside a transaction (CREATE INDEX CONCURRENTLY) says so in its first line.
  const outside = file.sql.startsWith('-- yihu: no transaction')
  const entry = `INSERT INTO _prisma_migrations (id, checksum, finished_at, migration_name, applied_steps_count) VALUES ($1, $2, now(), $3, 1)`
  const values = [randomUUID(), file.checksum, file.name]
  if (outside) {
    await client.query(file.sql)
    await client.query(entry, values)
    return
  }
  try {
    await client.query('BEGIN')
    await client.query(file.sql)
    await client.query(entry, values)
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw new StartFault(`Migration ${file.name} failed and was rolled back: ${(error as Error).message}.`)
  }
}
