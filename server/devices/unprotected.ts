import type { UnprotectedMap, UnprotectedView } from '../contracts/unprotected.ts'
import type { Parts } from '../platform/parts.ts'
import { homeSql } from '../platform/place.ts'
import { offsetOf, pageOf } from '../residents/queries.ts'
import { byFrailty } from './lost.ts'

const testedWithinDays = 30
const lowBattery = 0.2
// A browser still draws so many points while it is moved.
const mapMax = 5_000

type Asked = { reason?: string | undefined; areaId?: string | undefined; cursor?: string | undefined; limit: number }

/** A WITH that ends in `found`: everybody with a device, and why their call may not be heard. $1 now, $2 areas, $3 within this area, $4 for this reason. */
export const findUnprotected = `
  WITH guarded AS (
    SELECT d.resident_id AS id,
      bool_or(serves.is AND d.silence = 'lost') AS silent,
      min(d.silent_since) FILTER (WHERE serves.is AND d.silence = 'lost') AS since,
      NOT bool_or(serves.is OR d.state = 'in-test') AND bool_or(d.state <> 'out-of-service') AS never,
      NOT bool_or(serves.is) AND bool_or(d.state = 'in-test' AND d.revoked_at IS NULL) AS testing,
      bool_and(d.state = 'out-of-service') AS out,
      bool_or(d.state <> 'out-of-service' AND d.battery < coalesce(t.battery_low, ${lowBattery})) AS low,
      bool_or(serves.is AND (d.last_good_test_at IS NULL OR d.last_good_test_at < $1::timestamptz - interval '${testedWithinDays} days')) AS untested,
      CASE WHEN bool_and(d.last_good_test_at IS NOT NULL OR d.state = 'out-of-service')
        THEN extract(day FROM $1::timestamptz - min(d.last_good_test_at) FILTER (WHERE d.state <> 'out-of-service'))::int END AS days
    FROM device d LEFT JOIN device_type t ON t.code = d.type_code
    CROSS JOIN LATERAL (SELECT d.revoked_at IS NULL AND (d.state = 'in-service' OR (d.state = 'in-test' AND d.test_expires_at <= $1)) AS is) serves
    WHERE d.resident_id IS NOT NULL GROUP BY d.resident_id
  ), judged AS (
    SELECT r.id, r.name, r.area_id, r.household_id, r.line_class, r.risks, r.mobility, g.since, g.days, array_remove(ARRAY[
        CASE WHEN g.silent THEN 'silent' END, CASE WHEN g.never THEN 'never-activated' END, CASE WHEN g.testing THEN 'in-test' END, CASE WHEN g.out THEN 'out-of-service' END, CASE WHEN g.low THEN 'low-battery' END,
        CASE WHEN NOT EXISTS (SELECT 1 FROM contact c WHERE c.resident_id = r.id AND coalesce(c.last_result, '') NOT IN ('wrong-number', 'refuses')) THEN 'no-contact' END,
        CASE WHEN g.untested THEN 'untested' END], NULL) AS reasons
    FROM guarded g JOIN resident r ON r.id = g.id JOIN area a ON a.id = r.area_id
    WHERE r.active AND a.path LIKE ANY ($2) AND ($3::uuid IS NULL OR a.path LIKE '%/' || $3::text || '/%')
  ), found AS (
    SELECT * FROM judged r WHERE cardinality(reasons) > 0 AND ($4::text IS NULL OR $4 = ANY (reasons))
  )`

/** The order of the list, of the map's limit and of the calls; `r` is `found`. */
export const mostUrgent = `${byFrailty}, cardinality(r.reasons) DESC, r.name, r.id`

const given = (now: Date, paths: string[], { areaId, reason }: Pick<Asked, 'areaId' | 'reason'>) => [
  now,
  paths.map((path) => `${path}%`),
  areaId ?? null,
  reason ?? null,
]

/** Of everybody with a device: whose call may not be heard, and why. A device out of service counts only for whoever has no other. */
export async function listUnprotected({ db, clock }: Pick<Parts, 'db' | 'clock'>, paths: string[], asked: Asked) {
  const offset = offsetOf(asked.cursor)
  const rows = await db.query<Omit<UnprotectedView, 'silentSince'> & { silentSince: Date | null }>(
    `${findUnprotected}
     SELECT id AS "residentId", name, area_id AS "areaId", line_class AS "lineClass", risks, since AS "silentSince", days AS "daysSinceTest", reasons
     FROM found r ORDER BY ${mostUrgent} LIMIT $5 OFFSET $6`,
    [...given(clock.now(), paths, asked), asked.limit + 1, offset],
  )
  return pageOf(
    rows.map((row) => ({ ...row, silentSince: row.silentSince?.toISOString() ?? null })),
    asked.limit,
    offset,
  )
}

/** Where they live, the frailest first up to a limit; how many more there are is said. */
export async function mapUnprotected(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  paths: string[],
  asked: Pick<Asked, 'areaId' | 'reason'>,
): Promise<UnprotectedMap> {
  const rows = await db.query<UnprotectedMap['items'][number] & { n: number }>(
    `${findUnprotected}
     SELECT r.id AS "residentId", r.name, ${homeSql('lat', 'h', 'place')} AS lat, ${homeSql('lon', 'h', 'place')} AS lon, r.reasons, count(*) OVER ()::int AS n
     FROM found r JOIN household h ON h.id = r.household_id JOIN area place ON place.id = r.area_id ORDER BY ${mostUrgent} LIMIT ${mapMax}`,
    given(clock.now(), paths, asked),
  )
  return { items: rows.map(({ n: _, ...one }) => one), more: (rows[0]?.n ?? 0) - rows.length }
}
