import { minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'

// One press is the test. Two more so close together are somebody who wants to be heard.
const expected = 1
const forReal = 2
const togetherMs = minutes(2)

/** Is this no test any more? `presses` of this test, newest first. Pure. */
export function pressedForReal(presses: Date[]): boolean {
  const [last, before] = presses
  if (presses.length < expected + forReal || !last || !before) return false
  return last.getTime() - before.getTime() <= togetherMs
}

/** The presses of the test that the device is in, newest first, as many as are looked at; of technical signals nobody asks. */
export async function pressesInTest(
  { db }: Pick<Parts, 'db'>,
  alarmId: string,
): Promise<{ deviceId: string; presses: Date[] }> {
  const rows = await db.query<{ deviceId: string; at: Date }>(
    `SELECT d.id AS "deviceId", a.received_at AS at FROM alarm this JOIN device d ON d.id = this.device_id
     JOIN alarm a ON a.device_id = d.id AND a.received_at <= this.received_at AND a.received_at >= coalesce(d.test_from, d.test_expires_at - interval '1 day')
     WHERE this.id = $1 AND a.handling = 'test' AND a.sequence >= 0 AND a.type IN ('button', 'fall', 'smoke', 'gas', 'flood', 'inactivity', 'unknown')
       AND this.type IN ('button', 'fall', 'smoke', 'gas', 'flood', 'inactivity', 'unknown')
     ORDER BY a.received_at DESC, a.id DESC LIMIT ${expected + forReal}`,
    [alarmId],
  )
  return { deviceId: rows[0]?.deviceId ?? '', presses: rows.map((row) => row.at) }
}
