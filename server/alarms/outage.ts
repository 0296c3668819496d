import type { FastifyInstance } from 'fastify'
import { auditLook } from '../access/audit.ts'
import { outageRoutes as api, type OutageRow, type OutageView } from '../contracts/outage.ts'
import { byFrailty } from '../devices/lost.ts'
import { changeIncident } from '../incidents/change.ts'
import { mayOpenFiles } from '../incidents/file-commands.ts'
import { actorOf } from '../incidents/model.ts'
import { load, type Stored } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { offsetOf, pageOf } from '../residents/queries.ts'

type Asked = { todo?: boolean | undefined; cursor?: string | undefined; limit: number }
type Dates = 'silentSince' | 'markedAt'
type Row = Omit<OutageRow, Dates> & Record<Dates, Date | null>
type Counts = Omit<OutageView, 'since' | 'restoredAt' | 'items' | 'next'> & { since: Date; restoredAt: Date | null }

const scope = (caller: Caller) => caller.pathsFor('handle-incident').map((path) => `${path}%`)
const iso = (time: Date | null) => time?.toISOString() ?? null

/** $1 the incident, $2 the areas: one row a resident, however many devices of theirs hang there, and however often it went out. */
const behind = `
  SELECT r.id, a.path LIKE ANY ($2) AS ours, min(d.silent_since) FILTER (WHERE d.silence IS NOT NULL) AS since,
    (array_agg(l.result ORDER BY l.marked_at DESC NULLS LAST))[1] AS result, max(l.marked_at) AS marked_at,
    (array_agg(l.marked_by ORDER BY l.marked_at DESC NULLS LAST))[1] AS marked_by
  FROM outage o JOIN outage_device l ON l.outage_id = o.id JOIN device d ON d.id = l.device_id
  JOIN resident r ON r.id = d.resident_id JOIN area a ON a.id = r.area_id
  WHERE o.incident_id = $1 GROUP BY r.id, a.path`

/** Whose button is dead for now, the frailest first, with who is back, with whom somebody has spoken, and who has called by another way. */
async function readOutage(parts: Parts, caller: Caller, id: string, asked: Asked): Promise<OutageView | Refusal> {
  const incident = await load(parts.db, id)
  if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
  if (!mayOpenFiles(caller, incident, parts.clock.now())) return refuse('not-owner', 'Take the incident first.')
  const offset = offsetOf(asked.cursor)
  const [[counts], rows] = await Promise.all([
    parts.db.query<Counts>(
      `WITH behind AS (${behind})
       SELECT o.since, o.restored AS "restoredAt", (count(b.id) FILTER (WHERE b.ours))::int AS "all",
         (count(b.id) FILTER (WHERE b.ours AND b.since IS NULL))::int AS back,
         (count(b.id) FILTER (WHERE b.ours AND b.result = 'reached'))::int AS reached,
         (count(b.id) FILTER (WHERE b.ours AND b.result = 'not-reached'))::int AS "notReached",
         (count(b.id) FILTER (WHERE NOT b.ours))::int AS elsewhere
       FROM (SELECT min(since) AS since, CASE WHEN bool_and(restored_at IS NOT NULL) THEN max(restored_at) END AS restored
         FROM outage WHERE incident_id = $1 HAVING count(*) > 0) o
       LEFT JOIN behind b ON true GROUP BY o.since, o.restored`,
      [id, scope(caller)],
    ),
    parts.db.query<Row>(
      `WITH behind AS (${behind})
       SELECT r.id AS "residentId", coalesce(nullif(r.name_to_use, ''), r.name) AS name, r.phone, r.area_id AS "areaId",
         concat_ws(' ', h.address, nullif(h.building, ''), nullif(h.entrance, ''), nullif(h.room, '')) AS address,
         r.line_class AS "lineClass", r.risks, b.since AS "silentSince", b.result, b.marked_at AS "markedAt", m.name AS "markedBy", i.open
       FROM behind b JOIN resident r ON r.id = b.id JOIN household h ON h.id = r.household_id LEFT JOIN account m ON m.id = b.marked_by
       LEFT JOIN LATERAL (
         SELECT jsonb_build_object('incidentId', i.id, 'number', i.number, 'kind', i.kind, 'class', i.class, 'status', i.status) AS open
         FROM incident i WHERE i.subject = 'resident:' || r.id AND i.status IN ('waiting', 'triage', 'response')
           -- Told by the device of somebody behind it: what they then press stands in this very incident.
           AND (i.id <> $1 OR i.kind <> 'line') LIMIT 1) i ON true
       WHERE b.ours AND ($3::boolean IS NOT TRUE OR (b.since IS NOT NULL AND b.result IS DISTINCT FROM 'reached'))
       ORDER BY ${byFrailty}, r.name, r.id LIMIT $4 OFFSET $5`,
      [id, scope(caller), asked.todo ?? null, asked.limit + 1, offset],
    ),
  ])
  if (!counts) return refuse('no-outage', 'This incident is not about an outage.')
  await auditLook(parts, { accountId: caller.id, subjectKind: 'incident', subjectId: id })
  const shown = rows.map((row) => ({ ...row, silentSince: iso(row.silentSince), markedAt: iso(row.markedAt) }))
  const { since, restoredAt, ...numbers } = counts
  return { ...numbers, since: since.toISOString(), restoredAt: iso(restoredAt), ...pageOf(shown, asked.limit, offset) }
}

/** Stands in the timeline, and is pushed with it to whoever looks at the list. Said again, the later word stands. */
function mark(
  parts: Parts,
  caller: Caller,
  id: string,
  residentId: string,
  result: 'reached' | 'not-reached',
): Promise<Stored | Refusal> {
  const at = parts.clock.now()
  return changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      if (!mayOpenFiles(caller, incident, parts.clock.now())) return refuse('not-owner', 'Take the incident first.')
      if (incident.status === 'closed') return refuse('closed', 'A closed incident stays closed.')
      const marked = await tx.query(
        `UPDATE outage_device l SET result = $3, marked_at = $4, marked_by = $5
         FROM outage o, device d, resident r, area a
         WHERE o.incident_id = $1 AND l.outage_id = o.id AND d.id = l.device_id AND d.resident_id = $2 AND r.id = $2
           AND a.id = r.area_id AND a.path LIKE ANY ($6) RETURNING 1`,
        [id, residentId, result, at, caller.id, scope(caller)],
      )
      if (marked.length === 0) return refuse('not-found')
      return {
        facts: [{ at, actor: actorOf.operator(caller.id), type: 'resident-checked', data: { residentId, result } }],
      }
    },
  })
}

export function outageRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.outage, async ({ caller, params, query }) => readOutage(parts, caller, params.id, query))
  serve(app, api.markOutage, async ({ caller, params, body }) => {
    const marked = await mark(parts, caller, params.id, params.residentId, body.result)
    return isRefusal(marked) ? marked : rowView(marked)
  })
}
