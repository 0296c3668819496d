import type { AlarmDevice, AlarmIn, AlarmReceipt } from '../../../server/contracts/alarms.ts'
import { handOver } from '../hand-over.ts'
import { speaksFor } from '../speaks-for.ts'
import { decide } from './decide.ts'
import { decoderOf } from './decoders.ts'
import type { Other, Uplink } from './uplink.ts'

export const protocol = 'lorawan'

/**
 * What a network server told of one device, by its webhook or its broker, committed when it resolves. With a `gateway`, only of
 * devices that report through it. `unreadable`: it is no uplink of this network server; nothing is stored of it.
 */
export async function takeUplink(
  alarms: AlarmIn,
  told: Uplink | Other | undefined,
  gateway?: AlarmDevice,
): Promise<AlarmReceipt | 'heard' | 'stranger' | 'unreadable'> {
  if (!told) return 'unreadable'
  const device = await alarms.device(protocol, told.devEui)
  if (!device || (gateway && !speaksFor(gateway, device))) {
    const said = 'bytes' in told ? told.bytes.toString('hex') : 'join or status'
    const because = device ? 'wrong-secret' : 'unknown-account'
    await alarms.strange({ protocol, account: told.devEui, said, because })
    return 'stranger'
  }
  const said =
    'bytes' in told
      ? decide(told, decoderOf(device.quirks?.['payload']))
      : ({ is: 'heard', battery: told.battery } as const)
  return (await handOver(alarms, device, said)) ?? 'heard'
}
