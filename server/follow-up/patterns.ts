import { v7 } from 'uuid'
import { longAgo, pressesOf } from '../alarms/press-history.ts'
import { patternOf } from '../alarms/presses.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'

// In the daytime of the next day or the day itself: a visit or a call to the family, nothing that cannot wait some hours.
const lookWithinMs = minutes(12 * 60)

/**
 * Somebody presses often: the care team finds out why (afraid at night, a button that hangs, lonely). Once for a pattern:
 * while one is open there is no second, and what was pressed before the last one was done is not counted again.
 */
export async function notePattern(parts: Parts, incidentId: string): Promise<void> {
  const { db, clock } = parts
  const now = clock.now()
  const [about] = await db.query<{ residentId: string; since: Date | null }>(
    `SELECT i.resident_id AS "residentId", (SELECT max(f.done_at) FROM follow_up f WHERE f.resident_id = i.resident_id AND f.kind = 'press-pattern') AS since
     FROM incident i WHERE i.id = $1 AND i.resident_id IS NOT NULL`,
    [incidentId],
  )
  if (!about) return
  const presses = await pressesOf(db, about.residentId, about.since ?? longAgo(now))
  if (patternOf(presses, now) === null) return
  await db.query(
    `INSERT INTO follow_up (id, incident_id, kind, due_at, resident_id) VALUES ($1, $2, 'press-pattern', $3, $4) ON CONFLICT DO NOTHING`,
    [v7(), incidentId, after(now, lookWithinMs), about.residentId],
  )
}
