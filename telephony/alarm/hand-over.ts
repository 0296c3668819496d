import type {
  AlarmDevice,
  AlarmIn,
  AlarmReceipt,
  DeviceNote,
  DeviceSignal,
  Stamp,
} from '../../server/contracts/alarms.ts'

/** What a protocol has understood of a device that it has made sure of. */
export type Said =
  | { is: 'heard'; battery: number | undefined; stamp?: Stamp }
  | { is: 'alarm'; signal: DeviceSignal }
  | { is: 'note'; note: DeviceNote }

/**
 * Brings it in; resolves when it is committed, with the receipt of an alarm. Rejects when it could not be stored. Whoever overheard
 * a device can say its words again: of those only an alarm is taken whatever its number and stamp, for it may be real.
 */
export async function handOver(alarms: AlarmIn, device: AlarmDevice, said: Said): Promise<AlarmReceipt | undefined> {
  if (said.is === 'heard') {
    alarms.heard(device, { ...(said.battery !== undefined && { battery: said.battery }), stamp: said.stamp })
    return undefined
  }
  if (said.is === 'note') {
    if (await alarms.noted(device, said.note)) alarms.heard(device)
    return undefined
  }
  const { signal } = said
  // A test says that it works, and would say so for one that is broken or taken away.
  if (signal.type === 'test' && signal.stamp && !(await alarms.isOfNow(device, signal.stamp, signal.said)))
    return undefined
  const receipt = await alarms.receive(device, signal)
  if (!receipt.duplicate) alarms.heard(device, { stamp: signal.stamp, anew: true })
  return receipt
}
