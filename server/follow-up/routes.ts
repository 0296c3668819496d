import type { FastifyInstance } from 'fastify'
import { auditList } from '../access/audit.ts'
import { dispatchRoutes as api } from '../contracts/dispatch.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { completeFollowUp, undoFollowUp } from './commands.ts'

type Row = {
  residentId: string
  id: string
  incidentId: string
  incidentNumber: number
  kind: string
  areaId: string
  dueAt: Date
  residentName: string
  contactName: string | null
  phone: string | null
  incidentKind: string
  disposition: string | null
  closedAt: Date | null
  closedByMe: boolean | null
}

export function followUpRoutes(app: FastifyInstance, parts: Parts): void {
  // Whoever works where the resident lives today calls them, wherever they lived when it was promised.
  serve(app, api.followUps, async ({ caller, query }) => {
    const before = Number(query.cursor ?? 0)
    const rows = await parts.db.query<Row>(
      `SELECT f.id, r.id AS "residentId", f.incident_id AS "incidentId", i.number AS "incidentNumber", f.kind, i.area_id AS "areaId", f.due_at AS "dueAt",
         coalesce(nullif(r.name_to_use, ''), r.name) AS "residentName", CASE WHEN f.kind = 'tell-family' THEN untold.phone ELSE r.phone END AS phone, untold.name AS "contactName", i.kind AS "incidentKind", i.disposition, i.closed_at AS "closedAt",
         (SELECT x.actor = 'operator:' || $4 FROM fact x WHERE x.incident_id = i.id AND x.type = 'closed' ORDER BY x.seq DESC LIMIT 1) AS "closedByMe"
       FROM follow_up f JOIN incident i ON i.id = f.incident_id JOIN resident r ON r.id = i.resident_id JOIN area ON area.id = r.area_id
       LEFT JOIN LATERAL (SELECT (array_agg(c.phone ORDER BY x.seq))[1] AS phone,
           CASE WHEN count(*) > 1 THEN string_agg(c.name || ' ' || c.phone, '、' ORDER BY x.seq) ELSE min(c.name) END AS name FROM fact x JOIN contact c ON c.id = (x.data->>'contactId')::uuid
         WHERE f.kind = 'tell-family' AND x.incident_id = i.id AND x.type = 'family-untold') untold ON true
       WHERE f.done_at IS NULL AND area.path LIKE ANY ($1) ORDER BY f.due_at, f.id LIMIT $2 OFFSET $3`,
      [caller.pathsFor('handle-incident').map((path) => `${path}%`), query.limit + 1, before, caller.id],
    )
    // The list names people, so opening it is a look like any other; written before it is shown.
    if (rows.length > 0) {
      const named = { items: rows.slice(0, query.limit).map(({ residentId: id }) => ({ id })) }
      await auditList(parts, { accountId: caller.id, subjectKind: 'follow-up' }, query, named)
    }
    return {
      items: rows.slice(0, query.limit).map(({ residentId: _, ...row }) => ({
        ...row,
        closedByMe: row.closedByMe ?? false,
        dueAt: row.dueAt.toISOString(),
        closedAt: row.closedAt?.toISOString() ?? null,
      })),
      next: rows.length > query.limit ? String(before + query.limit) : null,
    }
  })
  serve(app, api.completeFollowUp, async ({ caller, params, body }) => completeFollowUp(parts, caller, params.id, body))
  serve(app, api.undoFollowUp, async ({ caller, params }) => undoFollowUp(parts, caller, params.id))
}
