import type { IncidentRow } from '../contracts/incidents.ts'
import type { Alert } from '../contracts/queue.ts'
import { columns, type Stored } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import type { Parts } from '../platform/parts.ts'

/** What needs a team leader now, as a query: it is there however many pushes were lost, and gone when it is dealt with. */
export async function listAlerts(parts: Parts, paths: string[]): Promise<(Alert & { row: IncidentRow })[]> {
  const rows = await parts.db.query<Stored & { alert: Alert['kind']; alertAt: Date }>(
    `SELECT ${columns}, alert.kind AS alert, alert.at AS "alertAt" FROM incident
     CROSS JOIN LATERAL (
       SELECT 'hard-limit' AS kind, queued_at AS at WHERE limit_open
       UNION ALL SELECT 'unanswered', queued_at WHERE status = 'waiting' AND escalation >= 3 AND NOT limit_open
       UNION ALL SELECT 'claim-stale', claim_at WHERE status IN ('triage', 'response') AND claim_stale
       UNION ALL SELECT 'wrap-up-lapsed', closed_at WHERE disposition = 'needs-review' AND closed_at > $2
       UNION ALL SELECT 'promise-late', promise_at WHERE status = 'response' AND promise_at < $3
         AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.incident_id = incident.id AND s.status IN ('on-scene', 'cleared'))
       UNION ALL SELECT 'waves-exhausted', f.at FROM fact f WHERE status = 'response' AND assignments_open = 0 AND f.incident_id = incident.id AND f.type = 'waves-exhausted'
         AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.incident_id = f.incident_id AND g.type = 'wave-sent' AND g.seq > f.seq)
       UNION ALL SELECT 'second-hand-back', f.at FROM fact f WHERE status = 'response' AND f.incident_id = incident.id AND f.type = 'handed-back'
         GROUP BY f.at, f.seq HAVING (SELECT count(*) FROM fact g WHERE g.incident_id = incident.id AND g.type = 'handed-back' AND g.seq <= f.seq) = 2
     ) alert
     WHERE (incident.status <> 'closed' OR incident.closed_at > $2) AND incident.area_path LIKE ANY ($1)
     ORDER BY alert.at DESC LIMIT 200`,
    [paths.map((path) => `${path}%`), new Date(parts.clock.now().getTime() - 86_400_000), parts.clock.now()],
  )
  return rows.map((row) => ({
    id: `${row.alert}:${row.id}`,
    kind: row.alert,
    incidentId: row.id,
    at: row.alertAt.toISOString(),
    row: rowView(row),
  }))
}
