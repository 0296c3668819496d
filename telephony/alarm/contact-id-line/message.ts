import { contactIdMeaning, contactIdSum } from '../contact-id.ts'
import type { Meaning } from '../meaning.ts'

/**
 * A Contact ID message as keys on a telephone line: account (4), kind of message (2), qualifier and event (4), group (2), zone (3),
 * sum (1) [alarm-devices.md 2]. The sold text of SIA DC-05 was not read; which key stands for which hex digit is as public receivers
 * weigh them (Asterisk's): `*` is B, `#` C, and the keys A, B and C are D, E and F. The digit A and the key D do not occur.
 */
export const messageKeys = 16
const keys = '0123456789*#ABC'
const digits = '0123456789BCDEF'
/** 98 is written by some panels for the same [alarm-devices.md 2, unverified]. */
const kinds = ['18', '98']

export type LineMessage = {
  account: string
  /** As in DC-09's ADM-CID: `1101 01 015`. */
  data: string
  /** All of it as hex digits: the same again is the same message. */
  digits: string
}
export type LineRead = { ok: true; message: LineMessage } | { ok: false; reason: 'no-digit' | 'length' | 'bad-sum' }

/** Reads what was pressed. What is not whole is not answered, so that the panel says it again. */
export function readLine(pressed: string): LineRead {
  const said = [...pressed].map((key) => digits[keys.indexOf(key)])
  if (said.includes(undefined)) return { ok: false, reason: 'no-digit' }
  if (said.length !== messageKeys) return { ok: false, reason: 'length' }
  const all = said.join('')
  if (!contactIdSum(all)) return { ok: false, reason: 'bad-sum' }
  const data = `${all.slice(6, 10)} ${all.slice(10, 12)} ${all.slice(12, 15)}`
  return { ok: true, message: { account: all.slice(0, 4), data, digits: all } }
}

/** The keys that a panel presses for it; the sum makes the digits a multiple of 15. */
export function writeLine({ account, data }: Pick<LineMessage, 'account' | 'data'>, kind = '18'): string {
  const open = `${account}${kind}${data.replaceAll(' ', '')}`
  const last = [...digits].find((digit) => contactIdSum(open + digit))
  return [...open, last ?? ''].map((digit) => keys[digits.indexOf(digit)] ?? '').join('')
}

/** What it means. A kind or an event that we have no word for, but that came whole, is an unknown signal and never nothing. */
export const lineMeaning = ({ digits: all, data }: LineMessage): Meaning =>
  (kinds.includes(all.slice(4, 6)) ? contactIdMeaning(data) : undefined) ?? { is: 'alarm', type: 'unknown' }
