/**
 * registered: known, not yet at the resident's. activated: installed, its first test awaited. in-service: guards somebody.
 * in-test: its signals are tests until the given time. out-of-service: taken away or broken; a signal is handled all the same.
 */
import type { DeviceState } from '../contracts/vocabulary.ts'

const next: Record<DeviceState, readonly DeviceState[]> = {
  registered: ['activated', 'out-of-service'],
  activated: ['in-service', 'in-test', 'out-of-service'],
  'in-service': ['in-test', 'out-of-service'],
  'in-test': ['in-service', 'out-of-service'],
  'out-of-service': ['in-service', 'in-test', 'registered'],
}

/** A day of work on one home; longer, and somebody forgets that nobody is guarded. */
const testMaxMs = 24 * 3_600_000

export type Step = { to: DeviceState } | { refused: string; detail?: string }

/** May a device go from one state to the other? A test needs an end, so that nobody is left unprotected by a forgotten one. */
export function step(
  from: DeviceState,
  to: DeviceState,
  device: { kind: string; residentId: string | null; testExpiresAt: Date | null; now: Date },
): Step {
  if (to !== 'in-test' && device.testExpiresAt)
    return { refused: 'invalid', detail: 'Only a device in test has an end of test.' }
  if (to === 'in-test' && (!device.testExpiresAt || device.testExpiresAt <= device.now))
    return { refused: 'test-needs-end', detail: 'Say until when the test lasts.' }
  if (to === 'in-test' && device.testExpiresAt && device.testExpiresAt.getTime() - device.now.getTime() > testMaxMs)
    return { refused: 'test-too-long', detail: 'A test lasts at most 24 hours; the resident is unprotected meanwhile.' }
  // A kiosk stands in a hall and is everybody's; so is a gateway.
  const guards = device.kind !== 'kiosk' && device.kind !== 'gateway' && (to === 'in-service' || to === 'activated')
  if (guards && !device.residentId) return { refused: 'no-resident', detail: 'Assign the device to a resident first.' }
  if (from !== to && !next[from].includes(to))
    return { refused: 'no-such-step', detail: `A device that is ${from} cannot become ${to}.` }
  return { to }
}

/**
 * Handed to somebody else it is a new device for them: nobody has tried it there, and what its last owner tried or pressed
 * says nothing. It starts again as installed, whatever state it was saved in. Pure.
 */
export function startsAnew(
  device: { kind: string; residentId: string | null; state: DeviceState },
  before: { residentId: string | null } | null,
): { state: DeviceState } | undefined {
  if (!before || before.residentId === device.residentId) return undefined
  const guards = device.residentId !== null && device.kind !== 'kiosk' && device.kind !== 'gateway'
  const serves = device.state === 'in-service' || device.state === 'in-test'
  return { state: guards && serves ? 'activated' : device.state }
}
