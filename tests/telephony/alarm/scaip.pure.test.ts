import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { scaipMeaning } from '../../../telephony/alarm/scaip/codes.ts'
import { decide } from '../../../telephony/alarm/scaip/decide.ts'
import { readScaip, type ScaipRequest } from '../../../telephony/alarm/scaip/read.ts'
import { writeScaip } from '../../../telephony/alarm/scaip/write.ts'

// Of docs/alarm-devices.md 1.8.
const golden = {
  pendant:
    '<mrq><ref>A1B2C3D4</ref><mty>ME</mty><cid>100200300</cid><dty>0003</dty><did>00A1</did><stc>0010</stc><lco>011</lco><crd>sip:</crd></mrq>',
  heartbeat: '<mrq><ref>H000017</ref><mty>PI</mty><cid>100200300</cid><dty>0002</dty></mrq>',
  battery:
    '<mrq><ref>B000018</ref><cid>100200300</cid><dty>0003</dty><did>00A1</did><stc>0016</stc><crd>no-voice:</crd></mrq>',
  callBack:
    '<mrq><ref>C000019</ref><cha>1</cha><cid>100200300</cid><dty>0004</dty><stc>0010</stc><crd>gsm:+4512345678</crd></mrq>',
}
const read = (body: string) => readScaip(body) as ScaipRequest

describe('what a unit says', () => {
  test('a pendant in the bathroom is a press, to be spoken with', () => {
    expect(read(golden.pendant)).toMatchObject({ ref: 'A1B2C3D4', cid: '100200300', stc: '0010', lco: '011' })
    expect(decide(read(golden.pendant))).toMatchObject({
      is: 'alarm',
      voice: true,
      signal: { type: 'button', said: 'SCAIP mty ME dty 0003 stc 0010 lco 011 did 00A1' },
    })
  })
  test('a heartbeat, a weak battery, and a wish to be called back', () => {
    expect(decide(read(golden.heartbeat))).toEqual({ is: 'heard' })
    expect(decide(read(golden.battery))).toMatchObject({ voice: false, signal: { type: 'low-battery' } })
    const back = decide(read(golden.callBack))
    expect(back).toMatchObject({
      voice: false,
      signal: { type: 'button', voice: 'asks', ownNumber: '+4512345678' },
    })
    expect(back.is === 'alarm' && back.signal.said).toContain('cha 1 gsm:+4512345678')
  })
  test('the same reference is the same word, another another', () => {
    const sequence = (body: string) => {
      const said = decide(read(body))
      return said.is === 'alarm' ? said.signal.sequence : undefined
    }
    expect(sequence(golden.pendant)).toBe(sequence(golden.pendant))
    expect(sequence(golden.pendant)).not.toBe(sequence(golden.pendant.replace('A1B2C3D4', 'A1B2C3D5')))
  })
  test('what units in the field really send is taken: any order, short codes, blanks, an empty number, a prolog', () => {
    const odd =
      '<?xml version="1.0"?>\n<mrq><mty>ME</mty><dty>2</dty>\n<cid> 100200300</cid><stc>10</stc><crd>gsm:+</crd><did>00</did><ref>x1</ref></mrq>'
    expect(read(odd)).toMatchObject({ cid: '100200300', dty: '0002', stc: '0010', ref: 'x1' })
    expect(decide(read(odd))).toMatchObject({ is: 'alarm', signal: { type: 'button' } })
  })
  test.each([
    [{ mty: 'PI', stc: '0009' }, { is: 'heard' }],
    [{ stc: '0067' }, { is: 'alarm', type: 'fault' }],
    [{ stc: '' }, { is: 'alarm', type: 'button' }],
    [{ stc: '0019' }, { is: 'note', note: 'cancelled' }],
    [{ stc: '0111' }, { is: 'note', note: 'carer-present' }],
    [{ stc: '0086' }, { is: 'note', note: 'restored', type: 'mains' }],
    [{ stc: '0102' }, { is: 'heard' }],
    [
      { stc: '0010', dty: '0005' },
      { is: 'alarm', type: 'fall' },
    ],
    [
      { stc: '0010', dty: '0023' },
      { is: 'alarm', type: 'smoke' },
    ],
    [{ stc: '0072' }, { is: 'note', note: 'information' }],
    [{ stc: '0999' }, { is: 'alarm', type: 'unknown' }],
    [
      { mty: 'RE', stc: '0010' },
      { is: 'note', note: 'cancelled' },
    ],
  ])('%j means %j', (of, meaning) => {
    expect(scaipMeaning(Object.assign({ mty: 'ME', dty: '0003', stc: '0010' }, of))).toEqual(meaning)
  })
})

describe('what cannot be read', () => {
  test.each([
    ['a truncated document', '<mrq><ref>A1</ref><cid>1', { snu: 2 }],
    [
      'an entity of its own',
      '<!DOCTYPE mrq [<!ENTITY a "b">]><mrq><ref>A1</ref><cid>1</cid><dty>&a;</dty></mrq>',
      { snu: 2 },
    ],
    ['another root', '<scaip><ref>A1</ref></scaip>', { snu: 2 }],
    ['no device type', '<mrq><ref>A1</ref><cid>100200300</cid></mrq>', { snu: 7, ste: 'missing dty', ref: 'A1' }],
    ['no reference', '<mrq><cid>100200300</cid><dty>0003</dty></mrq>', { snu: 7, ste: 'missing ref', ref: '' }],
    ['an unknown kind', '<mrq><ref>A1</ref><mty>XX</mty><cid>1</cid><dty>1</dty></mrq>', { snu: 3 }],
    ['nothing', '', { snu: 2 }],
  ])('%s', (_, body, fault) => {
    expect(readScaip(body)).toMatchObject(fault)
  })
  test('a hundred thousand broken bodies: none brings it down', () => {
    const whole = Object.values(golden)
    let state = 20261125
    const next = (max: number) => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
      return Math.floor((state / 2 ** 32) * max)
    }
    for (let i = 0; i < 100_000; i++) {
      const letters = [...(whole[next(whole.length)] as string)]
      for (let n = 1 + next(4); n > 0; n--) letters[next(letters.length)] = String.fromCharCode(next(256))
      const request = readScaip(letters.join(''))
      if (!('snu' in request)) decide(request)
    }
  }, 60_000)
})

test('an answer is as the protocol has it, and its texts cannot break out of their element', () => {
  expect(writeScaip({ ref: 'A1B2C3D4', snu: 0, voice: { at: 'sip:arc@127.0.0.1' } })).toBe(
    '<mrs><ref>A1B2C3D4</ref><snu>0</snu><mre>1</mre><cre>62</cre><tnu>sip:arc@127.0.0.1</tnu></mrs>',
  )
  expect(writeScaip({ ref: 'H000017', snu: 0 })).toBe('<mrs><ref>H000017</ref><snu>0</snu></mrs>')
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (ste) => {
      expect(writeScaip({ ref: 'A', snu: 3, ste }).match(/<\/ste>/g)?.length ?? 0).toBe(ste === '' ? 0 : 1)
    }),
  )
})
