import type { PressHistory } from '../contracts/incidents.ts'
import type { Db } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { historyDays, historyOf, type Press } from './presses.ts'

// A button that hangs presses thousands of times; what is told of it is the same.
const pressesMax = 2_000

/**
 * What somebody has pressed since then, oldest first; tests are none, and each press of an incident counts for itself. Whose it was
 * says the incident: the device may have been handed to somebody else.
 */
export async function pressesOf(db: Pick<Db, 'query'>, residentId: string, since: Date): Promise<Press[]> {
  const rows = await db.query<Press>(
    `SELECT a.received_at AS at, i.disposition AS "closedAs" FROM incident i JOIN alarm a ON a.incident_id = i.id
     WHERE i.resident_id = $1 AND a.type IN ('button', 'unknown') AND a.handling <> 'test' AND a.received_at > $2
     ORDER BY a.received_at DESC LIMIT ${pressesMax}`,
    [residentId, since],
  )
  return rows.reverse()
}

export const longAgo = (now: Date): Date => new Date(now.getTime() - historyDays * 86_400_000)

export async function pressHistoryOf(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  residentId: string,
): Promise<PressHistory> {
  const now = clock.now()
  return historyOf(await pressesOf(db, residentId, longAgo(now)), now)
}
