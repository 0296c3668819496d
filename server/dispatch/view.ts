import type { AssignmentView } from '../contracts/incidents.ts'
import type { Db } from '../platform/db.ts'
import type { Assignment } from './model.ts'
import { assignmentColumns } from './store.ts'

type Shown = Assignment & {
  tellWhere: boolean
  responderName: string
  responderKind: string
  providerName: string | null
  phone: string
}
const iso = (time: Date | null) => time?.toISOString() ?? null

/** Done when somebody has spoken with them since, or when they are there by other means. */
const tellWhere = `(s.tell_where AND s.status = 'accepted' AND NOT EXISTS (
  SELECT 1 FROM call c JOIN call_leg leg ON leg.call_id = c.id WHERE c.incident_id = s.incident_id AND leg.address->>'phone' = r.phone
    AND leg.up_at > s.accepted_at AND c.operator_id IS NOT NULL))`

/** The incident's assignments with who they are of, newest first. */
export async function assignmentViews(
  db: Pick<Db, 'query'>,
  where: { incidentId: string } | { id: string },
): Promise<AssignmentView[]> {
  const [column, value] = 'id' in where ? ['s.id', where.id] : ['s.incident_id', where.incidentId]
  const rows = await db.query<Shown>(
    `SELECT ${assignmentColumns}, r.name AS "responderName", r.kind AS "responderKind", p.name AS "providerName", r.phone,
       ${tellWhere} AS "tellWhere"
     FROM assignment s JOIN responder r ON r.id = s.responder_id LEFT JOIN provider p ON p.id = r.provider_id
     WHERE ${column} = $1 ORDER BY s.requested_at DESC, s.id`,
    [value],
  )
  return rows.map(({ seq: _, ...row }) => ({
    ...row,
    requestedAt: row.requestedAt.toISOString(),
    expiresAt: row.expiresAt.toISOString(),
    acceptedAt: iso(row.acceptedAt),
    enRouteAt: iso(row.enRouteAt),
    onSceneAt: iso(row.onSceneAt),
    endedAt: iso(row.endedAt),
    promiseAt: row.promiseAt.toISOString(),
    undeliveredAt: iso(row.undeliveredAt),
  }))
}
