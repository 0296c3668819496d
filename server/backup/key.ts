import { makeSeal } from '../platform/seal.ts'
import { StartFault } from '../platform/start-fault.ts'

const shape = /^[0-9a-f]{64}$/

/** Throws one plain sentence when this is not the key with which the backup's centre sealed its fields. */
export function mustBeKey(key: string, keyCheck: string | null): void {
  if (!shape.test(key))
    throw new StartFault(
      'The field key is missing: set FIELD_KEY to the 64 digits of the DATA_DIR/field.key of this centre.',
    )
  if (keyCheck === null) return
  try {
    makeSeal(key).open(Buffer.from(keyCheck, 'hex'))
  } catch {
    throw new StartFault(
      'FIELD_KEY is not the key of this centre: its notes, door codes and recordings could not be read with it. Set the right one.',
    )
  }
}
