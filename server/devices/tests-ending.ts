import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'

/** Whoever is working on it may want longer, or has forgotten it. */
const warnBeforeMs = minutes(15)
// After that it is a device in service like any other.
const endedShownMs = minutes(60)

/** Marks the tests that end soon or have ended, each once. */
export const tellTests = ({ db, clock }: Pick<Parts, 'db' | 'clock'>) =>
  db.query<{ id: string; areaPath: string; is: 'ending' | 'ended' }>(
    `UPDATE device SET test_told = CASE WHEN test_expires_at <= $1 THEN 'ended' ELSE 'ending' END FROM area a
     WHERE a.id = device.area_id AND device.state = 'in-test' AND test_expires_at <= $2
       AND (test_told IS NULL OR (test_told = 'ending' AND test_expires_at <= $1))
     RETURNING device.id, a.path AS "areaPath", test_told AS is`,
    [clock.now(), after(clock.now(), warnBeforeMs)],
  )

/** For the leaders of these areas: the tests that end soon, and those that have just ended. */
export const endingTests = ({ db, clock }: Pick<Parts, 'db' | 'clock'>, paths: string[]) =>
  db.query<{ id: string; areaId: string; at: Date; over: boolean }>(
    `SELECT d.id, d.area_id AS "areaId", d.test_expires_at AS at, d.test_expires_at <= $1 AS over FROM device d JOIN area a ON a.id = d.area_id
     WHERE d.state = 'in-test' AND d.test_expires_at BETWEEN $2 AND $3 AND a.path LIKE ANY ($4) ORDER BY d.test_expires_at LIMIT 50`,
    [clock.now(), after(clock.now(), -endedShownMs), after(clock.now(), warnBeforeMs), paths.map((path) => `${path}%`)],
  )
