import type { Said } from '../hand-over.ts'
import type { Meaning } from '../meaning.ts'
import { numberOf } from '../number-of.ts'
import type { Word } from './read.ts'

/** What `t` means. One that is not here is an unknown signal. */
const meanings: Record<string, Meaning> = {
  sos: { is: 'alarm', type: 'button' },
  fall: { is: 'alarm', type: 'fall' },
  smoke: { is: 'alarm', type: 'smoke' },
  gas: { is: 'alarm', type: 'gas' },
  flood: { is: 'alarm', type: 'flood' },
  still: { is: 'alarm', type: 'inactivity' },
  tamper: { is: 'alarm', type: 'tamper' },
  mains: { is: 'alarm', type: 'mains' },
  /** What a gateway leaves as its Last-Will: its line is gone. */
  gone: { is: 'alarm', type: 'line' },
  test: { is: 'alarm', type: 'test' },
  cancel: { is: 'note', note: 'cancelled' },
  carer: { is: 'note', note: 'carer-present' },
  left: { is: 'note', note: 'carer-left' },
  ok: { is: 'note', note: 'restored' },
  hb: { is: 'heard' },
}
const lowBattery = 0.2
// A broker or a radio tells the same again within minutes. Later the same number with another time, or without one, is a
// counter that began anew; without a number of its own, what is longer ago is another press.
const numberedAgainMs = 10 * 60_000
const unnumberedAgainMs = 60_000

/**
 * What a device has said, by the words it chose. What cannot be read at all is an unknown signal, save where only heartbeats
 * are told (`quiet`): a person may be behind it.
 */
export function decide(bytes: Buffer, word: Word | undefined, { quiet }: { quiet: boolean }): Said {
  if (!word && quiet) return { is: 'heard', battery: undefined }
  const said = word ? wordsOf(word) : readable(bytes)
  const meaning = word ? meaningOf(word) : ({ is: 'alarm', type: 'unknown' } as const)
  const stamp = { number: word?.seq, at: word?.at }
  if (meaning.is === 'heard') return { is: 'heard', battery: word?.battery, stamp }
  const sequence = word?.seq ?? numberOf(bytes)
  if (meaning.is === 'note') return { is: 'note', note: { note: meaning.note, said, sequence, stamp } }
  return {
    is: 'alarm',
    signal: {
      sequence,
      type: meaning.type,
      said,
      stamp,
      pressedAt: word?.at,
      battery: word?.battery,
      position: word?.position,
      warnings: [
        ...(meaning.type === 'unknown' ? (['unknown-type'] as const) : []),
        ...(word?.ignored ? (['field-ignored'] as const) : []),
      ],
      sentAgainWithinMs: word?.seq === undefined ? unnumberedAgainMs : numberedAgainMs,
    },
  }
}

const readable = (bytes: Buffer) =>
  bytes
    .toString('utf8', 0, 200)
    .replace(/[^\P{C}]/gu, ' ')
    .trim()

/** Short, for whoever answers: `sos #41 73 %`. */
const wordsOf = ({ t, seq, battery }: Word): string =>
  [t, seq !== undefined && `#${seq}`, battery !== undefined && `${Math.round(battery * 100)} %`]
    .filter(Boolean)
    .join(' ')

function meaningOf({ t, battery }: Word): Meaning {
  if (t === 'batt')
    return battery === undefined || battery < lowBattery ? { is: 'alarm', type: 'low-battery' } : { is: 'heard' }
  return (Object.hasOwn(meanings, t) && meanings[t]) || { is: 'alarm', type: 'unknown' }
}
