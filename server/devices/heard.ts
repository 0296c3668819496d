import type { Parts } from '../platform/parts.ts'

type Report = { at: Date; battery: number | null }

// A hundred thousand devices report some hundred times a second: that is one statement every two seconds.
const writeEveryMs = 2_000

/**
 * That devices are there, by their heartbeats: kept in memory, the newest of each, and written for all of them in one
 * statement. What a process that dies takes with it is two seconds of heartbeats; the next ones say the same. Ends, written, with `stop`.
 */
export function keepHeard({ db, clock, log }: Pick<Parts, 'db' | 'clock' | 'log'>) {
  let reports = new Map<string, Report>()
  let writing = Promise.resolve()

  async function write(): Promise<void> {
    if (reports.size === 0) return
    const taken = [...reports]
    reports = new Map()
    const column = <T>(of: (one: (typeof taken)[number]) => T) => taken.map(of)
    try {
      // Those of one process in one order, so that two processes do not wait for each other in a circle.
      await db.query(
        `UPDATE device SET last_heard_at = greatest(device.last_heard_at, said.at), battery = coalesce(said.battery, device.battery),
           battery_at = CASE WHEN said.battery IS NULL THEN device.battery_at ELSE said.at END
         FROM unnest($1::uuid[], $2::timestamptz[], $3::real[]) AS said(id, at, battery)
         WHERE device.id = said.id AND device.id IN (SELECT id FROM device WHERE id = ANY ($1) ORDER BY id FOR UPDATE)`,
        [column(([id]) => id), column(([, { at }]) => at), column(([, { battery }]) => battery)],
      )
    } catch (error) {
      for (const [id, report] of taken) if (!reports.has(id)) reports.set(id, report)
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
    heard(deviceId: string, report: { battery?: number } = {}): void {
      const before = reports.get(deviceId)
      reports.set(deviceId, { at: clock.now(), battery: report.battery ?? before?.battery ?? null })
    },
    flush,
    async stop(): Promise<void> {
      clearInterval(timer)
      await flush()
    },
  }
}
export type Heard = ReturnType<typeof keepHeard>
