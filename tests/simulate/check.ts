import { columns, type Stored } from '../../server/incidents/store.ts'
import { timersOf } from '../../server/incidents/timers.ts'
import { after } from '../../server/platform/clock.ts'
import type { Db } from '../../server/platform/db.ts'
import type { Acknowledged, Notes } from './notes.ts'

// What is due is done before the clock goes on; a timer that stands longer than this was forgotten.
const overdueMs = 30_000

/**
 * Holds the database to what people saw and to what the product promises; each fault is one line. Everything is read again
 * from the rows: nothing is taken from the product's own counts.
 */
export async function checkCentre(db: Db, notes: Notes, now: Date): Promise<string[]> {
  const found = await Promise.all([
    checkAlarms(db, [...notes.acknowledged.values()]),
    checkAnswered(db),
    checkTimers(db, now),
    checkHands(db),
    checkChains(db),
  ])
  const breached =
    notes.breaches > 0 ? [`the ledger was broken ${notes.breaches} times: ${[...notes.breachedIds].join(', ')}`] : []
  return [...notes.faults, ...breached, ...found.flat()]
}

/** Every acknowledged alarm is there exactly once, with the ids of its receipt; and none that nobody was told of. */
async function checkAlarms(db: Db, acknowledged: Acknowledged[]): Promise<string[]> {
  const rows = await db.query<Acknowledged>(
    `SELECT id AS "alarmId", device_id AS "deviceId", sequence, type, incident_id AS "incidentId" FROM alarm`,
  )
  const byPress = new Map<string, Acknowledged[]>()
  for (const row of rows) {
    const key = `${row.deviceId}:${row.sequence}`
    byPress.set(key, [...(byPress.get(key) ?? []), row])
  }
  const faults: string[] = []
  for (const alarm of acknowledged) {
    const key = `${alarm.deviceId}:${alarm.sequence}`
    const there = byPress.get(key) ?? []
    byPress.delete(key)
    if (there.length !== 1) faults.push(`acknowledged alarm ${alarm.alarmId} is there ${there.length} times`)
    const [one] = there
    if (one && (one.alarmId !== alarm.alarmId || one.incidentId !== alarm.incidentId || one.type !== alarm.type))
      faults.push(
        `acknowledged alarm ${alarm.alarmId} (incident ${alarm.incidentId}) is stored as another: ${one.alarmId}`,
      )
  }
  for (const [one] of byPress.values()) if (one) faults.push(`alarm ${one.alarmId} is stored and nobody was told`)
  const orphans = await db.query<{ id: string }>(
    `SELECT a.id FROM alarm a LEFT JOIN incident i ON i.id = a.incident_id WHERE a.handling <> 'test' AND i.id IS NULL`,
  )
  return [...faults, ...orphans.map(({ id }) => `alarm ${id} has no incident`)]
}

/** Whoever is owed an operator had one, or still waits with a running escalation. */
async function checkAnswered(db: Db): Promise<string[]> {
  const rows = await db.query<{ id: string; status: string }>(
    `SELECT i.id, i.status FROM incident i
     WHERE NOT EXISTS (SELECT 1 FROM fact f WHERE f.incident_id = i.id AND f.type = 'answered')
       AND NOT (i.status = 'waiting' AND EXISTS (SELECT 1 FROM outbox o WHERE o.subject = i.id::text AND o.kind = 'escalate-incident'))`,
  )
  return rows.map(({ id, status }) => `incident ${id} (${status}) never reached an operator`)
}

/** Every open incident, ringing offer, asked helper and running promise has its timer; and none is overdue. */
async function checkTimers(db: Db, now: Date): Promise<string[]> {
  const timers = await db.query<{ kind: string; subject: string }>('SELECT kind, subject FROM outbox')
  const armed = new Set(timers.map(({ kind, subject }) => `${kind}:${subject}`))
  const open = await db.query<Stored>(`SELECT ${columns} FROM incident WHERE status <> 'closed'`)
  const owed = open.flatMap((incident) => timersOf(incident, now).map(({ kind }) => ({ kind, subject: incident.id })))
  const others = await db.query<{ kind: string; subject: string }>(
    `SELECT 'expire-offer' AS kind, id::text AS subject FROM offer WHERE status = 'ringing'
     UNION SELECT 'next-wave', incident_id::text FROM assignment WHERE status = 'requested'
     UNION SELECT 'check-promise', i.id::text FROM incident i WHERE i.status IN ('response', 'waiting') AND i.promise_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM assignment s WHERE s.incident_id = i.id AND s.status IN ('on-scene', 'cleared'))`,
  )
  const missing = [...owed, ...others]
    .filter(({ kind, subject }) => !armed.has(`${kind}:${subject}`))
    .map(({ kind, subject }) => `timer ${kind} of ${subject} is not armed`)
  const late = await db.query<{ kind: string; subject: string }>('SELECT kind, subject FROM outbox WHERE due_at < $1', [
    after(now, -overdueMs),
  ])
  return [...missing, ...late.map(({ kind, subject }) => `timer ${kind} of ${subject} is overdue`)]
}

/** Nobody is booked twice: what a responder's row says is what they are out for; and an accepted offer has one who took it. */
async function checkHands(db: Db): Promise<string[]> {
  const wrong = await db.query<{ id: string }>(
    `SELECT r.id FROM responder r LEFT JOIN assignment s ON s.responder_id = r.id AND s.status IN ('accepted', 'en-route', 'on-scene')
     GROUP BY r.id HAVING r.open_assignments <> count(s.id) OR count(s.id) > r.max_open`,
  )
  const rings = await db.query<{ id: string }>(
    `SELECT o.id FROM offer o JOIN incident i ON i.id = o.incident_id WHERE o.status = 'ringing' AND i.status <> 'waiting'
     UNION ALL SELECT id FROM offer WHERE status = 'accepted' AND accepted_by IS NULL`,
  )
  return [
    ...wrong.map(({ id }) => `responder ${id} is booked otherwise than they are out`),
    ...rings.map(({ id }) => `offer ${id} does not fit its incident`),
  ]
}

/** Each fact is chained to the one before, and the row holds the last hash. */
async function checkChains(db: Db): Promise<string[]> {
  const broken = await db.query<{ id: string }>(
    `SELECT DISTINCT i.id FROM incident i JOIN (
       SELECT incident_id, hash, seq, row_number() OVER (PARTITION BY incident_id ORDER BY seq DESC) = 1 AS last,
         hash = fact_chain(coalesce(lag(hash) OVER (PARTITION BY incident_id ORDER BY seq), ''), type, fact_digest(at, actor, data)) AS holds
       FROM fact) f ON f.incident_id = i.id WHERE NOT f.holds OR (f.last AND f.hash <> i.head)`,
  )
  return broken.map(({ id }) => `the timeline of incident ${id} is not intact`)
}
