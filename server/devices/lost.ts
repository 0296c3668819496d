import type { Parts } from '../platform/parts.ts'
import type { Lost } from './fold.ts'

/** Frail: of these the silence is looked after sooner. */
export const frail = `(r.line_class = 1 OR r.risks && '{alone,oxygen}' OR r.mobility = 'bedbound')`

/** The order in which the unprotected are looked after; `r` is the resident. */
export const byFrailty = `${frail} DESC, r.line_class, cardinality(r.risks) DESC`

/** What a device hangs on: its gateway (a gateway on itself), else the building of its resident with others of its protocol. */
const foldOf = `CASE WHEN d.kind = 'gateway' THEN 'gateway:' || d.id WHEN d.gateway_id IS NOT NULL THEN 'gateway:' || d.gateway_id
  ELSE 'building:' || h.area_id || ':' || h.address || ':' || h.building || ':' || d.protocol END`

/** The lost of whom nobody has been told, the frailest first. */
export const untoldLost = ({ db }: Pick<Parts, 'db'>): Promise<Lost[]> =>
  db.query<Lost>(
    `WITH untold AS (
       SELECT d.id, d.resident_id, d.silent_since, d.kind, ${foldOf} AS fold, coalesce(r.line_class, 3) AS line_class,
         CASE WHEN d.kind = 'gateway' OR ${frail} THEN 3 ELSE 4 END AS class
       FROM device d LEFT JOIN resident r ON r.id = d.resident_id LEFT JOIN household h ON h.id = r.household_id
       WHERE d.silence = 'lost' AND d.lost_told_at IS NULL
     ), there AS (
       SELECT ${foldOf} AS fold, count(*)::int AS n
       FROM device d LEFT JOIN resident r ON r.id = d.resident_id LEFT JOIN household h ON h.id = r.household_id
       WHERE d.state = 'in-service' AND d.kind <> 'gateway' AND d.type_code IN (SELECT code FROM device_type WHERE heartbeat_s IS NOT NULL)
         AND EXISTS (SELECT 1 FROM untold)
       GROUP BY 1
     )
     SELECT u.id, u.resident_id AS "residentId", u.class, u.fold, coalesce(there.n, 0) AS others, u.silent_since AS "silentSince"
     FROM untold u LEFT JOIN there ON there.fold = u.fold ORDER BY u.class, u.line_class, u.silent_since, u.id`,
  )

/** What is known to be out, by what hangs on it. */
export const openOutages = ({ db }: Pick<Parts, 'db'>) =>
  db.query<{ id: string; fold: string }>('SELECT id, fold FROM outage WHERE restored_at IS NULL')

/** Gateways that are lost themselves or whose line is gone, as what others hang on. */
export const goneGateways = async ({ db }: Pick<Parts, 'db'>): Promise<string[]> =>
  (
    await db.query<{ fold: string }>(
      `SELECT 'gateway:' || d.id AS fold FROM device d WHERE d.kind = 'gateway' AND (d.silence = 'lost'
         OR EXISTS (SELECT 1 FROM device_fault f WHERE f.device_id = d.id AND f.type = 'line' AND f.restored_at IS NULL))`,
    )
  ).map(({ fold }) => fold)

export async function markTold({ db, clock }: Pick<Parts, 'db' | 'clock'>, ids: string[]): Promise<void> {
  await db.query('UPDATE device SET lost_told_at = $2 WHERE id = ANY ($1)', [ids, clock.now()])
}

/** Open, and with these devices on its list. Of one that is open already the incident stays. */
export async function listOutage(
  { db, clock }: Pick<Parts, 'db' | 'clock'>,
  outage: { id: string; fold: string; incidentId: string; deviceId: string },
  ids: string[],
): Promise<void> {
  await db.query(
    `WITH one AS (
       INSERT INTO outage (id, fold, incident_id, device_id, since) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT (fold) WHERE restored_at IS NULL DO UPDATE SET fold = excluded.fold RETURNING id
     ), listed AS (
       INSERT INTO outage_device (outage_id, device_id) SELECT one.id, x FROM one, unnest($6::uuid[]) x ON CONFLICT DO NOTHING
     )
     UPDATE device SET lost_told_at = $5 WHERE id = ANY ($6)`,
    [outage.id, outage.fold, outage.incidentId, outage.deviceId, clock.now(), ids],
  )
}

/** Joins those to an outage that a person knows of. */
export async function joinOutage({ db, clock }: Pick<Parts, 'db' | 'clock'>, id: string, ids: string[]): Promise<void> {
  await db.query(
    `WITH listed AS (INSERT INTO outage_device (outage_id, device_id) SELECT $1, x FROM unnest($3::uuid[]) x ON CONFLICT DO NOTHING)
     UPDATE device SET lost_told_at = $2 WHERE id = ANY ($3)`,
    [id, clock.now(), ids],
  )
}

export type Over = { id: string; deviceId: string; incidentId: string; since: Date; back: number; all: number }

/** Of these so few are silent still that what they hang on is back. */
export const overOutages = ({ db }: Pick<Parts, 'db'>): Promise<Over[]> =>
  db.query<Over>(
    `SELECT o.id, o.device_id AS "deviceId", o.incident_id AS "incidentId", o.since,
       count(*) FILTER (WHERE d.silence IS NULL)::int AS back, count(*)::int AS "all"
     FROM outage o JOIN outage_device l ON l.outage_id = o.id JOIN device d ON d.id = l.device_id
     WHERE o.restored_at IS NULL GROUP BY o.id HAVING count(*) FILTER (WHERE d.silence IS NOT NULL) < 0.4 * count(*)`,
  )

/** It is back. Whoever is silent still is told of alone from now on. */
export async function endOutage({ db, clock }: Pick<Parts, 'db' | 'clock'>, id: string): Promise<void> {
  await db.query(
    `WITH ended AS (UPDATE outage SET restored_at = $2 WHERE id = $1)
     UPDATE device SET lost_told_at = NULL FROM outage_device l WHERE l.outage_id = $1 AND device.id = l.device_id AND device.silence = 'lost'`,
    [id, clock.now()],
  )
}
