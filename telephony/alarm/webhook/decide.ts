import type { Said } from '../hand-over.ts'
import { numberOf } from '../number-of.ts'
import type { Told, Unread } from './read.ts'

/** What a signal of a platform says; one that cannot be read is an unknown signal of its device. */
export function decide(told: Told | Unread): Said {
  if ('unread' in told) {
    const sequence = numberOf(told.unread)
    return {
      is: 'alarm',
      signal: { sequence, type: 'unknown', said: told.unread.slice(0, 200), warnings: ['field-ignored'] },
    }
  }
  const { account: _, type, ...signal } = told
  const said = `webhook ${type}`
  if (type === 'heartbeat') return { is: 'heard', battery: signal.battery, stamp: signal.stamp }
  if (type === 'cancelled' || type === 'restored' || type === 'carer-present' || type === 'carer-left')
    return { is: 'note', note: { note: type, said, sequence: signal.sequence, stamp: signal.stamp } }
  return { is: 'alarm', signal: { ...signal, type, said, warnings: type === 'unknown' ? ['unknown-type'] : [] } }
}
