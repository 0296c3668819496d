import { type DeviceNote, ourWords } from '../contracts/alarms.ts'
import { crossedBatteries, endFault, keepFault } from '../devices/faults.ts'
import { tellTests } from '../devices/tests-ending.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { noteOnDevice } from './device-notes.ts'
import type { AlarmIntake } from './open-from-alarm.ts'

// Small, so that a press that meets them at the database waits for one short statement.
const atOnce = 50

/** What supervision sees of devices beside their silence: batteries that cross a line, and tests that come to their end. */
export async function superviseDevices(parts: Parts, intake: AlarmIntake): Promise<void> {
  const { low, restored } = await crossedBatteries(parts)
  for (let i = 0; i < low.length; i += atOnce)
    await Promise.all(low.slice(i, i + atOnce).map((one) => tellLow(parts, intake, one)))
  for (const one of restored) {
    // Its own; that of a detector behind it is another's.
    await endFault(parts, one.id, 'low-battery', '')
    await noteOnDevice(parts, one.id, wellAgain(one))
  }
  for (const told of await tellTests(parts))
    parts.realtime.toSupervisors(told.areaPath, 'alert.raised', {
      id: `test-${told.is}:${told.id}`,
      kind: `test-${told.is}`,
      incidentId: null,
      at: parts.clock.now().toISOString(),
    })
}

type Battery = { id: string; battery: number; at: Date }
const percent = (one: Battery) => ourWords('battery', Math.round(one.battery * 100))
/** Below zero: of ours. A reading is told once. */
const sequenceOf = (one: Battery) => -one.at.getTime()

async function tellLow(parts: Parts, intake: AlarmIntake, one: Battery): Promise<void> {
  const told = await intake.receive({
    deviceId: one.id,
    type: 'low-battery',
    sequence: sequenceOf(one),
    receivedAt: parts.clock.now(),
    class: 4,
    said: percent(one),
  })
  if (isRefusal(told)) throw new Error(told.refused)
  const { alarmId, incidentId, duplicate: again } = told.receipt
  if (incidentId) await keepFault(parts, { alarmId, incidentId, type: 'low-battery', part: '', again })
}

const wellAgain = (one: Battery): DeviceNote => ({
  note: 'restored',
  type: 'low-battery',
  said: percent(one),
  sequence: sequenceOf(one),
})
