import { v7 } from 'uuid'
import { type DeviceNote, ourWords } from '../contracts/alarms.ts'
import { foldLost, type Lost } from '../devices/fold.ts'
import {
  endOutage,
  goneGateways,
  joinOutage,
  listOutage,
  markTold,
  openOutages,
  overOutages,
  untoldLost,
} from '../devices/lost.ts'
import { heardAgain, markSilent, takeLook, unmark } from '../devices/silence.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal } from '../platform/refusal.ts'
import { noteOnDevice } from './device-notes.ts'
import type { AlarmIntake } from './open-from-alarm.ts'
import { superviseDevices } from './supervise-devices.ts'

// Small, so that a press that meets them at the database waits for one short statement.
const atOnce = 50

/**
 * One look at all devices that promise heartbeats: who is late or lost is marked in one statement, a person is told of the
 * lost through the same intake as of alarms, and of whoever is heard again. Whatever dies in between, the next look goes on:
 * the signal of a silence has a number of its own, and the same again is the same.
 */
export async function supervise(parts: Parts, intake: AlarmIntake): Promise<void> {
  const from = await takeLook(parts)
  if (!from) return
  await welcomeBack(parts)
  await markSilent(parts, from)
  await tellLost(parts, intake)
  await superviseDevices(parts, intake)
}

/** Below zero: no device counts so, and the intake knows by it that the device has not spoken. */
const sequenceOf = (since: Date) => -since.getTime()

async function tell(parts: Parts, intake: AlarmIntake, one: Lost, grade: 3 | 4, said: string): Promise<string | null> {
  const result = await intake.receive({
    deviceId: one.id,
    type: 'line',
    sequence: sequenceOf(one.silentSince),
    receivedAt: parts.clock.now(),
    class: grade,
    said,
  })
  if (isRefusal(result)) throw new Error(result.refused)
  return result.receipt.incidentId
}

async function tellLost(parts: Parts, intake: AlarmIntake): Promise<void> {
  const lost = await untoldLost(parts)
  if (lost.length === 0) return
  const known = new Map((await openOutages(parts)).map((one) => [one.fold, one.id]))
  // A gateway that is gone itself is out for whatever gets lost behind it, one after the other over hours as well.
  const out = new Set([...known.keys(), ...(await goneGateways(parts))])
  const { alone, outages } = foldLost(lost, out, parts.clock.now())
  for (const { fold, devices } of outages) {
    const ids = devices.map((one) => one.id)
    const open = known.get(fold)
    if (open) await joinOutage(parts, open, ids)
    else await tellOutage(parts, intake, fold, devices)
  }
  for (let i = 0; i < alone.length; i += atOnce) {
    const some = alone.slice(i, i + atOnce)
    await Promise.all(some.map((one) => tell(parts, intake, one, one.class, ourWords('no-heartbeat'))))
    await markTold(
      parts,
      some.map((one) => one.id),
    )
  }
}

async function tellOutage(parts: Parts, intake: AlarmIntake, fold: string, devices: Lost[]): Promise<void> {
  const [frailest] = devices as [Lost]
  // Without a gateway in the books it is told by the device of whoever is frailest there.
  const gateway = fold.startsWith('gateway:') ? fold.slice('gateway:'.length) : frailest.id
  const said = ourWords('lost-at-once', devices.length)
  let deviceId = gateway
  let incidentId = await tell(parts, intake, { ...frailest, id: gateway }, 3, said)
  // A gateway in test opens nothing, and its residents are unheard all the same.
  if (!incidentId && gateway !== frailest.id) {
    deviceId = frailest.id
    incidentId = await tell(parts, intake, frailest, 3, said)
  }
  // All of it is in test: the next look asks again.
  if (!incidentId) return
  await listOutage(
    parts,
    { id: v7(), fold, incidentId, deviceId },
    devices.map((one) => one.id),
  )
}

async function welcomeBack(parts: Parts): Promise<void> {
  const back = await heardAgain(parts)
  for (const one of back)
    if (one.told) await noteOnDevice(parts, one.id, restored(one.silentSince, ourWords('heard-again')))
  if (back.length > 0)
    await unmark(
      parts,
      back.map((one) => one.id),
    )
  for (const over of await overOutages(parts)) {
    await noteOnDevice(parts, over.deviceId, restored(over.since, ourWords('heard-again-of', over.back, over.all)))
    await endOutage(parts, over.id)
  }
}

const restored = (since: Date, said: string): DeviceNote => ({
  note: 'restored',
  type: 'line',
  said,
  sequence: sequenceOf(since),
})
