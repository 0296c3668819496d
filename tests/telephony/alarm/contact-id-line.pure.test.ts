import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AlarmDevice, AlarmIn, DeviceNote, DeviceSignal, Stranger } from '../../../server/contracts/alarms.ts'
import { lineMeaning, readLine, writeLine } from '../../../telephony/alarm/contact-id-line/message.ts'
import {
  handshake,
  hearPanel,
  kissoff,
  type PanelLine,
  type Tone,
} from '../../../telephony/alarm/contact-id-line/talk.ts'

// By docs/alarm-devices.md 2; the first is a vendor's sample. The sums were reckoned anew, apart from this code.
const golden = [
  ['1234181131010158', '1234', '1131 01 015'],
  ['1234181101010151', '1234', '1101 01 015'],
  ['5678181602000001', '5678', '1602 00 000'],
  ['4321183384000049', '4321', '3384 00 004'],
] as const

describe('a message as keys', () => {
  test.each(golden)('%s is read, and written the same', (keys, account, data) => {
    expect(readLine(keys)).toEqual({ ok: true, message: { account, data, digits: keys } })
    expect(writeLine({ account, data })).toBe(keys)
  })
  test('a sum of 15 is F, which is the key C; letters stand for the keys beside the digits', () => {
    const keys = writeLine({ account: 'BCDE', data: '1101 01 015' })
    expect(keys.slice(0, 4)).toBe('*#AB')
    expect(readLine(keys)).toMatchObject({ ok: true, message: { account: 'BCDE' } })
    const whole = writeLine({ account: '1234', data: '1101 01 016' })
    expect(whole.at(-1)).toBe('C')
    expect(readLine(whole)).toMatchObject({ ok: true })
  })
  test('one wrong digit, a key that none is, and half a message are not answered', () => {
    expect(readLine('1234181131010157')).toEqual({ ok: false, reason: 'bad-sum' })
    expect(readLine('D234181131010158')).toEqual({ ok: false, reason: 'no-digit' })
    expect(readLine('12341811310101')).toEqual({ ok: false, reason: 'length' })
    expect(readLine('')).toEqual({ ok: false, reason: 'length' })
  })
  test('what came whole and is unknown is an unknown signal: an event, a qualifier, a kind of message', () => {
    const meaning = (data: string, kind = '18') => {
      const read = readLine(writeLine({ account: '1234', data }, kind))
      return read.ok && lineMeaning(read.message)
    }
    for (const data of ['1999 01 015', '7101 01 015']) expect(meaning(data)).toEqual({ is: 'alarm', type: 'unknown' })
    expect(meaning('1101 01 015', '55')).toEqual({ is: 'alarm', type: 'unknown' })
    expect(meaning('1101 01 015', '98')).toEqual({ is: 'alarm', type: 'button' })
  })
  const hex = (length: number) =>
    fc.array(fc.constantFrom(...'0123456789BCDEF'), { minLength: length, maxLength: length }).map((all) => all.join(''))
  test('what is written is read, and any single wrong digit is seen', () => {
    const parts = fc.tuple(hex(4), hex(4), hex(2), hex(3), fc.nat(15), fc.constantFrom(...'0123456789*#ABC'))
    fc.assert(
      fc.property(parts, ([account, event, group, zone, at, other]) => {
        const data = `${event} ${group} ${zone}`
        const keys = writeLine({ account, data })
        expect(readLine(keys)).toMatchObject({ ok: true, message: { account, data } })
        const changed = keys.slice(0, at) + other + keys.slice(at + 1)
        expect(readLine(changed).ok).toBe(changed === keys)
      }),
      { numRuns: 2_000 },
    )
  })
  test('a hundred thousand strings of keys neither throw nor take time', () => {
    const random = lcg(20261128)
    const all = '0123456789*#ABCDx\u0000一'
    const since = performance.now()
    let whole = 0
    for (let n = 0; n < 100_000; n++) {
      const length = n % 3 ? 16 : Math.floor(random() * 40)
      const keys = Array.from({ length }, () => all[Math.floor(random() * (n % 2 ? 15 : all.length))]).join('')
      const read = readLine(keys)
      if (!read.ok) continue
      whole++
      expect(lineMeaning(read.message).is).toMatch(/^(alarm|note|heard)$/)
    }
    expect(whole).toBeGreaterThan(1_000)
    expect(performance.now() - since).toBeLessThan(10_000)
  })
})
function lcg(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

const device: AlarmDevice = {
  id: 'd1',
  protocol: 'contact-id',
  account: '1234',
  kind: 'bedside',
  gatewayId: undefined,
  secret: undefined,
  keyHash: undefined,
}
/** A centre that keeps what it is told, and a panel that presses these, one after the other, each time it may. */
function given(what: { presses: string[]; devices?: Record<string, AlarmDevice>; fails?: number }) {
  const sounded: string[] = []
  const received: DeviceSignal[] = []
  const noted: DeviceNote[] = []
  const strange: Stranger[] = []
  let fails = what.fails ?? 0
  const name = (tones: Tone[]) =>
    tones === handshake ? 'handshake' : tones === kissoff ? `kissoff ${received.length + noted.length}` : 'settle'
  const alarms: AlarmIn = {
    holder: async () => undefined,
    holds: () => false,
    isInCall: async () => false,
    device: async (_, account) => (what.devices ?? { '1234': device })[account],
    async receive(_, signal) {
      if (fails-- > 0) throw new Error('not stored')
      received.push(signal)
      return { alarmId: '', incidentId: null, duplicate: false, notes: [] }
    },
    noted: async (_, note) => noted.push(note) > 0,
    isOfNow: async () => true,
    heard: () => {},
    strange: async (one) => void strange.push(one),
  }
  const presses = [...what.presses]
  let now: (string | undefined)[] = []
  const line: PanelLine = {
    isGone: () => false,
    async sound(tones) {
      sounded.push(name(tones))
    },
    async key() {
      if (now.length === 0) {
        const next = presses.shift() ?? ''
        // After what was wrong they wait for the answer that does not come; too short, that wait was needed to see it.
        const pauses = readLine(next).ok ? 0 : next.length < 16 ? 2 : 1
        now = [...next, ...new Array(pauses).fill(undefined)]
      }
      return now.shift()
    },
  }
  return { line, alarms, sounded, received, noted, strange }
}
const press = writeLine({ account: '1234', data: '1101 01 015' })
const restore = writeLine({ account: '1234', data: '3384 00 004' })

describe('hearing a panel out', () => {
  test('a press is stored, then the panel is told so, then it is spoken with', async () => {
    const panel = given({ presses: [press] })
    expect(await hearPanel(panel.line, '+8619900092081', panel.alarms)).toEqual({ device, voice: true })
    expect(panel.sounded).toEqual(['settle', 'handshake', 'kissoff 1'])
    expect(panel.received).toMatchObject([
      { type: 'button', said: 'CID 1101 01 015', voice: 'calls', ownNumber: '+8619900092081' },
    ])
  })
  test('a bad sum gets no kissoff; said again rightly it does', async () => {
    const panel = given({ presses: [press.replace('1101', '1102'), press] })
    expect((await hearPanel(panel.line, null, panel.alarms)).voice).toBe(true)
    expect(panel.sounded).toEqual(['settle', 'handshake', 'kissoff 1'])
  })
  test('what could not be stored gets no kissoff', async () => {
    const panel = given({ presses: [press, press, press], fails: 2 })
    await hearPanel(panel.line, null, panel.alarms)
    expect([panel.sounded, panel.received.length]).toEqual([['settle', 'handshake', 'kissoff 1'], 1])
  })
  test('two messages of one call; a restore alone is spoken with by nobody', async () => {
    const both = given({ presses: [press, restore] })
    expect((await hearPanel(both.line, null, both.alarms)).voice).toBe(true)
    expect(both.sounded.slice(2)).toEqual(['kissoff 1', 'kissoff 2'])
    const one = given({ presses: [restore] })
    expect((await hearPanel(one.line, null, one.alarms)).voice).toBe(false)
    expect(one.noted).toMatchObject([{ note: 'restored', type: 'low-battery' }])
  })
  test('who is forced is not spoken with', async () => {
    const panel = given({ presses: [writeLine({ account: '1234', data: '1121 01 001' })] })
    expect((await hearPanel(panel.line, null, panel.alarms)).voice).toBe(false)
    expect(panel.received).toMatchObject([{ type: 'button', warnings: ['silent'] }])
  })
  test('the same words have the same number, others another', async () => {
    const panel = given({ presses: [press, press, writeLine({ account: '1234', data: '1101 01 016' })] })
    await hearPanel(panel.line, null, panel.alarms)
    const [a, b, c] = panel.received.map(({ sequence }) => sequence)
    expect(a).toBe(b)
    expect(c).not.toBe(a)
  })
  test('an account that nobody has is shown to a person, and gets no kissoff', async () => {
    const panel = given({ presses: [writeLine({ account: '9999', data: '1101 01 015' })] })
    expect(await hearPanel(panel.line, null, panel.alarms)).toEqual({ device: undefined, voice: false })
    expect(panel.strange).toMatchObject([{ account: '9999', because: 'unknown-account' }])
    expect(panel.sounded).toEqual(['settle', 'handshake'])
  })
  test('a panel that is known by its number is spoken with even when nothing can be read, others are looked at', async () => {
    const known = given({ presses: ['11', '22'], devices: { '+8619900092081': device } })
    expect(await hearPanel(known.line, '+8619900092081', known.alarms)).toEqual({ device, voice: true })
    const silent = given({ presses: [], devices: { '+8619900092081': device } })
    expect((await hearPanel(silent.line, '+8619900092081', silent.alarms)).voice).toBe(true)
    expect(silent.sounded.filter((one) => one === 'handshake')).toHaveLength(4)
    const nobody = given({ presses: ['11', '22'] })
    expect(await hearPanel(nobody.line, '+8619900092082', nobody.alarms)).toEqual({ device: undefined, voice: false })
    expect(nobody.strange).toMatchObject([{ account: '+8619900092082', because: 'unreadable', said: '22' }])
  })
  test('a machine that presses for ever is let go', async () => {
    const noise = given({ presses: new Array(1_000).fill('1') })
    await hearPanel(noise.line, null, noise.alarms)
    const talker = given({ presses: new Array(1_000).fill(press) })
    await hearPanel(talker.line, null, talker.alarms)
    expect(talker.received.length).toBeLessThan(100)
  })
})
