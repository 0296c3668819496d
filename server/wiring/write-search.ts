import { after } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Jobs } from '../platform/jobs.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { searchText, searchVersion } from '../platform/search-text.ts'
import { residentSearch } from '../residents/commands.ts'
import { addressLine } from '../residents/view.ts'

// A few milliseconds of spelling at a time: presses and calls are in the same process.
const rowsAtOnce = 100
const apartMs = 50
const kind = 'write-search'
const tables = ['resident', 'household', 'provider', 'responder'] as const
type Table = (typeof tables)[number]
type Row = { id: string; search: string; name: string; nameToUse: string; phone: string | null } & Parameters<
  typeof addressLine
>[0]

const columns: Record<Table, string> = {
  resident: 't.id, t.search, t.name, t.name_to_use AS "nameToUse", t.phone, h.address, h.building, h.entrance, h.room',
  household: 't.id, t.search, t.address, t.building, t.entrance, t.room',
  provider: 't.id, t.search, t.name, t.phone',
  responder: 't.id, t.search, t.name, t.phone',
}

function textOf(table: Table, row: Row): string {
  if (table === 'resident') return residentSearch(row, addressLine(row))
  return table === 'household' ? searchText([addressLine(row)]) : searchText([row.name], [row.phone])
}

/** Has the search columns written anew when they are of an older form than this version's; asked at the start of a worker. */
export async function renewSearch({ db, clock }: Pick<Parts, 'db' | 'clock'>): Promise<void> {
  await db.transaction(async (tx) => {
    const [row] = await tx.query<{ version: number }>('SELECT search_version AS version FROM system FOR UPDATE')
    const [under] = await tx.query('SELECT 1 FROM outbox WHERE kind = $1', [kind])
    if (row && row.version < searchVersion && !under) await enqueue(tx, kind, `${tables[0]}:`, clock.now())
  })
}

/** One step: so many rows of a table after an id, and the next step in the same transaction. Twice writes the same. */
async function step(tx: Tx, subject: string, now: Date): Promise<void> {
  const [table, last] = subject.split(':') as [Table, string]
  const rows = await tx.query<Row>(
    `SELECT ${columns[table]} FROM ${table} t ${table === 'resident' ? 'JOIN household h ON h.id = t.household_id' : ''}
     WHERE ($1 = '' OR t.id > nullif($1, '')::uuid) ORDER BY t.id LIMIT ${rowsAtOnce} FOR UPDATE OF t`,
    [last],
  )
  const anew = rows.map((row) => ({ ...row, to: textOf(table, row) })).filter(({ search, to }) => search !== to)
  await tx.query(
    `UPDATE ${table} t SET search = n.search FROM unnest($1::uuid[], $2::text[]) AS n(id, search) WHERE t.id = n.id`,
    [anew.map(({ id }) => id), anew.map(({ to }) => to)],
  )
  const to = rows.length === rowsAtOnce ? rows.at(-1) : undefined
  const next = to ? `${table}:${to.id}` : tables[tables.indexOf(table) + 1]?.concat(':')
  if (next) return enqueue(tx, kind, next, after(now, apartMs))
  await tx.query('UPDATE system SET search_version = $1', [searchVersion])
}

export function searchJobs({ db, clock }: Pick<Parts, 'db' | 'clock'>) {
  return {
    [kind]: async (subjects) => {
      for (const subject of subjects) await db.transaction((tx) => step(tx, subject, clock.now()))
    },
  } satisfies Jobs
}
