import type { AlarmType } from '../../server/contracts/vocabulary.ts'
import type { Meaning } from './meaning.ts'

/**
 * Contact ID events (SIA DC-05), by alarm-devices.md 3.5 from openly published lists; the sold standard was not read. What is not
 * here is an unknown signal and never nothing.
 */
const types: Record<string, AlarmType> = {
  '100': 'button',
  '101': 'button',
  '102': 'inactivity',
  '120': 'button',
  '121': 'button',
  '122': 'button',
  '123': 'button',
  '110': 'smoke',
  '111': 'smoke',
  '112': 'smoke',
  '113': 'flood',
  '114': 'smoke',
  '117': 'smoke',
  '118': 'smoke',
  '137': 'tamper',
  '144': 'tamper',
  '145': 'tamper',
  '383': 'tamper',
  '147': 'line',
  '381': 'line',
  '151': 'gas',
  '162': 'gas',
  '154': 'flood',
  '301': 'mains',
  '302': 'low-battery',
  '309': 'low-battery',
  '311': 'low-battery',
  '384': 'low-battery',
  '344': 'line',
  '350': 'line',
  '351': 'line',
  '352': 'line',
  '353': 'line',
  '354': 'line',
  '355': 'line',
  '356': 'line',
  '300': 'fault',
  '330': 'fault',
  '380': 'fault',
  '641': 'inactivity',
  '662': 'button',
}
/** Whoever forces them may hear the telephone. */
const silent = ['121', '122']
const tests = ['602', '603']
const said: Record<string, Meaning> = {
  '305': { is: 'heard' },
  '406': { is: 'note', note: 'cancelled' },
  '601': { is: 'alarm', type: 'test' },
  '606': { is: 'note', note: 'information' },
  '607': { is: 'alarm', type: 'test' },
  '661': { is: 'note', note: 'carer-present' },
  '663': { is: 'note', note: 'carer-left' },
}

/** `1101 01 015`: qualifier (1 new, 3 restored, 6 still there), event, area, zone; undefined when it is not that. */
export function contactIdMeaning(data: string): Meaning | undefined {
  const [, qualifier, code = ''] = /^([136])([0-9A-F]{3})[ ]?([0-9A-F]{2})[ ]?([0-9A-F]{3})$/.exec(data.trim()) ?? []
  if (!qualifier) return undefined
  if (tests.includes(code)) return { is: 'heard' }
  const known = said[code]
  if (known) return known
  const type = types[code] ?? 'unknown'
  if (qualifier === '3') return { is: 'note', note: 'restored', type }
  return { is: 'alarm', type, ...(silent.includes(code) && { silent: true }) }
}

/** The sum of the digits, 0 counted as 10, is a multiple of 15 [alarm-devices.md 2; DC-05 not read]. */
export function contactIdSum(digits: string): boolean {
  const value = (digit: string) => (digit === '0' ? 10 : Number.parseInt(digit, 16))
  return /^[0-9A-F]{16}$/.test(digits) && [...digits].reduce((sum, digit) => sum + value(digit), 0) % 15 === 0
}
