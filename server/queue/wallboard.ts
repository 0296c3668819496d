import { centreZone } from '../contracts/days.ts'
import type { Wallboard } from '../contracts/queue.ts'
import { readLedger } from '../incidents/ledger.ts'
import type { Parts } from '../platform/parts.ts'
import { listPresence } from './presence.ts'

const answerTargetsSeconds = [15, 60, 180]
const dayStart = `date_trunc('day', $2::timestamptz AT TIME ZONE '${centreZone}') AT TIME ZONE '${centreZone}'`

/** Today's, and whoever waits since before: two indexes, and not all that ever was. */
export const todaySql = `
  WITH today AS (
    SELECT *, extract(epoch FROM coalesce(answered_at, $2) - queued_at) AS waited FROM (
      SELECT * FROM incident WHERE queued_at >= ${dayStart}
      UNION ALL SELECT * FROM incident WHERE status = 'waiting' AND queued_at < ${dayStart}) i
    WHERE area_path LIKE ANY ($1))
  SELECT (count(*) FILTER (WHERE status = 'waiting'))::int AS waiting,
    min(queued_at) FILTER (WHERE status = 'waiting') AS oldest,
    (SELECT json_object_agg(class, n) FROM (SELECT class, count(*)::int AS n FROM today WHERE status = 'waiting' GROUP BY class) c) AS "byClass",
    (count(*) FILTER (WHERE answered_at IS NOT NULL))::int AS answered,
    ARRAY(SELECT (SELECT avg(CASE WHEN t.answered_at IS NOT NULL AND t.waited <= target THEN 1.0 ELSE 0 END)::float8
      FROM today t WHERE t.answered_at IS NOT NULL OR t.waited > target) FROM unnest($3::int[]) WITH ORDINALITY AS x(target, place) ORDER BY place) AS shares
  FROM today`

/**
 * The figures for the wall: no person is ranked. A share counts those answered today within the target against all that
 * were answered or have been waiting longer than the target, so that an unanswered one cannot make it look better.
 */
export async function readWallboard(parts: Parts, paths: string[]): Promise<Wallboard> {
  const now = parts.clock.now()
  const scope = paths.map((path) => `${path}%`)
  const [row] = await parts.db.query<{
    waiting: number
    oldest: Date | null
    byClass: Record<string, number> | null
    answered: number
    shares: (number | null)[]
  }>(todaySql, [scope, now, answerTargetsSeconds])
  const [work] = await parts.db.query<{ ringing: number; out: number; late: number }>(
    `SELECT (SELECT count(*)::int FROM offer o JOIN incident i ON i.id = o.incident_id WHERE o.status = 'ringing' AND i.area_path LIKE ANY ($1)) AS ringing,
       count(*)::int AS out, (count(*) FILTER (WHERE s.promise_at < $2 AND s.status IN ('accepted', 'en-route')))::int AS late
     FROM assignment s JOIN incident i ON i.id = s.incident_id
     WHERE s.status IN ('requested', 'accepted', 'en-route', 'on-scene') AND i.area_path LIKE ANY ($1)`,
    [scope, now],
  )
  const [voice] = await parts.db.query<
    Pick<Wallboard, 'callsWaiting' | 'callsTalking' | 'callBacks' | 'laddersRunning'>
  >(
    `SELECT (SELECT count(*)::int FROM call WHERE status IN ('offered', 'queued', 'ringing') AND direction = 'in' AND area_path LIKE ANY ($1)) AS "callsWaiting",
       (SELECT count(*)::int FROM call WHERE status IN ('answered', 'held') AND (asks IS NULL OR operator_id IS NOT NULL) AND area_path LIKE ANY ($1)) AS "callsTalking",
       (SELECT count(*)::int FROM incident WHERE call_back IS NOT NULL AND status <> 'closed' AND area_path LIKE ANY ($1)) AS "callBacks",
       (SELECT count(*)::int FROM incident WHERE ladder_until IS NOT NULL AND status <> 'closed' AND area_path LIKE ANY ($1)) AS "laddersRunning"`,
    [scope],
  )
  const ledger = await readLedger(parts, paths)
  const presence: Record<string, number> = {}
  for (const operator of await listPresence(parts, paths))
    presence[operator.status] = (presence[operator.status] ?? 0) + 1
  return {
    at: now.toISOString(),
    waiting: row?.waiting ?? 0,
    oldestWaitingSince: row?.oldest?.toISOString() ?? null,
    waitingByClass: row?.byClass ?? {},
    owned: ledger.owned,
    held: ledger.held,
    offersRinging: work?.ringing ?? 0,
    assignmentsOpen: work?.out ?? 0,
    latePromises: work?.late ?? 0,
    answeredToday: row?.answered ?? 0,
    within15: row?.shares[0] ?? null,
    within60: row?.shares[1] ?? null,
    within180: row?.shares[2] ?? null,
    presence,
    ledgerBreaches: ledger.breaches,
    callsWaiting: voice?.callsWaiting ?? 0,
    callsTalking: voice?.callsTalking ?? 0,
    callBacks: voice?.callBacks ?? 0,
    laddersRunning: voice?.laddersRunning ?? 0,
  }
}
