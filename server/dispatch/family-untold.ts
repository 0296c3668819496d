import { v7 } from 'uuid'
import { commitFacts } from '../incidents/change.ts'
import { actorOf } from '../incidents/model.ts'
import { lock } from '../incidents/store.ts'
import type { Parts } from '../platform/parts.ts'

/** It did not arrive: an operator rings them, and the list of promised calls holds it until they have. Twice is once. */
export async function noteFamilyUntold(
  parts: Parts,
  incidentId: string,
  contactId: string,
  because: 'failed' | 'no-carrier' = 'failed',
): Promise<void> {
  const at = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    const incident = await lock(tx, incidentId)
    if (!incident) return
    const known = await tx.query(
      `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'family-untold' AND data->>'contactId' = $2 LIMIT 1`,
      [incidentId, contactId],
    )
    if (known.length > 0) return
    await tx.query(
      `INSERT INTO follow_up (id, incident_id, kind, due_at) VALUES ($1, $2, 'tell-family', $3) ON CONFLICT (incident_id, kind)
       DO UPDATE SET done_at = NULL, done_by = NULL, result = NULL, due_at = excluded.due_at WHERE follow_up.done_at IS NOT NULL`,
      [v7(), incidentId, at],
    )
    await commitFacts(parts, tx, incident, [
      { at, actor: actorOf.system, type: 'family-untold', data: { contactId, because } },
    ])
  })
}
