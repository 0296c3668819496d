import type pg from 'pg'
import type { Taken } from './calling.ts'
import type { Acknowledged } from './pressing.ts'

type Row = { deviceId: string; sequence: number; alarmId: string; incidentId: string | null }

/** What must be true of the rows afterwards, whatever was killed: each fault is one line. */
export async function checkRows(db: pg.Client, acknowledged: Acknowledged[], fromSequence: number): Promise<string[]> {
  return [
    ...(await checkAlarms(db, acknowledged, fromSequence)),
    ...(await checkIncidents(db)),
    ...(await checkTimers(db)).faults,
    ...(await checkChains(db)),
  ]
}

/** Each acknowledged press is there once, with the ids of its receipt. */
async function checkAlarms(db: pg.Client, acknowledged: Acknowledged[], from: number): Promise<string[]> {
  const { rows } = await db.query<Row>(
    `SELECT device_id AS "deviceId", sequence::int AS sequence, id AS "alarmId", incident_id AS "incidentId" FROM alarm WHERE sequence > $1 AND sequence < $1 + 100000`,
    [from],
  )
  const there = new Map<string, Row[]>()
  for (const row of rows) {
    const key = `${row.deviceId}:${row.sequence}`
    there.set(key, [...(there.get(key) ?? []), row])
  }
  const faults: string[] = []
  for (const press of acknowledged) {
    const found = there.get(`${press.deviceId}:${press.sequence}`) ?? []
    if (found.length !== 1) faults.push(`press ${press.alarmId} is there ${found.length} times`)
    else if (found[0]?.alarmId !== press.alarmId || found[0]?.incidentId !== press.incidentId)
      faults.push(`press ${press.alarmId} is stored as ${found[0]?.alarmId}`)
  }
  if (rows.length !== acknowledged.length)
    faults.push(`${rows.length} presses are stored and ${acknowledged.length} were acknowledged`)
  return faults
}

/** Every incident was answered by somebody; none has two ringing offers, and the signals it counts are its alarms. */
async function checkIncidents(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ id: string; fault: string }>(
    `SELECT i.id, 'was never answered' AS fault FROM incident i
       WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.incident_id = i.id AND f.type = 'answered') AND i.status <> 'closed'
     UNION ALL SELECT i.id, 'was closed without an operator' FROM incident i
       WHERE i.status = 'closed' AND NOT EXISTS (SELECT 1 FROM fact f WHERE f.incident_id = i.id AND f.type = 'answered')
     UNION ALL SELECT incident_id, 'rings twice' FROM offer WHERE status = 'ringing' GROUP BY incident_id HAVING count(*) > 1
     UNION ALL SELECT i.id, 'counts other signals than it has' FROM incident i
       WHERE i.signals <> (SELECT count(*) FROM alarm a WHERE a.incident_id = i.id)
         AND NOT EXISTS (SELECT 1 FROM call c WHERE c.incident_id = i.id)
     UNION ALL SELECT o.incident_id, 'was accepted twice' FROM offer o WHERE o.status = 'accepted' GROUP BY o.incident_id
       HAVING count(*) > (SELECT count(*) FROM fact f WHERE f.incident_id = o.incident_id AND f.type = 'answered')`,
  )
  return rows.map(({ id, fault }) => `incident ${id} ${fault}`)
}

/** Each call that was taken is there once, over, and its incident was seen to by somebody. */
export async function checkCalls(db: pg.Client, taken: Taken[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string; number: string; status: string; answered: boolean }>(
    `SELECT c.id, c.number, c.status, EXISTS (SELECT 1 FROM fact f WHERE f.incident_id = c.incident_id AND f.type = 'answered') AS answered
     FROM call c WHERE c.number = ANY ($1)`,
    [taken.map(({ number }) => number)],
  )
  return taken.flatMap(({ callId, number }) => {
    const found = rows.filter((row) => row.number === number)
    if (found.length !== 1 || found[0]?.id !== callId) return [`call ${callId} is there ${found.length} times`]
    if (found[0].status !== 'ended') return [`call ${callId} is still ${found[0].status}`]
    return found[0].answered ? [] : [`nobody saw to call ${callId}`]
  })
}

/** What is open has its timer; `seen` says how many should have one. */
export async function checkTimers(db: pg.Client): Promise<{ seen: number; faults: string[] }> {
  const { rows } = await db.query<{ id: string; kind: string; armed: boolean }>(
    `SELECT owed.id, owed.kind, EXISTS (SELECT 1 FROM outbox o WHERE o.subject = owed.id AND o.kind = owed.kind) AS armed FROM (
       SELECT id::text AS id, 'escalate-incident' AS kind FROM incident WHERE status = 'waiting'
       UNION ALL SELECT id::text, 'check-claim' FROM incident WHERE status IN ('triage', 'response')
       UNION ALL SELECT id::text, 'end-wrap-up' FROM incident WHERE status = 'wrap-up'
       UNION ALL SELECT id::text, 'expire-offer' FROM offer WHERE status = 'ringing') owed`,
  )
  const missing = rows.filter(({ armed }) => !armed)
  return { seen: rows.length, faults: missing.map(({ id, kind }) => `timer ${kind} of ${id} is not armed`) }
}

/** Each fact carries the hash of the one before, and the row the last one. */
async function checkChains(db: pg.Client): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    `SELECT DISTINCT i.id FROM incident i JOIN (
       SELECT incident_id, hash, seq = max(seq) OVER (PARTITION BY incident_id) AS last,
         hash = fact_chain(coalesce(lag(hash) OVER (PARTITION BY incident_id ORDER BY seq), ''), type, fact_digest(at, actor, data)) AS holds
       FROM fact) f ON f.incident_id = i.id WHERE NOT f.holds OR (f.last AND f.hash <> i.head)`,
  )
  return rows.map(({ id }) => `the timeline of incident ${id} is broken`)
}
