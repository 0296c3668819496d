import { v7 } from 'uuid'
import type { AlarmType } from '../contracts/vocabulary.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Parts } from '../platform/parts.ts'
import { batteryStep } from './battery.ts'

/** What is broken at a device and stays so until it is well again. */
export const faultTypes: readonly AlarmType[] = ['low-battery', 'mains', 'line', 'fault', 'tamper']

// Whoever closed the matter and forgot it is told again; not sooner, or a panel that repeats itself fills every shift. A battery
// waits for somebody who brings one; a device that is opened again is somebody who does it again.
const againAfterMs = minutes(24 * 60)
const againAfterOf: Partial<Record<AlarmType, number>> = { 'low-battery': minutes(7 * 24 * 60), tamper: minutes(10) }

type Needs = Pick<Parts, 'db' | 'clock'>
type From = { keyHash: Buffer } | { deviceId: string }
/** A signal of a fault as it came, with what is odd about it. */
export type FaultSignal = From & {
  type: AlarmType
  sequence: number
  pressedAt: string | undefined
  receivedAt: Date
  battery: number | undefined
  said: string
  /** Which zone, detector or line of the device it is; empty for the device itself. */
  part: string
  notes: string[]
  /** Since when the same number is the same signal. */
  againAfter: Date
}
export type KnownFault = { alarmId: string; incidentId: string }

/**
 * Is this told already and not over? Then the signal is stored with that matter, and nothing else follows. One that is stored
 * already, or comes from a device in test, is left to the intake.
 */
export async function hearAgain({ db, clock }: Needs, from: FaultSignal): Promise<KnownFault | undefined> {
  const now = clock.now()
  const [known] = await db.query<KnownFault>(
    `WITH known AS (
       SELECT d.id AS device_id, f.id, f.incident_id, coalesce(e.round + 1, 0) AS round
       FROM device d JOIN device_fault f ON f.device_id = d.id AND f.type = $3 AND f.part = $14 AND f.restored_at IS NULL
       LEFT JOIN LATERAL (SELECT * FROM alarm a WHERE a.device_id = d.id AND a.sequence = $4 ORDER BY a.round DESC LIMIT 1) e ON true
       WHERE (d.id = $1 OR d.key_hash = $2) AND NOT (d.state = 'in-test' AND (d.test_expires_at IS NULL OR d.test_expires_at > $5))
         AND NOT coalesce(e.received_at > $6 OR (e.type = $3 AND e.pressed_at = $7), false)
         AND (f.told_at > $8 OR EXISTS (SELECT 1 FROM incident i WHERE i.id = f.incident_id AND i.status IN ('waiting', 'triage', 'response')))
     ), counted AS (
       UPDATE device_fault f SET last_at = $5, count = f.count + 1 FROM known WHERE f.id = known.id
     ), heard AS (
       UPDATE device SET last_heard_at = greatest(last_heard_at, $9), battery = coalesce($10::real, battery),
         battery_at = CASE WHEN $10::real IS NULL THEN battery_at ELSE $9 END
       FROM known WHERE device.id = known.device_id
     )
     INSERT INTO alarm (id, device_id, sequence, round, type, pressed_at, received_at, battery, handling, notes, incident_id, said)
     SELECT $11, device_id, $4, round, $3, $7, $9, $10::real, 'attached', $12, incident_id, $13 FROM known
     RETURNING id AS "alarmId", incident_id AS "incidentId"`,
    [
      'deviceId' in from ? from.deviceId : null,
      'keyHash' in from ? from.keyHash : null,
      from.type,
      from.sequence,
      now,
      from.againAfter,
      from.pressedAt === undefined ? from.receivedAt : new Date(from.pressedAt),
      after(now, -(againAfterOf[from.type] ?? againAfterMs)),
      from.receivedAt,
      from.battery === undefined ? null : Math.fround(from.battery),
      v7(),
      from.notes,
      from.said,
      from.part,
    ],
  )
  return known
}

/** It was told just now, by this signal and in this matter; the same sent again changes nothing, also when it is well since. */
export async function keepFault(
  { db, clock }: Needs,
  fault: { alarmId: string; incidentId: string; type: AlarmType; part: string; again: boolean },
): Promise<void> {
  await db.query(
    `INSERT INTO device_fault (id, device_id, type, part, since, last_at, told_at, alarm_id, incident_id)
     SELECT $1, alarm.device_id, $2, $7, $3, $3, $3, alarm.id, $5 FROM alarm WHERE alarm.id = $4 AND NOT ($6 AND EXISTS (
       SELECT 1 FROM device_fault k WHERE k.device_id = alarm.device_id AND k.type = $2 AND k.part = $7 AND k.last_at >= alarm.received_at))
     ON CONFLICT (device_id, type, part) WHERE restored_at IS NULL DO UPDATE
       SET last_at = $3, told_at = $3, count = device_fault.count + 1, alarm_id = excluded.alarm_id, incident_id = excluded.incident_id`,
    [v7(), fault.type, clock.now(), fault.alarmId, fault.incidentId, fault.again, fault.part],
  )
}

/** It is well again, all of it or this type, all of its parts or this one; the next time is told anew. True when it was not. */
export async function endFault(
  { db, clock }: Needs,
  deviceId: string,
  type?: AlarmType,
  part?: string,
): Promise<boolean> {
  const ended = await db.query(
    `UPDATE device_fault SET restored_at = $3 WHERE device_id = $1 AND ($2::text IS NULL OR type = $2) AND ($4::text IS NULL OR part = $4) AND restored_at IS NULL RETURNING id`,
    [deviceId, type ?? null, clock.now(), part ?? null],
  )
  return ended.length > 0
}

type Battery = { id: string; battery: number; low: number; restored: number; told: boolean; at: Date }

/** Whose battery has crossed a line since it was last looked at. One told by a word of the device ends by a later reading. */
export async function crossedBatteries({ db, clock }: Needs): Promise<{ low: Battery[]; restored: Battery[] }> {
  const rows = await db.query<Battery>(
    `SELECT d.id, d.battery, coalesce(t.battery_low, 0.2::real) AS low, coalesce(t.battery_restored, 0.3::real) AS restored,
       f.id IS NOT NULL AS told, d.battery_at AS at
     FROM device d LEFT JOIN device_type t ON t.code = d.type_code
     LEFT JOIN device_fault f ON f.device_id = d.id AND f.type = 'low-battery' AND f.part = '' AND f.restored_at IS NULL
     WHERE d.battery_at IS NOT NULL AND (d.state = 'in-service' OR (d.state = 'in-test' AND d.test_expires_at <= $1))
       AND CASE WHEN f.id IS NULL THEN d.battery < coalesce(t.battery_low, 0.2::real) ELSE d.battery_at > f.since END
     ORDER BY d.id`,
    [clock.now()],
  )
  const which = (step: 'low' | 'restored') => rows.filter((row) => batteryStep(row.battery, row, row.told) === step)
  return { low: which('low'), restored: which('restored') }
}
