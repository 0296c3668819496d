import type { AlarmView } from '../contracts/alarms.ts'
import type { Board, IncidentDetail, IncidentRow } from '../contracts/incidents.ts'
import { spokenProtocols } from '../contracts/vocabulary.ts'
import { ownNumberSql } from '../devices/own-number.ts'
import type { Parts } from '../platform/parts.ts'
import { columns, type RowStored, rowColumns, type Stored } from './store.ts'
import { rowView } from './view.ts'

const boardMax = 20_000

const scope = (paths: string[]) => paths.map((path) => `${path}%`)

/**
 * Everything open in scope; with `since` of the same epoch, what changed after it, closed ones included so that they leave.
 * The cursor is the oldest transaction still under way when it was given out: whatever commits late has a number at or
 * above it, so nothing is ever missed.
 */
export async function readBoard(
  { db, clock }: Parts,
  paths: string[],
  asked: { epoch?: string | undefined; since?: number | undefined },
): Promise<Board> {
  const [at] = await db.query<{ epoch: string; cursor: number }>(
    'SELECT epoch, pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS cursor FROM system',
  )
  if (!at) throw new Error('the system row is missing')
  const since = asked.epoch === at.epoch ? asked.since : undefined
  const rows = await db.query<RowStored & { xid: number }>(
    since === undefined
      ? `SELECT ${rowColumns} FROM incident WHERE status <> 'closed' AND area_path LIKE ANY ($1) ORDER BY rank_at LIMIT ${boardMax}`
      : `SELECT ${rowColumns}, changed_xid::text::bigint AS xid FROM incident WHERE changed_xid >= $2::text::xid8 AND area_path LIKE ANY ($1)
         ORDER BY changed_xid LIMIT ${boardMax}`,
    since === undefined ? [scope(paths)] : [scope(paths), String(since)],
  )
  // More than one answer holds: the next one goes on where this ends.
  const seq = rows.length < boardMax ? at.cursor : (rows.at(-1)?.xid ?? since ?? at.cursor)
  return { epoch: at.epoch, seq, serverTime: clock.now().toISOString(), items: rows.map(rowView) }
}

export async function listIncidents(
  { db }: Parts,
  paths: string[],
  asked: {
    status?: string | undefined
    residentId?: string | undefined
    ownerId?: string | undefined
    limit: number
    cursor?: string | undefined
  },
): Promise<{ items: IncidentRow[]; next: string | null }> {
  const before = asked.cursor ? Number(asked.cursor) : null
  const rows = await db.query<Stored>(
    `SELECT ${columns} FROM incident WHERE area_path LIKE ANY ($1) AND ($2::text IS NULL OR status = $2) AND ($3::uuid IS NULL OR resident_id = $3)
       AND ($4::uuid IS NULL OR owner_id = $4) AND ($5::bigint IS NULL OR number < $5) ORDER BY number DESC LIMIT $6`,
    [scope(paths), asked.status ?? null, asked.residentId ?? null, asked.ownerId ?? null, before, asked.limit + 1],
  )
  const shown = rows.slice(0, asked.limit)
  return { items: shown.map(rowView), next: rows.length > asked.limit ? String(shown.at(-1)?.number) : null }
}

/** Others that ring from the same home or building: rescuers must not be sent twice, and neighbours may tell more. */
export async function nearbyIncidents(
  { db }: Parts,
  incident: Stored,
  householdId: string | null,
): Promise<IncidentDetail['nearbyIncidents']> {
  if (!householdId) return []
  const rows = await db.query<Stored & { relation: 'same-home' | 'same-building' }>(
    `SELECT ${columns}, CASE WHEN h.id = home.id THEN 'same-home' ELSE 'same-building' END AS relation
     FROM household home JOIN household h ON h.area_id = home.area_id AND h.address = home.address AND h.building = home.building
     JOIN resident r ON r.household_id = h.id JOIN incident ON incident.subject = 'resident:' || r.id
     WHERE home.id = $1 AND incident.id <> $2
       AND (incident.status <> 'closed' OR (h.id = home.id AND incident.opened_at > $3)) ORDER BY incident.opened_at DESC LIMIT 20`,
    [householdId, incident.id, new Date(incident.openedAt.getTime() - 7 * 86_400_000)],
  )
  return rows.map((row) => ({ row: rowView(row), relation: row.relation }))
}

const alarmSql = `SELECT a.id, a.device_id AS "deviceId", a.sequence, a.type, a.pressed_at AS "pressedAt", a.received_at AS "receivedAt", a.battery, a.lat, a.lon,
  a.handling, a.notes, a.said, a.incident_id AS "incidentId", d.kind AS "deviceKind", d.room FROM alarm a JOIN device d ON d.id = a.device_id`
type AlarmRow = Omit<AlarmView, 'pressedAt' | 'receivedAt' | 'position'> & {
  pressedAt: Date
  receivedAt: Date
  lat: number | null
  lon: number | null
  deviceKind: string
  room: string
}

const alarmShown = ({ lat, lon, ...row }: AlarmRow) => ({
  ...row,
  pressedAt: row.pressedAt.toISOString(),
  receivedAt: row.receivedAt.toISOString(),
  position: lat !== null && lon !== null ? { lat, lon } : null,
})

/** The signals of an incident, newest first. */
export async function alarmsOf({ db }: Parts, incidentId: string): Promise<IncidentDetail['alarms']> {
  return (
    await db.query<AlarmRow>(`${alarmSql} WHERE a.incident_id = $1 ORDER BY a.received_at DESC LIMIT 50`, [incidentId])
  ).map(alarmShown)
}

/** Is it about many devices lost at once? */
export const isOutage = async ({ db }: Parts, incidentId: string): Promise<boolean> =>
  (await db.query('SELECT 1 FROM outage WHERE incident_id = $1 LIMIT 1', [incidentId])).length > 0
/** The alarm units of whoever is in need, through which they can be called. */
export function unitsOf({ db }: Parts, { residentId, deviceId, id }: Stored): Promise<IncidentDetail['units']> {
  return db.query(
    `SELECT id AS "deviceId", kind, room, ${ownNumberSql} AS number FROM device
     WHERE revoked_at IS NULL AND protocol = ANY ($1) AND (resident_id = $2 OR id = $3)
     ORDER BY (SELECT max(received_at) FROM alarm a WHERE a.device_id = device.id AND a.incident_id = $4) DESC NULLS LAST, account LIMIT 5`,
    [spokenProtocols, residentId, deviceId, id],
  )
}

/** One signal, test signals included, and whose matter it is; undefined outside of the scope. */
export async function findAlarm(
  { db }: Parts,
  paths: string[],
  id: string,
): Promise<{ alarm: AlarmView; of: { ownerId: string | null; areaPath: string; closedAt: Date | null } } | undefined> {
  const [row] = await db.query<AlarmRow & { ownerId: string | null; areaPath: string; closedAt: Date | null }>(
    `SELECT a.*, coalesce(i.area_path, area.path) AS "areaPath", i.owner_id AS "ownerId", i.closed_at AS "closedAt" FROM (${alarmSql} WHERE a.id = $1) a
     JOIN device d ON d.id = a."deviceId" JOIN area ON area.id = d.area_id LEFT JOIN incident i ON i.id = a."incidentId"
     WHERE coalesce(i.area_path, area.path) LIKE ANY ($2)`,
    [id, scope(paths)],
  )
  if (!row) return undefined
  const { ownerId, areaPath, closedAt, ...alarm } = row
  return { alarm: alarmShown(alarm), of: { ownerId, areaPath, closedAt } }
}
