import type { DeviceNote } from '../../server/contracts/alarms.ts'
import type { AlarmType } from '../../server/contracts/vocabulary.ts'

/** What a code of a device says to us. */
export type Meaning =
  /** Somebody is in need, or something is broken. `silent`: do not call back, who forces them may hear it. */
  | { is: 'alarm'; type: AlarmType; silent?: true }
  /** Nobody's need: it goes with the open matter of the device, if there is one. */
  | { is: 'note'; note: DeviceNote['note']; type?: AlarmType }
  /** It is there and well. */
  | { is: 'heard' }

const ofThings: AlarmType[] = ['low-battery', 'mains', 'line', 'fault', 'tamper', 'test']
/** Somebody is to be spoken with: it is not a matter of the device alone. */
export const isSpoken = (type: AlarmType): boolean => !ofThings.includes(type)
