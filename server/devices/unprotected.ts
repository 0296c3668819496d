import type { UnprotectedView } from '../contracts/unprotected.ts'
import type { Parts } from '../platform/parts.ts'
import { offsetOf, pageOf } from '../residents/queries.ts'
import { frail } from './lost.ts'

const testedWithinDays = 30
const lowBattery = 0.2

type Asked = { reason?: string | undefined; areaId?: string | undefined; cursor?: string | undefined; limit: number }

/** Of everybody with a device: whose call may not be heard, and why. Devices out of service are nobody's hope and are left out. */
export async function listUnprotected({ db, clock }: Pick<Parts, 'db' | 'clock'>, paths: string[], asked: Asked) {
  const offset = offsetOf(asked.cursor)
  const rows = await db.query<Omit<UnprotectedView, 'silentSince'> & { silentSince: Date | null }>(
    `WITH guarded AS (
       SELECT d.resident_id AS id,
         bool_or(serves.is AND d.silence = 'lost') AS silent,
         min(d.silent_since) FILTER (WHERE serves.is AND d.silence = 'lost') AS since,
         NOT bool_or(serves.is OR d.state = 'in-test') AS never,
         bool_or(d.battery < coalesce(t.battery_low, ${lowBattery})) AS low,
         bool_or(serves.is AND (d.last_good_test_at IS NULL OR d.last_good_test_at < $1::timestamptz - interval '${testedWithinDays} days')) AS untested,
         CASE WHEN bool_and(d.last_good_test_at IS NOT NULL) THEN extract(day FROM $1::timestamptz - min(d.last_good_test_at))::int END AS days
       FROM device d LEFT JOIN device_type t ON t.code = d.type_code
       CROSS JOIN LATERAL (SELECT d.revoked_at IS NULL AND (d.state = 'in-service' OR (d.state = 'in-test' AND d.test_expires_at <= $1)) AS is) serves
       WHERE d.resident_id IS NOT NULL AND d.state <> 'out-of-service' GROUP BY d.resident_id
     ), found AS (
       SELECT r.id AS "residentId", r.name, r.area_id AS "areaId", r.line_class AS "lineClass", r.risks, g.since AS "silentSince", g.days AS "daysSinceTest",
         ${frail} AS frail, array_remove(ARRAY[
           CASE WHEN g.silent THEN 'silent' END, CASE WHEN g.never THEN 'never-activated' END, CASE WHEN g.low THEN 'low-battery' END,
           CASE WHEN NOT EXISTS (SELECT 1 FROM contact c WHERE c.resident_id = r.id AND coalesce(c.last_result, '') NOT IN ('wrong-number', 'refuses')) THEN 'no-contact' END,
           CASE WHEN g.untested THEN 'untested' END], NULL) AS reasons
       FROM guarded g JOIN resident r ON r.id = g.id JOIN area a ON a.id = r.area_id
       WHERE r.active AND a.path LIKE ANY ($2) AND ($3::uuid IS NULL OR a.path LIKE '%/' || $3::text || '/%')
     )
     SELECT "residentId", name, "areaId", "lineClass", risks, "silentSince", "daysSinceTest", reasons FROM found
     WHERE cardinality(reasons) > 0 AND ($4::text IS NULL OR $4 = ANY (reasons))
     ORDER BY frail DESC, "lineClass", cardinality(risks) DESC, cardinality(reasons) DESC, name, "residentId" LIMIT $5 OFFSET $6`,
    [clock.now(), paths.map((path) => `${path}%`), asked.areaId ?? null, asked.reason ?? null, asked.limit + 1, offset],
  )
  return pageOf(
    rows.map((row) => ({ ...row, silentSince: row.silentSince?.toISOString() ?? null })),
    asked.limit,
    offset,
  )
}
