import { changeIncident } from '../incidents/change.ts'
import { ensureTimer } from '../incidents/jobs.ts'
import { actorOf } from '../incidents/model.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'

const kind = 'check-unit-call'
// So many a sweep: of a lost outbox the rest comes with the next ones.
const rearmedMax = 500

type Awaited = {
  deviceId: string
  incidentId: string | null
  voice: 'calls' | 'asks'
  dueAt: Date
  receivedAt: Date
}

/**
 * The unit of an alarm was told to call, and its time is up: if it has not, whoever has the incident is told to call it. One
 * that asks to be called is told of at once. Judged once for each alarm, whatever came of it.
 */
export async function checkUnitCall(parts: Parts, alarmId: string): Promise<void> {
  const [alarm] = await parts.db.query<Awaited>(
    `SELECT device_id AS "deviceId", incident_id AS "incidentId", voice, voice_due_at AS "dueAt", received_at AS "receivedAt"
     FROM alarm WHERE id = $1 AND voice_due_at IS NOT NULL`,
    [alarmId],
  )
  const now = parts.clock.now()
  if (!alarm?.incidentId) return
  if (alarm.dueAt > now) return parts.db.transaction((tx) => ensureTimer(tx, kind, alarmId, alarm.dueAt))
  await changeIncident(parts, {
    id: alarm.incidentId,
    decide: async ({ status }, tx) => {
      const judged = await tx.query(
        'UPDATE alarm SET voice_due_at = NULL WHERE id = $1 AND voice_due_at IS NOT NULL RETURNING id',
        [alarmId],
      )
      const open = status === 'waiting' || status === 'triage' || status === 'response'
      if (judged.length === 0 || !open || (await isSpokenWith(tx, alarm)) || (await isToldSince(tx, alarm)))
        return { facts: [] }
      const because = alarm.voice === 'asks' ? ('unit-asked' as const) : ('unit-silent' as const)
      const data = { deviceId: alarm.deviceId, alarmId, because }
      return { facts: [{ at: now, actor: actorOf.system, type: 'unit-to-call', data }] }
    },
  })
}

/** A call with the unit itself, whoever placed it: it runs, or came after the alarm. One of ours that nobody answered is none. */
async function isSpokenWith(tx: Tx, { deviceId, incidentId, receivedAt }: Awaited): Promise<boolean> {
  if (await isInCall(tx, deviceId)) return true
  const calls = await tx.query(
    `SELECT 1 FROM call WHERE incident_id = $1 AND device_id = $2 AND medium = 'voice' AND offered_at >= $3
       AND (direction = 'in' OR answered_at IS NOT NULL) LIMIT 1`,
    [incidentId, deviceId, receivedAt],
  )
  return calls.length > 0
}

/** Pressed again meanwhile, and told of the press before: once is enough. */
async function isToldSince(tx: Tx, { incidentId, deviceId, receivedAt }: Awaited): Promise<boolean> {
  const told = await tx.query(
    `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'unit-to-call' AND data->>'deviceId' = $2 AND at >= $3 LIMIT 1`,
    [incidentId, deviceId, receivedAt],
  )
  return told.length > 0
}

/** Those that were not judged yet and lost their timer get it again. */
export async function keepUnitTimers({ db }: Pick<Parts, 'db'>): Promise<void> {
  const lost = await db.query<{ id: string; dueAt: Date }>(
    `SELECT id, voice_due_at AS "dueAt" FROM alarm WHERE voice_due_at IS NOT NULL
       AND NOT EXISTS (SELECT 1 FROM outbox WHERE subject = alarm.id::text AND kind = $1) ORDER BY voice_due_at LIMIT $2`,
    [kind, rearmedMax],
  )
  if (lost.length === 0) return
  await db.transaction(async (tx) => {
    for (const { id, dueAt } of lost) await enqueue(tx, kind, id, dueAt)
  })
}

/** A voice call with this device runs, whoever placed it. */
export async function isInCall(db: Pick<Tx, 'query'>, deviceId: string): Promise<boolean> {
  const calls = await db.query(
    `SELECT 1 FROM call WHERE status <> 'ended' AND device_id = $1 AND medium = 'voice' LIMIT 1`,
    [deviceId],
  )
  return calls.length > 0
}
