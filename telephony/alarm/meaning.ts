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
