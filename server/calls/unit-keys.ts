import type { UnitCommand } from '../contracts/calls.ts'
import type { Clearing } from '../contracts/voice.ts'

// Keys of 200 ms, and ten seconds for the unit to end the call itself, as a receiver in the field does it [alarm-devices.md 1.7].
export const unitPressMs = 200
const ownEndMs = 10_000

/** Said to a unit before we hang up: a hang-up alone it takes for a failed call, and calls again [alarm-devices.md 1.7]. */
export const clearDown: Clearing = { keys: '0', pressMs: unitPressMs, waitMs: ownEndMs }

/** What is known of a type of device beside its periods; set by whoever knows the model. */
export type Quirks = Record<string, string | number | boolean>

const volumeKeys = ['1', '3'] as const
// The two open sources disagree which of the keys is louder; this one was met with real units, the other in a gateway's text.
const louderUnlessSaid = '3'

/**
 * The key for a command, SCAIP's own [alarm-devices.md 1.7, from open receivers; the standard was not read]. To listen is the
 * microphone of the unit alone, to speak its speaker alone. A type that is louder by the other key says so (`volumeUp`).
 */
export function keyOf(command: UnitCommand, quirks: Quirks): string {
  const said = quirks['volumeUp']
  const louder = volumeKeys.find((key) => key === String(said)) ?? louderUnlessSaid
  switch (command) {
    case 'duplex':
      return '4'
    case 'listen':
      return '7'
    case 'speak':
      return '8'
    case 'volume-up':
      return louder
    case 'volume-down':
      return louder === '1' ? '3' : '1'
  }
}
