import type { FastifyInstance } from 'fastify'
import { auditList } from '../access/audit.ts'
import { dispatchRoutes as api } from '../contracts/dispatch.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'

type Row = {
  residentId: string
  id: string
  incidentId: string
  incidentNumber: number
  kind: string
  areaId: string
  dueAt: Date
  residentName: string
  phone: string | null
  incidentKind: string
  disposition: string | null
  closedAt: Date | null
}

export function followUpRoutes(app: FastifyInstance, parts: Parts): void {
  // Whoever works where the resident lives today calls them, wherever they lived when it was promised.
  serve(app, api.followUps, async ({ caller, query }) => {
    const before = Number(query.cursor ?? 0)
    const rows = await parts.db.query<Row>(
      `SELECT f.id, r.id AS "residentId", f.incident_id AS "incidentId", i.number AS "incidentNumber", f.kind, i.area_id AS "areaId", f.due_at AS "dueAt",
         coalesce(nullif(r.name_to_use, ''), r.name) AS "residentName", r.phone, i.kind AS "incidentKind", i.disposition, i.closed_at AS "closedAt"
       FROM follow_up f JOIN incident i ON i.id = f.incident_id JOIN resident r ON r.id = i.resident_id
       JOIN area ON area.id = r.area_id
       WHERE f.done_at IS NULL AND area.path LIKE ANY ($1) ORDER BY f.due_at, f.id LIMIT $2 OFFSET $3`,
      [caller.pathsFor('handle-incident').map((path) => `${path}%`), query.limit + 1, before],
    )
    // The list names people, so opening it is a look like any other; written before it is shown.
    if (rows.length > 0) {
      const named = { items: rows.slice(0, query.limit).map(({ residentId: id }) => ({ id })) }
      await auditList(parts, { accountId: caller.id, subjectKind: 'follow-up' }, query, named)
    }
    return {
      items: rows.slice(0, query.limit).map(({ residentId: _, ...row }) => ({
        ...row,
        dueAt: row.dueAt.toISOString(),
        closedAt: row.closedAt?.toISOString() ?? null,
      })),
      next: rows.length > query.limit ? String(before + query.limit) : null,
    }
  })
  serve(app, api.completeFollowUp, async ({ caller, params, body }) => {
    const done = await parts.db.query(
      `UPDATE follow_up f SET done_at = $2, done_by = $3, result = $4, note = $5 FROM incident i JOIN resident r ON r.id = i.resident_id JOIN area ON area.id = r.area_id
       WHERE f.id = $1 AND f.done_at IS NULL AND i.id = f.incident_id AND area.path LIKE ANY ($6) RETURNING f.id`,
      [
        params.id,
        parts.clock.now(),
        caller.id,
        body.result,
        body.note,
        caller.pathsFor('handle-incident').map((path) => `${path}%`),
      ],
    )
    return done.length > 0 ? {} : refuse('not-found', 'It is done already, or not in your area.')
  })
}
