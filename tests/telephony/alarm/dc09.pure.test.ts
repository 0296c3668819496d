import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contactIdMeaning, contactIdSum } from '../../../telephony/alarm/contact-id.ts'
import { decrypt, encrypt } from '../../../telephony/alarm/dc09/crypt.ts'
import { decide } from '../../../telephony/alarm/dc09/decide.ts'
import { readEvent, writeTime } from '../../../telephony/alarm/dc09/event.ts'
import { crc16, type Frame, readFrame, splitFrames, writeFrame } from '../../../telephony/alarm/dc09/frame.ts'
import { siaMeaning } from '../../../telephony/alarm/dc09/sia-codes.ts'

/** What stood between LF and CR of a golden frame. */
const inside = (golden: string) => splitFrames(Buffer.from(golden, 'latin1')).frames[0] as Buffer
const read = (golden: string) => readFrame(inside(golden)) as Frame
const key = '000102030405060708090A0B0C0D0E0F'
const now = new Date('2026-03-15T08:30:05Z')
// Of docs/alarm-devices.md 3.4: made and recomputed apart from this code.
const golden = {
  pendant: '\n21440027"ADM-CID"0001L0#1234[#1234|1101 01 015]\r',
  sia: '\nF6A7002B"SIA-DCS"0002R1L1#12345[#12345|Nri01/MA015]\r',
  poll: '\n11020013"NULL"0003L0#1234[]\r',
  battery: '\n4A61003B"ADM-CID"0010L0#5678[#5678|1384 00 004]_08:29:58,03-15-2026\r',
  encrypted:
    '\nAC7D0076"*ADM-CID"0021L0#5678[21BCBD33275D8A719987FCBE097861557AA3A80C067CF53DF226692D2A0F696F0F4D21D30770B0D9EE7B71CED916CFF6\r',
}

describe('a frame', () => {
  test('the check value of the CRC is that of the books', () => {
    expect(crc16(Buffer.from('123456789'))).toBe(0xbb3d)
  })
  test.each([
    ['pendant', { id: 'ADM-CID', sequence: '0001', receiver: '', line: 'L0', account: '1234' }],
    ['sia', { id: 'SIA-DCS', sequence: '0002', receiver: 'R1', line: 'L1', account: '12345' }],
    ['poll', { id: 'NULL', sequence: '0003', account: '1234', body: ']' }],
    ['encrypted', { id: 'ADM-CID', encrypted: true, account: '5678' }],
  ] as const)('%s is read', (name, wanted) => {
    expect(read(golden[name])).toMatchObject(wanted)
  })
  test.each([
    ['"ACK"0001L0#1234[]', '\n1BC10012"ACK"0001L0#1234[]\r'],
    ['"ACK"0002R1L1#12345[]', '\n61340015"ACK"0002R1L1#12345[]\r'],
    ['"NAK"0000R0L0A0[]_08:30:00,03-15-2026', '\nD02E0025"NAK"0000R0L0A0[]_08:30:00,03-15-2026\r'],
  ])('the answer %s is written as it must be', (text, wanted) => {
    expect(writeFrame(text).toString('latin1')).toBe(wanted)
  })
  test.each([
    ['another CRC', '\n00000027"ADM-CID"0001L0#1234[#1234|1101 01 015]\r', 'crc'],
    ['another length', '\n214400FF"ADM-CID"0001L0#1234[#1234|1101 01 015]\r', 'length'],
    ['no frame at all', 'hello\r', 'syntax'],
    ['nothing', '\n\r\r\r\r\r', 'syntax'],
  ])('%s is broken', (_, text, broken) => {
    const frame = splitFrames(Buffer.from(text, 'latin1')).frames[0] ?? Buffer.alloc(0)
    expect(readFrame(frame)).toEqual({ broken })
  })
  test('a line without its number, or none at all, is seen in the field and read', () => {
    for (const line of ['L', '']) {
      const frame = readFrame(inside(writeFrame(`"NULL"0004${line}#1234[]`).toString('latin1')))
      expect(frame).toMatchObject({ line, account: '1234' })
    }
  })
  test('a binary CRC is read, and written so', () => {
    const bytes = writeFrame('"NULL"0003L0#1234[]', true)
    expect(readFrame(splitFrames(bytes).frames[0] as Buffer)).toMatchObject({ binaryCrc: true, sequence: '0003' })
  })
  test('pieces and several at once come out as whole frames, in order, whatever stands between', () => {
    const bytes = Buffer.from(`${golden.pendant}\0${golden.sia}${golden.poll}`, 'latin1')
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 }), (cuts) => {
        let rest: Buffer = Buffer.alloc(0)
        const frames: Buffer[] = []
        let at = 0
        for (const cut of [...cuts, bytes.length]) {
          const split = splitFrames(Buffer.concat([rest, bytes.subarray(at, at + cut)]))
          frames.push(...split.frames)
          rest = split.rest
          at += cut
        }
        expect(frames.map((frame) => (readFrame(frame) as Frame).sequence)).toEqual(['0001', '0002', '0003'])
      }),
    )
  })
})

