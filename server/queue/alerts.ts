import { manyLooks } from '../access/many-looks.ts'
import { holdCheckMs } from '../calls/timers.ts'
import type { AlertView } from '../contracts/queue.ts'
import { isTheirs, scopeOf } from '../devices/review-strangers.ts'
import { endingTests } from '../devices/tests-ending.ts'
import { readLedger } from '../incidents/ledger.ts'
import { columns, type Stored } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import { after, minutes } from '../platform/clock.ts'
import { attemptsTold } from '../platform/jobs.ts'
import type { Parts } from '../platform/parts.ts'

const reviewedWithinMs = minutes(24 * 60)
// In a storm each has several; what is cut off is the least grave and the latest.
const alertsMax = 600

/** What needs a team leader now, as a query: it is there however many pushes were lost, and gone when it is dealt with. */
export async function listAlerts(parts: Parts, paths: string[]): Promise<AlertView[]> {
  const found = await Promise.all([
    ofIncidents(parts, paths),
    ofLedger(parts, paths),
    ofJobs(parts),
    ofStrangers(parts, paths),
    ofTests(parts, paths),
    ofLooks(parts, paths),
    ofAudit(parts),
  ])
  return found.flat().sort(graverFirst).slice(0, alertsMax)
}

/** Whom nobody helps first, by class and wait, then what is in hand; about no incident last, the newest first. Pure. */
export function graverFirst(a: AlertView, b: AlertView): number {
  if (!a.row || !b.row) return Number(!a.row) - Number(!b.row) || b.at.localeCompare(a.at)
  return (
    Number(a.row.status !== 'waiting') - Number(b.row.status !== 'waiting') ||
    a.row.class - b.row.class ||
    a.row.queuedAt.localeCompare(b.row.queuedAt) ||
    b.at.localeCompare(a.at)
  )
}

type Row = Stored & { alert: AlertView['kind']; alertAt: Date; phone: string | null }

const escalatedAt = `coalesce((SELECT max(f.at) FROM fact f WHERE f.incident_id = incident.id AND f.type = 'escalated'), waiting_since)`

/** Each kind is found by an index of its own, however many incidents were closed. */
export const incidentAlertsSql = `
  WITH alert AS (
    SELECT id, 'hard-limit' AS kind, ${escalatedAt} AS at, NULL AS phone FROM incident WHERE limit_open
    UNION ALL SELECT id, 'unanswered', ${escalatedAt}, NULL FROM incident WHERE status = 'waiting' AND escalation >= 3 AND NOT limit_open
    UNION ALL SELECT i.id, 'on-call-not-rung', m.created_at, m.phone FROM incident i CROSS JOIN LATERAL (
      SELECT created_at, phone FROM message WHERE about = 'incident:' || i.id AND channel = 'voice' AND status = 'no-carrier'
        AND created_at >= i.waiting_since ORDER BY created_at DESC LIMIT 1) m
      WHERE i.status = 'waiting' AND i.escalation >= 4
    UNION ALL SELECT i.id, 'on-call-not-reached', f.at, a.on_call_phone FROM incident i CROSS JOIN LATERAL (
      SELECT type, at, data FROM fact WHERE incident_id = i.id AND type IN ('asked-by-call', 'asked-unanswered', 'on-call-declined')
        AND data->>'areaId' IS NOT NULL AND at >= i.waiting_since ORDER BY seq DESC LIMIT 1) f JOIN area a ON a.id = (f.data->>'areaId')::uuid
      WHERE i.status = 'waiting' AND i.escalation >= 4 AND i.on_call_at IS NULL AND f.type <> 'asked-by-call'
    UNION ALL SELECT i.id, 'caller-waits', coalesce(c.held_at, c.waiting_since), NULL FROM call c JOIN incident i ON i.id = c.incident_id
      WHERE c.status IN ('queued', 'ringing', 'held') AND coalesce(c.held_at, c.waiting_since) < $4 AND i.status IN ('triage', 'response')
    UNION ALL SELECT i.id, 'nobody-live', f.at, NULL FROM incident i CROSS JOIN LATERAL (
      SELECT f.at FROM fact f WHERE f.incident_id = i.id AND f.type = 'overflowed' AND f.data->>'because' = 'nobody-live'
        AND f.at >= i.waiting_since ORDER BY f.seq DESC LIMIT 1) f WHERE i.status = 'waiting'
    UNION ALL SELECT i.id, 'ambulance-advice', f.at, NULL FROM incident i JOIN fact f ON f.incident_id = i.id AND f.type = 'ladder-ended'
      AND f.data->>'because' = 'advice' WHERE i.status IN ('triage', 'response')
      AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.incident_id = i.id AND g.seq > f.seq AND g.type IN ('call-answered', 'on-scene', 'cleared'))
    UNION ALL SELECT i.id, 'not-satisfied', f.done_at, NULL FROM follow_up f JOIN incident i ON i.id = f.linked_id
      WHERE f.linked_id IS NOT NULL AND i.status <> 'closed'
    UNION ALL SELECT id, 'claim-stale', claim_at, NULL FROM incident WHERE claim_stale AND status IN ('triage', 'response')
    UNION ALL SELECT id, 'wrap-up-lapsed', closed_at, NULL FROM incident WHERE disposition = 'needs-review' AND closed_at > $2
    UNION ALL SELECT id, 'promise-late', promise_at, NULL FROM incident WHERE status IN ('response', 'waiting') AND promise_at < $3
      AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.incident_id = incident.id AND s.status IN ('on-scene', 'cleared'))
    UNION ALL SELECT i.id, 'waves-exhausted', f.at, NULL FROM incident i JOIN fact f ON f.incident_id = i.id AND f.type = 'waves-exhausted'
      WHERE i.status IN ('response', 'waiting') AND i.promise_at IS NOT NULL AND i.assignments_open = 0
      AND NOT EXISTS (SELECT 1 FROM fact g WHERE g.incident_id = f.incident_id AND g.type = 'wave-sent' AND g.seq > f.seq)
    UNION ALL SELECT i.id, 'second-hand-back', back.at, NULL FROM incident i CROSS JOIN LATERAL (
      SELECT f.at FROM fact f WHERE f.incident_id = i.id AND f.type = 'handed-back' ORDER BY f.seq OFFSET 1 LIMIT 1) back
      WHERE i.status IN ('response', 'waiting') AND i.promise_at IS NOT NULL)
  SELECT ${columns}, alert.kind AS alert, alert.at AS "alertAt", alert.phone
  FROM alert JOIN incident ON incident.id = alert.id WHERE incident.area_path LIKE ANY ($1)
  ORDER BY incident.status <> 'waiting', incident.class, incident.queued_at, alert.at DESC LIMIT ${alertsMax}`

