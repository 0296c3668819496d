import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type pg from 'pg'
import { to as copyTo } from 'pg-copy-streams'
import type { Manifest } from './manifest.ts'
import { countLines } from './read-archive.ts'
import type { ArchiveWriter } from './write-archive.ts'

const compress = promisify(gzip)
// Small enough to hold a few in memory, large enough that compression pays.
const partBytes = 4 * 1024 * 1024
/**
 * Not in a backup: what the migrations write themselves, and who is signed in. A restored centre asks everybody to sign in
 * anew, so that an old cookie, or a session that was ended meanwhile, opens nothing.
 */
const leftOut = ['_prisma_migrations', 'session']

type Table = { name: string; columns: string[] }

/**
 * All tables, each in parts of whole rows as COPY writes them. The caller has opened one REPEATABLE READ transaction, so
 * all of it is one moment of the centre, while the centre works on.
 */
export async function dumpTables(client: pg.Client, archive: ArchiveWriter): Promise<Manifest['tables']> {
  const tables: Manifest['tables'] = []
  for (const table of await listTables(client)) tables.push({ ...table, rows: await dumpTable(client, archive, table) })
  return tables
}

/** Transaction numbers (xid8) mean nothing in another cluster: they are left to their default. */
async function listTables(client: pg.Client): Promise<Table[]> {
  const { rows } = await client.query<Table>(
    `SELECT c.relname::text AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attgenerated = '' AND a.atttypid <> 'xid8'::regtype AND NOT c.relname = ANY ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [leftOut],
  )
  return rows
}

async function dumpTable(client: pg.Client, archive: ArchiveWriter, { name, columns }: Table): Promise<number> {
  const stream = client.query(copyTo(`COPY public."${name}" (${quoted(columns)}) TO STDOUT`))
  let rows = 0
  let part = 0
  let held: Buffer[] = []
  let heldBytes = 0
  const put = async (bytes: Buffer) => {
    if (bytes.length === 0) return
    rows += countLines(bytes)
    part += 1
    await archive.add(`tables/${name}/${String(part).padStart(5, '0')}.copy.gz`, await compress(bytes))
  }
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    held.push(chunk)
    heldBytes += chunk.length
    if (heldBytes < partBytes) continue
    const all = Buffer.concat(held)
    const end = all.lastIndexOf(0x0a) + 1
    await put(all.subarray(0, end))
    held = [all.subarray(end)]
    heldBytes = all.length - end
  }
  await put(Buffer.concat(held))
  return rows
}

export const quoted = (columns: string[]): string => columns.map((column) => `"${column}"`).join(', ')

/** Read after the snapshot was taken: a sequence runs outside of transactions, so it is at or ahead of every row in it. */
export async function readSequences(client: pg.Client): Promise<Manifest['sequences']> {
  const { rows: named } = await client.query<{ name: string }>(
    `SELECT relname::text AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY relname`,
  )
  const sequences: Manifest['sequences'] = []
  for (const { name } of named) {
    const { rows } = await client.query<{ last: string; called: boolean }>(
      `SELECT last_value::text AS last, is_called AS called FROM public."${name}"`,
    )
    sequences.push({ name, last: Number(rows[0]?.last), called: rows[0]?.called ?? false })
  }
  return sequences
}

export async function readMigrations(client: pg.Client): Promise<Manifest['migrations']> {
  const { rows } = await client.query<{ name: string; checksum: string }>(
    `SELECT migration_name AS name, checksum FROM _prisma_migrations WHERE rolled_back_at IS NULL AND finished_at IS NOT NULL ORDER BY migration_name`,
  )
  return rows
}

/** Null too where the column was not there yet. */
export async function readKeyCheck(client: pg.Client): Promise<string | null> {
  const { rows: there } = await client.query(
    `SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'system' AND column_name = 'key_check'`,
  )
  if (there.length === 0) return null
  const { rows } = await client.query<{ word: string | null }>(`SELECT encode(key_check, 'hex') AS word FROM system`)
  return rows[0]?.word ?? null
}