describe('encrypted', () => {
  test('the golden frame opens with its key, and no other', () => {
    const { body } = read(golden.encrypted)
    expect(decrypt(body, key)).toBe('#5678|1101 00 007]_08:30:00,03-15-2026')
    for (let i = 0; i < 200; i++) {
      const other = Buffer.from(key, 'hex')
      other[i % 16] = (other[i % 16] as number) ^ (1 + (i >> 4))
      const text = decrypt(body, other.toString('hex'))
      expect(text === undefined || readEvent(text) === undefined).toBe(true)
    }
  })
  test('the golden answer is written', () => {
    const answer = `"*ACK"0021L0#5678[${encrypt(']_08:30:01,03-15-2026', key, () => 'Q')}`
    expect(writeFrame(answer).toString('latin1')).toBe(
      '\n78920052"*ACK"0021L0#5678[D2B09D6370E52379417D739AEC85571AC487241DCF844746E213F839E49FB851\r',
    )
  })
  test('what is encrypted is decrypted, with keys of each length', () => {
    const hex = (bytes: number) =>
      fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((one) => Buffer.from(one).toString('hex'))
    const text = fc.string({ unit: fc.constantFrom(...'#|]_0123456789ABC '), maxLength: 80 })
    fc.assert(
      fc.property(fc.oneof(hex(16), hex(24), hex(32)), text, (one, said) => {
        expect(decrypt(encrypt(said, one), one)).toBe(said)
      }),
    )
  })
})

