import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { decide } from '../../../telephony/alarm/json/decide.ts'
import { readWord } from '../../../telephony/alarm/json/read.ts'
import { readTopic } from '../../../telephony/alarm/mqtt/topic.ts'

const say = (word: object | string, quiet = false) => {
  const bytes = Buffer.from(typeof word === 'string' ? word : JSON.stringify(word))
  return decide(bytes, readWord(bytes), { quiet })
}
// Of docs/alarm-devices.md 4.3.
const sos = { v: 1, dev: 'nb-77', seq: 41, t: 'sos', ts: '2026-03-15T08:30:00Z', batt: 73 }

describe('a word of a small device', () => {
  test('a press, a heartbeat', () => {
    expect(say(sos)).toMatchObject({
      is: 'alarm',
      signal: {
        said: 'sos #41 73 %',
        sequence: 41,
        type: 'button',
        pressedAt: '2026-03-15T08:30:00Z',
        battery: 0.73,
        warnings: [],
      },
    })
    expect(say({ ...sos, seq: 42, t: 'hb' })).toMatchObject({ is: 'heard', battery: 0.73 })
  })
  test.each([
    ['fall', 'fall'],
    ['tamper', 'tamper'],
    ['gone', 'line'],
    ['still', 'inactivity'],
    ['batt', 'low-battery'],
  ])('%s is %s', (t, type) => {
    expect(say({ seq: 1, t, batt: 9 })).toMatchObject({ is: 'alarm', signal: { type, battery: 0.09 } })
  })
  test('a battery that is full enough is no alarm', () => {
    expect(say({ seq: 1, t: 'batt', batt: 64 })).toMatchObject({ is: 'heard', battery: 0.64 })
  })
  test.each([
    ['cancel', 'cancelled'],
    ['carer', 'carer-present'],
    ['left', 'carer-left'],
    ['ok', 'restored'],
  ])('%s goes with the open matter as %s', (t, note) => {
    expect(say({ seq: 3, t })).toMatchObject({ is: 'note', note: { note, sequence: 3 } })
  })
  test('a word that nobody knows is an unknown signal, also one that is named like a part of every object', () => {
    for (const t of ['sOs', 'constructor', '__proto__', 'help'])
      expect(say({ seq: 5, t })).toMatchObject({ is: 'alarm', signal: { type: 'unknown', warnings: ['unknown-type'] } })
  })
  test.each(['', '{', 'SOS', '[]', '{"seq":7}', '{"t":7}', 'null', `{"t":"sos","x":"${'x'.repeat(1_100)}"}`])(
    'what cannot be read (%.20s) is an unknown signal, and where only heartbeats are told it is one',
    (text) => {
      expect(say(text)).toMatchObject({ is: 'alarm', signal: { type: 'unknown' } })
      expect(say(text, true)).toEqual({ is: 'heard', battery: undefined })
    },
  )
  test('a wrong clock, a wrong battery and a wrong number do not cost the press', () => {
    expect(say({ t: 'sos', seq: -1, ts: 'yesterday', batt: 900 })).toMatchObject({
      is: 'alarm',
      signal: { type: 'button', pressedAt: undefined, battery: undefined, warnings: ['field-ignored'] },
    })
  })
  test('without a number the same words are one press for a minute, with one for ten', () => {
    const [one, same, other] = [say({ t: 'sos' }), say({ t: 'sos' }), say({ t: 'sos', batt: 7 })]
    expect(one).toEqual(same)
    expect(one).not.toEqual(other)
    expect(one).toMatchObject({ signal: { sentAgainWithinMs: 60_000 } })
    expect(say(sos)).toMatchObject({ signal: { sentAgainWithinMs: 600_000 } })
  })
  test('control characters in what it said do not reach a page', () => {
    expect(say('\u0000\u001b[31m"')).toMatchObject({ signal: { said: '[31m"' } })
  })
})

test.each([
  ['care/s1/nb-77/alarm', { account: 'nb-77', kind: 'alarm' }],
  ['care/s1/nb-77/hb', { account: 'nb-77', kind: 'hb' }],
  ['care/s1/nb-77', undefined],
  ['care/s1/nb-77/alarm/x', undefined],
  ['care/s1/nb-77/cmd', undefined],
  ['care//nb-77/alarm', undefined],
  ['care/s1//alarm', undefined],
  ['Care/s1/nb-77/alarm', undefined],
  [`care/s1/${'x'.repeat(61)}/alarm`, undefined],
])('the topic %s', (topic, wanted) => {
  expect(readTopic(topic)).toEqual(wanted)
})

test('whatever a device may say is understood as it was said', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('sos', 'fall', 'smoke', 'gas'),
      fc.nat(),
      fc.integer({ min: 0, max: 100 }),
      (t, seq, batt) => {
        expect(say({ v: 1, seq, t, batt })).toMatchObject({
          is: 'alarm',
          signal: { sequence: seq, battery: batt / 100 },
        })
      },
    ),
  )
})

test('a hundred thousand bodies of any bytes, and whole ones with a byte changed: none brings it down, none is dropped', () => {
  let state = 20261125
  const next = (max: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
  const whole = Buffer.from(JSON.stringify(sos))
  for (let i = 0; i < 100_000; i++) {
    const bytes = i % 2 ? Buffer.from(whole) : Buffer.from(Array.from({ length: next(60) }, () => next(256)))
    if (bytes.length > 0) bytes[next(bytes.length)] = next(256)
    const said = decide(bytes, readWord(bytes), { quiet: false })
    if (said.is === 'alarm') expect(Number.isSafeInteger(said.signal.sequence)).toBe(true)
  }
})
