import type { AlarmDevice, DeviceNote } from '../contracts/alarms.ts'
import { endFault } from '../devices/faults.ts'
import type { Parts } from '../platform/parts.ts'
import { changeIncident } from './change.ts'

/**
 * A word of a device that is no alarm goes into the timeline of the open matter of its resident: restored, cancelled by hand, a
 * carer is there. A person closes it. The same word again changes nothing; without an open matter it is nobody's. What was broken and
 * is restored is well from then on, and told anew the next time.
 */
export async function noteFromDevice(parts: Parts, device: AlarmDevice, note: DeviceNote): Promise<void> {
  // Said before the fault ends: should this be lost between the two, the device says it again.
  await addNote(parts, device.id, note, `device:${device.id}`)
  if (note.note === 'restored') await endFault(parts, device.id, note.type, note.part)
}

/** As a word of the device, but ours: what supervision has found. */
export const noteOnDevice = (parts: Parts, deviceId: string, note: DeviceNote): Promise<void> =>
  addNote(parts, deviceId, note, 'system')

async function addNote(parts: Parts, deviceId: string, note: DeviceNote, actor: string): Promise<void> {
  const [open] = await parts.db.query<{ id: string }>(
    `SELECT i.id FROM device d JOIN incident i ON i.subject = coalesce('resident:' || d.resident_id, 'device:' || d.id)
     WHERE d.id = $1 AND i.status IN ('waiting', 'triage', 'response')`,
    [deviceId],
  )
  if (!open) return
  await changeIncident(parts, {
    id: open.id,
    decide: async (_incident, tx) => {
      const known = await tx.query(
        `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'device-noted' AND data->>'deviceId' = $2 AND data->>'sequence' = $3 LIMIT 1`,
        [open.id, deviceId, String(note.sequence)],
      )
      if (known.length > 0) return { facts: [] }
      const data = { ...note, deviceId }
      return { facts: [{ at: parts.clock.now(), actor, type: 'device-noted', data }] }
    },
  })
}
