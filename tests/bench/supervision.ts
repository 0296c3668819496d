/** A look of supervision over a whole district's devices, and what their falling silent does to those who press meanwhile. */

import { overOutages, untoldLost } from '../../server/devices/lost.ts'
import { heardAgain, markSilent } from '../../server/devices/silence.ts'
import { steadyClock } from '../../server/platform/clock.ts'
import { connectDb } from '../../server/platform/db.ts'
import { monotonicMs, spread, wait } from './figures.ts'

type Rows = <T>(text: string, given?: unknown[]) => Promise<T[]>
const looks = 20
const daysMs = (n: number) => n * 86_400_000
// The product looks each half minute.
const toldWithinMs = 600_000

/** All of them promise heartbeats from now on, and have just been heard; the last fifth hangs on gateways, the one before in homes of its own. */
export async function promiseHeartbeats(rows: Rows, devices: number): Promise<void> {
  const fifth = Math.floor(devices / 5)
  await rows(`UPDATE device SET type_code = 'dc09-panel-25h', last_heard_at = now() WHERE protocol = 'dc09'`)
  await rows('UPDATE system SET supervised_from = $1', [new Date(Date.now() - daysMs(4))])
  const ofCrowd = `SELECT d.id, d.resident_id, d.area_id, row_number() OVER (ORDER BY length(d.account), d.account) AS n FROM device d WHERE d.protocol = 'dc09' AND d.account ~ '^[0-9A-F]{5}$'`
  await rows(
    `WITH own AS (SELECT *, gen_random_uuid() AS home FROM (${ofCrowd}) c WHERE n > $1 AND n <= $2),
     homes AS (INSERT INTO household (id, area_id, address, lat, lon, search) SELECT home, area_id, 'bench ' || n, 30, 120, '' FROM own RETURNING id)
     UPDATE resident SET household_id = own.home FROM own WHERE resident.id = own.resident_id`,
    [devices - 2 * fifth, devices - fifth],
  )
  await rows(
    `WITH hung AS (SELECT *, (n / 400)::int AS g FROM (${ofCrowd}) c WHERE n > $1),
     gateways AS (INSERT INTO device (id, area_id, account, kind, state) SELECT gen_random_uuid(), (array_agg(area_id))[1], 'bench-gw-' || g, 'gateway', 'in-service' FROM hung GROUP BY g RETURNING id, account)
     UPDATE device SET gateway_id = gateways.id FROM hung JOIN gateways ON gateways.account = 'bench-gw-' || hung.g WHERE device.id = hung.id`,
    [devices - fifth],
  )
  await rows('VACUUM ANALYZE')
}

/** The statements of one look, as the product asks them, over devices that are all there. */
export async function timeLooks(url: string): Promise<void> {
  const db = connectDb(url)
  const parts = { db, clock: steadyClock() }
  const from = new Date(Date.now() - daysMs(4))
  const took: number[] = []
  for (let i = 0; i < looks; i++) {
    const began = monotonicMs()
    await heardAgain(parts)
    await overOutages(parts)
    await markSilent(parts, from)
    await untoldLost(parts)
    took.push(monotonicMs() - began)
  }
  const rows = await db.query<{ n: number }>('SELECT count(*)::int AS n FROM device WHERE type_code IS NOT NULL')
  console.log(`a look of supervision over ${rows[0]?.n} devices: ${spread(took)}`)
  await db.close()
}

/** A fifth of them has not been heard for longer than is allowed: those behind gateways, or each for itself. */
export async function loseAtOnce(rows: Rows, behindGateways: boolean): Promise<number> {
  const lost = await rows(
    `UPDATE device SET last_heard_at = $1 WHERE protocol = 'dc09' AND (${
      behindGateways
        ? 'gateway_id IS NOT NULL'
        : `resident_id IN (SELECT r.id FROM resident r JOIN household h ON h.id = r.household_id WHERE h.address LIKE 'bench %')`
    }) RETURNING 1`,
    [new Date(Date.now() - daysMs(3))],
  )
  return lost.length
}

/** How long until a person has been told of all of them, and in how many incidents. */
export async function untilTold(rows: Rows, lost: number, since: Date): Promise<string> {
  const began = monotonicMs()
  for (;;) {
    const [row] = await rows<{ told: number; incidents: number }>(
      `SELECT (SELECT count(*)::int FROM device WHERE silence = 'lost' AND lost_told_at IS NOT NULL) AS told,
         (SELECT count(*)::int FROM incident WHERE kind = 'line' AND opened_at > $1) AS incidents`,
      [since],
    )
    if (row && row.told >= lost) return `all told of in ${row.incidents} incidents`
    if (monotonicMs() - began > toldWithinMs) return `only ${row?.told} of ${lost} told of`
    await wait(1_000)
  }
}
