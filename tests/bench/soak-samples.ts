import type { Memory } from './memory.ts'

type Rows = { query<T>(text: string): Promise<T[]> }
export type Sample = Memory & {
  minute: number
  /** By table, in MB, indexes and TOAST included. */
  tables: Map<string, number>
  incidentsOpen: number
  outbox: number
}

// What is kept for ever grows with every press, and may: the record of what happened.
const record = ['alarm', 'incident', 'fact', 'offer', 'audit', 'last_look', 'follow_up', 'assignment', 'message']
// Memory that grows by less than this an hour is noise of a heap that breathes; a table by less, a few pages.
const memoryFlatMbPerHour = 60
const tableFlatMbPerHour = 8
// Before, heaps, caches and free space are still finding their size.
const minutesToJudge = 30

export async function sampleTables(db: Rows): Promise<Pick<Sample, 'tables' | 'incidentsOpen' | 'outbox'>> {
  const sizes = await db.query<{ name: string; bytes: string | number }>(
    `SELECT CASE WHEN n.nspname = 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name, pg_total_relation_size(c.oid) AS bytes
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', 'bullmq')`,
  )
  const [counts] = await db.query<{ open: number; outbox: number }>(
    `SELECT (SELECT count(*)::int FROM incident WHERE status <> 'closed') AS open, (SELECT count(*)::int FROM outbox) AS outbox`,
  )
  return {
    tables: new Map(sizes.map(({ name, bytes }) => [name, Number(bytes) / 2 ** 20])),
    incidentsOpen: counts?.open ?? 0,
    outbox: counts?.outbox ?? 0,
  }
}

const mb = (n: number) => `${n.toFixed(1)} MB`

export function show({
  minute,
  serverMb,
  postgresMb,
  sharedMb,
  backends,
  tables,
  incidentsOpen,
  outbox,
}: Sample): string {
  const kept = [...tables].filter(([name]) => record.includes(name)).reduce((sum, [, n]) => sum + n, 0)
  const working = [...tables].filter(([name]) => !record.includes(name)).reduce((sum, [, n]) => sum + n, 0)
  return `${String(minute).padStart(4)} min  server ${mb(serverMb)}  PostgreSQL ${mb(postgresMb)} in ${backends} processes, shared ${mb(sharedMb)}  record ${mb(kept)}  working tables ${mb(working)}  outbox ${mb(tables.get('outbox') ?? 0)} (${outbox} rows)  open ${incidentsOpen}`
}

/** MB an hour, by least squares over the last half: what comes before is warming up. */
export function slopePerHour(samples: { minute: number; value: number }[]): number {
  const half = samples.slice(Math.floor(samples.length / 2))
  const mean = (list: number[]) => list.reduce((sum, n) => sum + n, 0) / list.length
  const [x, y] = [mean(half.map((one) => one.minute)), mean(half.map((one) => one.value))]
  const over = half.reduce((sum, one) => sum + (one.minute - x) * (one.value - y), 0)
  const under = half.reduce((sum, one) => sum + (one.minute - x) ** 2, 0)
  return (under === 0 ? 0 : over / under) * 60
}

/** Says of memory and of each table whether it is flat; undefined when the soak was too short to say. The record may grow, and its growth is printed; nothing else may. */
export function judge(samples: Sample[]): { flat: boolean | undefined; lines: string[] } {
  const slope = (of: (sample: Sample) => number) =>
    slopePerHour(samples.map((sample) => ({ minute: sample.minute, value: of(sample) })))
  const memory = (['serverMb', 'postgresMb'] as const).map((name) => ({
    name: name as string,
    perHour: slope((s) => s[name]),
    most: memoryFlatMbPerHour,
  }))
  const tables = [...(samples.at(-1)?.tables.keys() ?? [])]
    .filter((name) => !record.includes(name))
    .map((name) => ({ name, perHour: slope((s) => s.tables.get(name) ?? 0), most: tableFlatMbPerHour }))
  const growing = [...memory, ...tables].filter(({ perHour, most }) => perHour > most)
  const long = (samples.at(-1)?.minute ?? 0) >= minutesToJudge
  const kept = record.map((name) => `${name} ${slope((s) => s.tables.get(name) ?? 0).toFixed(1)}`)
  return {
    flat: long ? growing.length === 0 : undefined,
    lines: [
      `slope of the last half, MB an hour: ${memory.map(({ name, perHour }) => `${name} ${perHour.toFixed(1)}`).join(', ')}`,
      `the record grows by: ${kept.join(', ')}`,
      !long
        ? `too short to judge: ${minutesToJudge} minutes at least`
        : growing.length === 0
          ? 'flat: memory and all working tables'
          : `not flat: ${growing.map(({ name, perHour }) => `${name} ${perHour.toFixed(1)}`).join(', ')}`,
    ],
  }
}
