import { v7 } from 'uuid'
import type { Stranger } from '../contracts/alarms.ts'
import type { Parts } from '../platform/parts.ts'

// Whoever sends the whole internet at us must not fill a table: one row for each account, and so many accounts a day.
const rowsADayMax = 1_000
const saidMax = 500

/**
 * A signal of nobody we know, with a wrong secret, or of one whose key was revoked: a person looks at it. The same again counts up and is new again for
 * whoever has looked at it before. True when there is something new to look at.
 */
export async function noteStranger({ db, clock }: Pick<Parts, 'db' | 'clock'>, stranger: Stranger): Promise<boolean> {
  const rows = await db.query<{ fresh: boolean }>(
    `WITH why AS (SELECT CASE WHEN EXISTS (SELECT 1 FROM device WHERE protocol = $2 AND account = $3 AND revoked_at IS NOT NULL)
       THEN 'revoked' ELSE $5 END AS because)
     INSERT INTO stranger (id, protocol, account, said, because, first_at, last_at)
     SELECT $1, $2, $3, $4, why.because, $6, $6 FROM why
     WHERE EXISTS (SELECT 1 FROM stranger s WHERE s.protocol = $2 AND s.account = $3 AND s.because = why.because)
        OR (SELECT count(*) FROM (SELECT 1 FROM stranger WHERE first_at > $6::timestamptz - interval '1 day' LIMIT $7) today) < $7
     ON CONFLICT (protocol, account, because) DO UPDATE SET said = excluded.said, last_at = excluded.last_at, count = stranger.count + 1,
       reviewed_at = CASE WHEN stranger.reviewed_at < excluded.last_at - interval '1 day' THEN NULL ELSE stranger.reviewed_at END
     RETURNING count = 1 OR (reviewed_at IS NULL AND count % 100 = 0) AS fresh`,
    [
      v7(),
      stranger.protocol,
      stranger.account.slice(0, 60),
      stranger.said.slice(0, saidMax),
      stranger.because,
      clock.now(),
      rowsADayMax,
    ],
  )
  return rows[0]?.fresh ?? false
}

/** Written down, and when there is something new to look at the leaders hear of it. */
export async function tellStranger(
  parts: Pick<Parts, 'db' | 'clock' | 'log' | 'realtime'>,
  stranger: Stranger,
): Promise<void> {
  if (!(await noteStranger(parts, stranger))) return
  const at = parts.clock.now().toISOString()
  parts.realtime.toLeaders('alert.raised', { id: 'unknown-device', kind: 'unknown-device', incidentId: null, at })
  const { protocol, because } = stranger
  parts.log.warn({ protocol, because }, 'a signal that nobody we know has said, or not as we know them')
}
