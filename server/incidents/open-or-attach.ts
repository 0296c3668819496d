import { v7 } from 'uuid'
import type { Language } from '../contracts/vocabulary.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { commitFacts } from './change.ts'
import type { Fact, SignalData } from './model.ts'
import { columns, type Stored } from './store.ts'
import { allowancesSeconds, escalationStepsMs, reopenedWithinMs } from './timers.ts'
import { pushOf, rowView } from './view.ts'

/** About whom it is, and where. */
export type Who = {
  subject: string
  residentId: string | null
  deviceId: string | null
  areaId: string
  areaPath: string
  class: number
  language: Language
  lat: number | null
  lon: number | null
}

/**
 * Opens an incident, or attaches to the open one of the same subject, in one upsert like that of the alarms. With `previousId` it
 * follows from that one, and is nobody's more than others': who had that one is not asked first.
 */
export async function openOrAttach(
  parts: Parts,
  tx: Tx,
  who: Who,
  data: SignalData,
  actor: string,
  previousId: string | null = null,
): Promise<Stored> {
  const now = parts.clock.now()
  const [open] = await tx.query<Stored>(
    `SELECT ${columns} FROM incident WHERE subject = $1 AND status IN ('waiting', 'triage', 'response') FOR UPDATE`,
    [who.subject],
    'open-of-subject',
  )
  const fact: Fact = { at: now, actor, type: 'attached', data }
  if (open) return commitFacts(parts, tx, open, [fact])
  const [opened] = await tx.query<Stored>(
    `WITH said AS (SELECT fact_digest($9, $10, $11::jsonb) AS digest), incident AS (
       INSERT INTO incident (id, status, kind, class, subject, resident_id, device_id, area_id, area_path, language, lat, lon, opened_at,
         queued_at, waiting_since, rank_at, signals, previous_id, sticky_operator_id, file_closed, digest, head)
       SELECT $1, 'waiting', $16, $2, $3, $4, $5, $6, $7, $8, $12, $13, $9, $9, $9, $9::timestamptz + ($14::int[])[$2] * interval '1 second', 1,
         coalesce($17::uuid, before.id), CASE WHEN $17::uuid IS NULL THEN before.owner_id END, coalesce((SELECT NOT active FROM resident WHERE id = $4), false), said.digest, fact_chain('', 'opened', said.digest)
       FROM said LEFT JOIN LATERAL (SELECT p.id, p.owner_id FROM incident p WHERE p.subject = $3 AND p.status IN ('wrap-up', 'closed')
         AND coalesce(p.closed_at, p.resolved_at, p.opened_at) > $15 ORDER BY p.opened_at DESC LIMIT 1) before ON true
       ON CONFLICT (subject) WHERE status IN ('waiting', 'triage', 'response') DO NOTHING RETURNING *
     ), noted AS (
       INSERT INTO fact (incident_id, seq, type, at, actor, data, hash) SELECT id, version, 'opened', $9, $10, $11::jsonb, head FROM incident)
     SELECT ${columns} FROM incident`,
    [
      v7(),
      who.class,
      who.subject,
      who.residentId,
      who.deviceId,
      who.areaId,
      who.areaPath,
      who.language,
      now,
      actor,
      JSON.stringify(data),
      who.lat,
      who.lon,
      allowancesSeconds,
      new Date(now.getTime() - reopenedWithinMs),
      data.kind,
      previousId,
    ],
    'open-incident',
  )
  // Somebody opened it between the two statements: attach to theirs.
  if (!opened) return openOrAttach(parts, tx, who, data, actor, previousId)
  await enqueue(tx, 'route-incident', opened.id, now)
  await enqueue(tx, 'escalate-incident', opened.id, new Date(now.getTime() + (escalationStepsMs[0] ?? 0)))
  tx.afterCommit(() => {
    parts.trace.station(opened.id, { name: data.kind, from: now, to: parts.clock.now(), opens: true })
    parts.realtime.toArea(opened.areaPath, 'incident.changed', pushOf(rowView(opened)))
    parts.outbox.kick()
  })
  return opened
}
