import type { Stamp } from '../contracts/alarms.ts'
import type { Db } from '../platform/db.ts'
import type { LastWord } from './order.ts'

type Asks = Pick<Db, 'query'>

export async function lastWordOf(db: Asks, deviceId: string, { lock = false } = {}): Promise<LastWord | undefined> {
  const [row] = await db.query<LastWord>(
    `SELECT word_number AS number, word_at AS at FROM device WHERE id = $1${lock ? ' FOR UPDATE' : ''}`,
    [deviceId],
  )
  return row
}

/** This was the last word of the device that was believed. */
export async function keepLastWord(db: Asks, deviceId: string, { number, at }: Stamp): Promise<void> {
  if (number === undefined && at === undefined) return
  await db.query(
    'UPDATE device SET word_number = coalesce($2, word_number), word_at = coalesce($3, word_at) WHERE id = $1',
    [deviceId, number ?? null, at === undefined ? null : new Date(at)],
  )
}
