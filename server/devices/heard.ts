import type { HeardReport } from '../contracts/alarms.ts'
import type { Parts } from '../platform/parts.ts'
import { type LastWord, orderOf, provesPresence } from './order.ts'
import { tellStranger } from './strangers.ts'

type Report = HeardReport & { at: Date }
type Row = { id: string; at: Date; battery: number | null; number: number | null; wordAt: Date | null }

// A hundred thousand devices report some hundred times a second: that is one statement every two seconds.
const writeEveryMs = 2_000
// A device that says more than that in two seconds is there in any case.
const keptOfOneMax = 8

/**
 * That devices are there, by their heartbeats: kept in memory, the newest of each, and written for all of them in one
 * statement. What a process that dies takes with it is two seconds of heartbeats; the next ones say the same. What a device said
 * before its last word is no heartbeat of now: a person sees that somebody says it. Ends, written, with `stop`.
 */
export function keepHeard(parts: Pick<Parts, 'db' | 'clock' | 'log' | 'realtime'>) {
  const { clock, log } = parts
  let reports = new Map<string, Report[]>()
  let writing = Promise.resolve()

  async function write(): Promise<void> {
    if (reports.size === 0) return
    const taken = [...reports]
    reports = new Map()
    try {
      const { rows, old } = judge(taken, await lastWords(parts, taken), clock.now())
      await save(parts, rows)
      for (const id of old) await tellOld(parts, id)
    } catch (error) {
      for (const [id, before] of taken) reports.set(id, [...before, ...(reports.get(id) ?? [])].slice(-keptOfOneMax))
      log.warn({ fault: (error as Error).message, devices: taken.length }, 'heartbeats not written; again in a moment')
    }
  }

  /** One statement at a time. */
  const flush = (): Promise<void> => {
    writing = writing.then(write)
    return writing
  }
  const timer = setInterval(() => void flush(), writeEveryMs)
  return {
    heard(deviceId: string, report: HeardReport = {}): void {
      const before = reports.get(deviceId) ?? []
      // Those that tell no order only repeat each other; the newest battery is kept.
      const told = before.filter((one) => one.stamp || one.anew || one.battery !== undefined)
      reports.set(deviceId, [...told, { ...report, at: clock.now() }].slice(-keptOfOneMax))
    },
    flush,
    async stop(): Promise<void> {
      clearInterval(timer)
      await flush()
    },
  }
}
export type Heard = ReturnType<typeof keepHeard>

/** Only of devices whose words tell an order; the others are not asked for. */
async function lastWords({ db }: Pick<Parts, 'db'>, taken: [string, Report[]][]): Promise<Map<string, LastWord>> {
  const ids = taken.flatMap(([id, all]) => (all.some(({ stamp, anew }) => stamp && !anew) ? id : []))
  if (ids.length === 0) return new Map()
  const rows = await db.query<LastWord & { id: string }>(
    'SELECT id, word_number AS number, word_at AS at FROM device WHERE id = ANY ($1)',
    [ids],
  )
  return new Map(rows.map((row) => [row.id, row]))
}

/** Which of them were said now, and what they say together; `old`: who has said a word of before. */
function judge(taken: [string, Report[]][], last: Map<string, LastWord>, now: Date): { rows: Row[]; old: string[] } {
  const rows: Row[] = []
  const old: string[] = []
  for (const [id, all] of taken) {
    const word = { ...(last.get(id) ?? { number: null, at: null }) }
    let row: Row | undefined
    for (const { at, battery, stamp = {}, anew } of all) {
      const verdict = anew ? 'believed' : provesPresence(orderOf(word, stamp, now))
      if (verdict === 'old' && !old.includes(id)) old.push(id)
      if (verdict !== 'believed') continue
      if (stamp.number !== undefined) word.number = stamp.number
      if (stamp.at !== undefined) word.at = new Date(stamp.at)
      row = { id, at, battery: battery ?? row?.battery ?? null, number: word.number, wordAt: word.at }
    }
    if (row) rows.push(row)
  }
  return { rows, old }
}

async function save({ db }: Pick<Parts, 'db'>, rows: Row[]): Promise<void> {
  if (rows.length === 0) return
  const column = <T>(of: (one: Row) => T) => rows.map(of)
  // Those of one process in one order, so that two processes do not wait for each other in a circle.
  await db.query(
    `UPDATE device SET last_heard_at = greatest(device.last_heard_at, said.at), battery = coalesce(said.battery, device.battery),
       battery_at = CASE WHEN said.battery IS NULL THEN device.battery_at ELSE said.at END,
       word_number = coalesce(said.number, device.word_number), word_at = coalesce(said.word_at, device.word_at)
     FROM unnest($1::uuid[], $2::timestamptz[], $3::real[], $4::bigint[], $5::timestamptz[]) AS said(id, at, battery, number, word_at)
     WHERE device.id = said.id AND device.id IN (SELECT id FROM device WHERE id = ANY ($1) ORDER BY id FOR UPDATE)`,
    [
      column(({ id }) => id),
      column(({ at }) => at),
      column(({ battery }) => battery),
      column(({ number }) => number),
      column(({ wordAt }) => wordAt),
    ],
  )
}

/** Somebody says again what this device once said, or it counts anew: a press of it sets that right. */
async function tellOld(parts: Pick<Parts, 'db' | 'clock' | 'log' | 'realtime'>, id: string): Promise<void> {
  const [device] = await parts.db.query<Parameters<typeof tellStranger>[1]>(
    `SELECT protocol, account, 'heartbeat' AS said, 'said-before' AS because FROM device WHERE id = $1`,
    [id],
  )
  if (device) await tellStranger(parts, device)
}
