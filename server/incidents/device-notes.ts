import type { AlarmDevice, DeviceNote } from '../contracts/alarms.ts'
import type { Parts } from '../platform/parts.ts'
import { changeIncident } from './change.ts'

/**
 * A word of a device that is no alarm goes into the timeline of the open matter of its resident: restored, cancelled by hand, a
 * carer is there. A person closes it. The same word again changes nothing; without an open matter it is nobody's.
 */
export async function noteFromDevice(parts: Parts, device: AlarmDevice, note: DeviceNote): Promise<void> {
  const [open] = await parts.db.query<{ id: string }>(
    `SELECT i.id FROM device d JOIN incident i ON i.subject = coalesce('resident:' || d.resident_id, 'device:' || d.id)
     WHERE d.id = $1 AND i.status IN ('waiting', 'triage', 'response')`,
    [device.id],
  )
  if (!open) return
  await changeIncident(parts, {
    id: open.id,
    decide: async (_incident, tx) => {
      const known = await tx.query(
        `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'device-noted' AND data->>'deviceId' = $2 AND data->>'sequence' = $3 LIMIT 1`,
        [open.id, device.id, String(note.sequence)],
      )
      if (known.length > 0) return { facts: [] }
      const data = { ...note, deviceId: device.id }
      return { facts: [{ at: parts.clock.now(), actor: `device:${device.id}`, type: 'device-noted', data }] }
    },
  })
}
