import type { CallView, RecordingView } from '../contracts/calls.ts'
import type { Parts } from '../platform/parts.ts'
import type { StoredCall } from './model.ts'
import { callsOf, legsOf } from './store.ts'
import { callView } from './view.ts'

type Row = { id: string; startedAt: Date; durationMs: number; expiresAt: Date | null; deletedAt: Date | null }

/** The recordings of a call, those that were deleted too: that they were there is known. */
export async function recordingsOf({ db }: Pick<Parts, 'db'>, callId: string): Promise<RecordingView[]> {
  const rows = await db.query<Row>(
    `SELECT id, started_at AS "startedAt", duration_ms AS "durationMs", expires_at AS "expiresAt", deleted_at AS "deletedAt"
     FROM recording WHERE call_id = $1 ORDER BY started_at`,
    [callId],
  )
  return rows.map((row) => ({
    ...row,
    startedAt: row.startedAt.toISOString(),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    deletedAt: row.deletedAt?.toISOString() ?? null,
  }))
}

/** A call as its operator sees it. */
export async function viewOf(parts: Parts, call: StoredCall): Promise<CallView> {
  const [legs, recordings, unit] = await Promise.all([
    legsOf(parts.db, call.id),
    recordingsOf(parts, call.id),
    unitOf(parts, call),
  ])
  return callView(call, legs, recordings, unit)
}

/** The alarm unit with which the call is; null for a kiosk or a telephone. */
async function unitOf({ db }: Pick<Parts, 'db'>, { id, incidentId, deviceId }: StoredCall): Promise<CallView['unit']> {
  if (!deviceId) return null
  const [row] = await db.query<NonNullable<CallView['unit']>>(
    `SELECT kind, room, protocol = 'scaip' AS commands, coalesce((SELECT data->>'command' FROM fact WHERE incident_id = $2 AND type = 'unit-commanded'
       AND data->>'callId' = $3 AND data->>'command' IN ('listen', 'speak', 'duplex') ORDER BY seq DESC LIMIT 1), 'duplex') AS way
     FROM device WHERE id = $1 AND kind <> 'kiosk'`,
    [deviceId, incidentId, id],
  )
  return row ?? null
}

export async function viewsOf(parts: Parts, incidentId: string): Promise<CallView[]> {
  return Promise.all((await callsOf(parts.db, incidentId)).map((call) => viewOf(parts, call)))
}

type Found = {
  closedAt: Date | null
  id: string
  durationMs: number
  areaPath: string
  incidentId: string
  operatorId: string | null
  ownerId: string | null
}

/** A finished recording that was not deleted, with the area of its call, who talked in it, and who has its incident in hand. */
export async function findRecording({ db }: Pick<Parts, 'db'>, id: string): Promise<Found | undefined> {
  const [row] = await db.query<Found>(
    `SELECT r.id, r.duration_ms AS "durationMs", c.area_path AS "areaPath", c.incident_id AS "incidentId", c.operator_id AS "operatorId",
       i.owner_id AS "ownerId", i.closed_at AS "closedAt" FROM recording r JOIN call c ON c.id = r.call_id JOIN incident i ON i.id = c.incident_id
     WHERE r.id = $1 AND r.ended_at IS NOT NULL AND r.deleted_at IS NULL`,
    [id],
  )
  return row
}
