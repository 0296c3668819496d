import type { AlarmDevice, DeviceNote } from '../contracts/alarms.ts'
import { endFault } from '../devices/faults.ts'
import { keepLastWord, lastWordOf } from '../devices/last-word.ts'
import { mayBeNoted, orderOf, type Verdict } from '../devices/order.ts'
import { changeIncident } from '../incidents/change.ts'
import type { Fact } from '../incidents/model.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'

/**
 * A word of a device that is no alarm goes into the timeline of the open matter of its resident: restored, cancelled by hand, a
 * carer is there. A person closes it. The same word again changes nothing; without an open matter it is nobody's. What was broken and
 * is restored is well from then on, and told anew the next time. What the device said before its last word is believed no more:
 * somebody who overheard a cancel would say it into the next emergency.
 */
export async function noteFromDevice(parts: Parts, device: AlarmDevice, note: DeviceNote): Promise<Verdict> {
  // Said before the fault ends: should this be lost between the two, the device says it again.
  const verdict = await addNote(parts, device.id, note, `device:${device.id}`)
  if (verdict === 'believed' && note.note === 'restored') await endFault(parts, device.id, note.type, note.part)
  return verdict
}

/** As a word of the device, but ours: what supervision has found. */
export async function noteOnDevice(parts: Parts, deviceId: string, note: DeviceNote): Promise<void> {
  await addNote(parts, deviceId, note, 'system')
}

async function addNote(parts: Parts, deviceId: string, note: DeviceNote, actor: string): Promise<Verdict> {
  const { stamp = {}, ...said } = note
  const [open] = await parts.db.query<{ id: string }>(
    `SELECT i.id FROM device d JOIN incident i ON i.subject = coalesce('resident:' || d.resident_id, 'device:' || d.id)
     WHERE d.id = $1 AND i.status IN ('waiting', 'triage', 'response')`,
    [deviceId],
  )
  // Counted also while nobody is in need: it is then that somebody overhears it.
  if (!open) return parts.db.transaction((tx) => takeWord(parts, tx, deviceId, said.note, stamp))
  let verdict: Verdict = 'believed'
  await changeIncident(parts, {
    id: open.id,
    decide: async (_incident, tx) => {
      verdict = await takeWord(parts, tx, deviceId, said.note, stamp)
      if (verdict !== 'believed') return { facts: [] }
      const known = await tx.query(
        `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'device-noted' AND data->>'deviceId' = $2 AND data->>'sequence' = $3 LIMIT 1`,
        [open.id, deviceId, String(note.sequence)],
      )
      if (known.length > 0) return { facts: [] }
      const fact: Fact = { at: parts.clock.now(), actor, type: 'device-noted', data: { ...said, deviceId } }
      return { facts: [fact] }
    },
  })
  return verdict
}

/** Is it the word of now? Then it is the last one, in the same transaction. */
async function takeWord(
  { clock }: Parts,
  tx: Tx,
  deviceId: string,
  note: string,
  stamp: NonNullable<DeviceNote['stamp']>,
): Promise<Verdict> {
  if (stamp.number === undefined && stamp.at === undefined) return 'believed'
  const last = await lastWordOf(tx, deviceId, { lock: true })
  if (!last) return 'believed'
  const order = orderOf(last, stamp, clock.now())
  const verdict = mayBeNoted(order, note)
  if (verdict === 'believed' && order.than !== 'older') await keepLastWord(tx, deviceId, stamp)
  return verdict
}
