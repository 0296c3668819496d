import type { AlarmType } from '../../../server/contracts/vocabulary.ts'
import type { Meaning } from '../meaning.ts'

/** The two letters of SIA-DCS by alarm-devices.md 3.5, new and restored; what is not here is an unknown signal. */
const types: [AlarmType, string, string][] = [
  ['button', 'MA', 'MH'],
  ['button', 'QA', 'QH'],
  ['button', 'PA', 'PH'],
  ['button', 'HA', 'HH'],
  ['smoke', 'FA', 'FH'],
  ['smoke', 'KA', 'KH'],
  ['flood', 'WA', 'WH'],
  ['gas', 'GA', 'GH'],
  ['tamper', 'TA', 'TR'],
  ['mains', 'AT', 'AR'],
  ['low-battery', 'YT', 'YR'],
  ['low-battery', 'YM', 'YR'],
  ['low-battery', 'XT', 'XR'],
  ['line', 'YC', 'YK'],
  ['line', 'XQ', 'XH'],
  ['line', 'LT', 'LR'],
  ['line', 'BZ', ''],
  ['inactivity', 'NA', 'NS'],
]
const said: Record<string, Meaning> = {
  OC: { is: 'note', note: 'cancelled' },
  RP: { is: 'heard' },
  YW: { is: 'heard' },
  YZ: { is: 'heard' },
  RX: { is: 'alarm', type: 'test' },
}

/** `Nri01/MA015`, with time, user and area before the two letters; undefined when it is not that. */
export function siaMeaning(data: string): Meaning | undefined {
  const [, code = ''] = /^N(?:[a-z]{2}[^/]*\/)*([A-Z]{2})[0-9A-F]*(?:\^|\*|\||$| )?/s.exec(data) ?? []
  if (!code) return undefined
  const known = said[code]
  if (known) return known
  const fresh = types.find(([, one]) => one === code)
  if (fresh) return { is: 'alarm', type: fresh[0], ...(code === 'HA' && { silent: true }) }
  const over = types.find(([, , one]) => one === code)
  return over ? { is: 'note', note: 'restored', type: over[0] } : { is: 'alarm', type: 'unknown' }
}
