import type { AlarmType } from '../../../server/contracts/vocabulary.ts'
import type { Meaning } from '../meaning.ts'
import type { ScaipRequest } from './read.ts'

// [alarm-devices.md 1.5 and 1.4, from an open gateway; the standard was not read.] What is not here is an unknown signal.
const urgent = ['0009', '0010', '0011', '0110', '0106', '0107']
const technical: Record<string, AlarmType> = {
  '0014': 'low-battery',
  '0016': 'low-battery',
  '0042': 'fault',
  '0052': 'fault',
  '0063': 'line',
  '0065': 'fault',
  '0066': 'fault',
  '0067': 'fault',
  '0068': 'fault',
  '0085': 'mains',
  '0095': 'line',
  '0122': 'line',
  '0105': 'fault',
  '0123': 'line',
  '0125': 'tamper',
  '0023': 'line',
  '0024': 'line',
  '0025': 'line',
  '0026': 'line',
  '0027': 'line',
}
const restored: Record<string, AlarmType> = {
  '0015': 'low-battery',
  '0048': 'fault',
  '0070': 'fault',
  '0086': 'mains',
  '0091': 'line',
  '0094': 'fault',
  '0112': 'line',
  '0113': 'line',
  '0114': 'line',
  '0115': 'line',
  '0116': 'line',
  '0124': 'line',
}
const notes: Record<string, Extract<Meaning, { is: 'note' }>['note']> = {
  '0019': 'cancelled',
  '0092': 'cancelled',
  '0093': 'cancelled',
  '0002': 'cancelled',
  '0111': 'carer-present',
  '0088': 'carer-present',
}
const heard = ['0102', '0103']
const care = ['0081', '0082', '0083', '0117', '0119', '0120', '0121', '0003', '0100', '0101', '0126', '0046', '0064']
const log =
  /^0(000|001|00[4-8]|012|013|017|018|02[0-2]|02[89]|03\d|04[0135]|044|047|049|05[01]|05[3-9]|06[0-2]|069|07[1-9]|080|084|087|089|090|09[6-9]|104|108|109|118|127)$/

/** An alarm of a smoke detector is smoke, of a fall detector a fall; of anything else somebody has pressed. */
const byDevice: Record<string, AlarmType> = {
  '0005': 'fall',
  '0010': 'inactivity',
  '0030': 'fall',
  '0021': 'gas',
  '0026': 'gas',
  '0023': 'smoke',
  '0025': 'smoke',
  '0047': 'smoke',
  '0033': 'flood',
  '0034': 'flood',
  '0038': 'tamper',
}

/** What a request means. A heartbeat is never an alarm, whatever code stands in it. */
export function scaipMeaning({ mty, dty, stc }: Pick<ScaipRequest, 'mty' | 'dty' | 'stc'>): Meaning {
  if (mty === 'PI') return { is: 'heard' }
  // Without a code it is a manual alarm, as units of several makers send it.
  const code = stc || '0010'
  if (mty === 'RE') return { is: 'note', note: 'cancelled' }
  if (mty === 'IN') return { is: 'note', note: 'information' }
  const fault = technical[code]
  if (fault) return { is: 'alarm', type: fault }
  const over = restored[code]
  if (over) return { is: 'note', note: 'restored', type: over }
  const note = notes[code]
  if (note) return { is: 'note', note }
  if (heard.includes(code)) return { is: 'heard' }
  if (care.includes(code) || log.test(code)) return { is: 'note', note: 'information' }
  return { is: 'alarm', type: urgent.includes(code) ? (byDevice[dty] ?? 'button') : 'unknown' }
}