async function ofIncidents({ db, clock }: Parts, paths: string[]): Promise<AlertView[]> {
  const now = clock.now()
  const scope = paths.map((path) => `${path}%`)
  const rows = await db.query<Row>(incidentAlertsSql, [
    scope,
    after(now, -reviewedWithinMs),
    now,
    after(now, -holdCheckMs),
  ])
  return rows.map((row) => about(row, row.alert, row.alertAt, row.phone))
}

/** Whoever the ledger has lost; the sweep sets their timers again within seconds, so a standing one is a fault. */
async function ofLedger(parts: Parts, paths: string[]): Promise<AlertView[]> {
  const { breachedIds } = await readLedger(parts, paths)
  if (breachedIds.length === 0) return []
  const rows = await parts.db.query<Stored>(`SELECT ${columns} FROM incident WHERE id = ANY ($1)`, [
    breachedIds.slice(0, alertsMax),
  ])
  return rows.map((row) => about(row, 'ledger-breach', parts.clock.now()))
}

/** Work that fails again and again, by kind; it lies in no area, so every leader sees it. */
async function ofJobs({ db }: Parts): Promise<AlertView[]> {
  const rows = await db.query<{ job: string; count: number; at: Date }>(
    `SELECT kind AS job, count(*)::int AS count, min(due_at) AS at FROM outbox WHERE attempts >= ${attemptsTold} GROUP BY kind`,
  )
  return rows.map(({ at, ...failing }) => ({
    id: `job-failed:${failing.job}`,
    kind: 'job-failed',
    incidentId: null,
    at: at.toISOString(),
    row: null,
    areaId: null,
    phone: null,
    deviceId: null,
    ...failing,
  }))
}

/** Signals of devices that we do not know, as one, until a leader has looked whom they concern. */
async function ofStrangers({ db }: Parts, paths: string[]): Promise<AlertView[]> {
  const [row] = await db.query<{ count: number; at: Date | null }>(
    `SELECT count(*)::int AS count, max(last_at) AS at FROM stranger WHERE reviewed_at IS NULL AND ${isTheirs('$1', '$2')}`,
    scopeOf(paths),
  )
  if (!row?.at) return []
  return [{ id: 'unknown-device', kind: 'unknown-device', at: row.at.toISOString(), count: row.count, ...nowhere }]
}

/** Devices whose test ends soon or has just ended: whoever works on one says whether it shall go on. */
async function ofTests(parts: Parts, paths: string[]): Promise<AlertView[]> {
  const nothing = { incidentId: null, row: null, phone: null, job: null, count: 1 }
  return (await endingTests(parts, paths)).map(({ id, areaId, at, over }) => {
    const kind = over ? 'test-ended' : 'test-ending'
    return { id: `${kind}:${id}`, kind, at: at.toISOString(), areaId, deviceId: id, ...nothing }
  })
}

const nowhere = { incidentId: null, row: null, areaId: null, phone: null, job: null, deviceId: null }

/** Somebody reads through a street: their leader asks why. */
async function ofLooks(parts: Parts, paths: string[]): Promise<AlertView[]> {
  return (await manyLooks(parts, paths)).map(({ accountId, name, people, at, areaId }) => {
    const id = `many-looks:${accountId}`
    return { ...nowhere, id, kind: 'many-looks', at: at.toISOString(), areaId, count: people, accountName: name }
  })
}

/** What was written into the audit is not what stands there: every leader sees it. */
async function ofAudit({ db }: Parts): Promise<AlertView[]> {
  const [row] = await db.query<{ at: Date | null }>('SELECT audit_broken_at AS at FROM system')
  if (!row?.at) return []
  return [{ ...nowhere, id: 'audit-changed', kind: 'audit-changed', at: row.at.toISOString(), count: 1 }]
}

function about(incident: Stored, kind: AlertView['kind'], at: Date, phone: string | null = null): AlertView {
  return {
    id: `${kind}:${incident.id}`,
    kind,
    incidentId: incident.id,
    at: at.toISOString(),
    row: rowView(incident),
    areaId: incident.areaId,
    phone,
    job: null,
    deviceId: null,
    count: 1,
  }
}