describe('what it says', () => {
  const eventOf = (frame: Frame) =>
    readEvent(frame.body) ?? { account: '', data: '', at: undefined, position: undefined }
  const said = (text: string, insists = false) => {
    const frame = read(text)
    return decide(frame, eventOf(frame), now, insists)
  }
  test('a pendant is a press; the same frame again is the same press, and another of the same number another', () => {
    const [one, again] = [said(golden.pendant), said(golden.pendant)]
    expect(one).toMatchObject({
      is: 'alarm',
      signal: { type: 'button', said: 'ADM-CID 1101 01 015', sentAgainWithinMs: 600_000 },
    })
    expect(again).toEqual(one)
    const other = said(writeFrame('"ADM-CID"0001L0#1234[#1234|1101 01 016]').toString('latin1'))
    expect(other.is === 'alarm' && one.is === 'alarm' && other.signal.sequence !== one.signal.sequence).toBe(true)
  })
  test('a poll says that it is there; a weak battery is technical, with the time of the panel', () => {
    expect(said(golden.poll)).toMatchObject({ is: 'heard' })
    expect(said(golden.battery)).toMatchObject({
      signal: { type: 'low-battery', pressedAt: '2026-03-15T08:29:58.000Z' },
    })
  })
  test('a clock that is off is told ours; one that knows no better is believed, with a note', () => {
    const late = writeFrame('"ADM-CID"0010L0#5678[#5678|1101 00 004]_06:29:58,03-15-2026').toString('latin1')
    expect(said(late)).toEqual({ is: 'clock-off' })
    expect(said(late, true)).toMatchObject({ is: 'alarm', signal: { type: 'button', warnings: ['clock-adrift'] } })
  })
  test('a code that nobody knows, and a format that nobody knows, are unknown signals', () => {
    for (const text of [
      '"ADM-CID"0010L0#5678[#5678|1999 00 004]',
      '"SIA-DCS"0010L0#5678[#5678|NZZ001]',
      '"ACN-XX"0010L0#5678[#5678|what]',
    ])
      expect(said(writeFrame(text).toString('latin1'))).toMatchObject({ is: 'alarm', signal: { type: 'unknown' } })
  })
  test.each([
    ['1101 01 015', { is: 'alarm', type: 'button' }],
    ['1121 01 015', { is: 'alarm', type: 'button', silent: true }],
    ['3301 00 000', { is: 'note', note: 'restored', type: 'mains' }],
    ['6384 00 004', { is: 'alarm', type: 'low-battery' }],
    ['1406 00 001', { is: 'note', note: 'cancelled' }],
    ['1602 00 000', { is: 'heard' }],
    ['1601 00 000', { is: 'alarm', type: 'test' }],
    ['1999 00 000', { is: 'alarm', type: 'unknown' }],
    ['nonsense', undefined],
  ])('Contact ID %s', (data, meaning) => {
    expect(contactIdMeaning(data)).toEqual(meaning)
  })
  test.each([
    ['Nri01/MA015', { is: 'alarm', type: 'button' }],
    ['Nti08:30/id12/FA003', { is: 'alarm', type: 'smoke' }],
    ['NYR000', { is: 'note', note: 'restored', type: 'low-battery' }],
    ['NHA001', { is: 'alarm', type: 'button', silent: true }],
    ['NRP000', { is: 'heard' }],
    ['NQQ001', { is: 'alarm', type: 'unknown' }],
    ['garbage', undefined],
  ])('SIA %s', (data, meaning) => {
    expect(siaMeaning(data)).toEqual(meaning)
  })
  test('the sum of Contact ID over the line', () => {
    for (const digits of ['1234181101010151', '5678181602000001', '4321183384000049', '1234181131010158'])
      expect([digits, contactIdSum(digits)]).toEqual([digits, true])
    expect(contactIdSum('1234181101010152')).toBe(false)
  })
  test('a time is written as it is read', () => {
    const times = fc.date({ min: new Date('2000-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(times, (at) => {
        at.setUTCMilliseconds(0)
        expect(readEvent(`]${writeTime(at)}`)?.at).toEqual(at)
      }),
    )
    expect(readEvent(']_25:00:00,02-31-2026')).toBeUndefined()
  })
})

test('a hundred thousand broken frames: none brings it down, none is taken for an event that its sum does not cover', () => {
  const whole = Object.values(golden).map((one) => Buffer.from(one, 'latin1'))
  let state = 20261125
  const next = (max: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
  let taken = 0
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(whole[next(whole.length)] as Buffer)
    for (let n = 1 + next(3); n > 0; n--) bytes[1 + next(bytes.length - 2)] = next(256)
    for (const frame of splitFrames(bytes).frames) {
      const read = readFrame(frame)
      if ('broken' in read) continue
      taken++
      const event = readEvent(read.encrypted ? (decrypt(read.body, key) ?? '') : read.body)
      if (event) decide(read, event, now, false)
    }
  }
  // A sum of 16 bits lets one of 65536 through; some changes are none, where a byte became what it was.
  expect(taken).toBeLessThan(2_000)
})
