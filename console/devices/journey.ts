import type { DeviceView } from '../../server/contracts/devices.ts'
import { keylessProtocols } from '../../server/contracts/vocabulary.ts'

/** From the shelf to guarding somebody; each names what has been reached. */
export const journeySteps = ['registered', 'installed', 'pressed', 'in-service'] as const
export type JourneyStep = (typeof journeySteps)[number]

type Known = Pick<DeviceView, 'state' | 'firstPressAt' | 'hasKey' | 'protocol' | 'residentId' | 'kind'>

/** How far it is, and what comes next; undefined when it is on no journey: in service, in test, or out of use. Pure. */
export function journeyOf(device: Known): { reached: JourneyStep; next: string } | undefined {
  if (device.state === 'registered') {
    if (!device.hasKey && !keylessProtocols.includes(device.protocol)) return { reached: 'registered', next: 'key' }
    const everybodys = device.kind === 'kiosk' || device.kind === 'gateway'
    return { reached: 'registered', next: device.residentId || everybodys ? 'install' : 'resident' }
  }
  if (device.state !== 'activated') return undefined
  return device.firstPressAt ? { reached: 'pressed', next: 'confirm' } : { reached: 'installed', next: 'press' }
}
