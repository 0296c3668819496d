import type { AlarmDevice, AlarmIn, AlarmReceipt, DeviceNote, DeviceSignal } from '../../server/contracts/alarms.ts'

/** What a protocol has understood of a device that it has made sure of. */
export type Said =
  | { is: 'heard'; battery: number | undefined }
  | { is: 'alarm'; signal: DeviceSignal }
  | { is: 'note'; note: DeviceNote }

/** Brings it in; resolves when it is committed, with the receipt of an alarm. Rejects when it could not be stored. */
export async function handOver(alarms: AlarmIn, device: AlarmDevice, said: Said): Promise<AlarmReceipt | undefined> {
  alarms.heard(device, said.is === 'heard' && said.battery !== undefined ? { battery: said.battery } : {})
  if (said.is === 'alarm') return alarms.receive(device, said.signal)
  if (said.is === 'note') await alarms.noted(device, said.note)
}
