import { describe, expect, test } from 'vitest'
import { decide } from '../../../telephony/alarm/lorawan/decide.ts'
import { decoderOf } from '../../../telephony/alarm/lorawan/decoders.ts'
import { readMilesight } from '../../../telephony/alarm/lorawan/payload.ts'
import { readChirpstack, readThings, type Uplink } from '../../../telephony/alarm/lorawan/uplink.ts'

// Of docs/alarm-devices.md 4.1.
const chirpstack = JSON.parse(
  '{"deduplicationId":"3ac7e3c4-4401-4b8d-9386-a5c902f9202d","time":"2026-03-15T08:30:00.120+00:00","deviceInfo":{"applicationId":"a1","deviceName":"flat-0412","devEui":"24e124535c000001","tags":{"site":"S1"}},"devAddr":"00189440","fCnt":17,"fPort":85,"confirmed":true,"data":"AXUK/y4C","rxInfo":[{"gatewayId":"0016c001f153a14c","rssi":-57,"snr":10}]}',
)
const things = JSON.parse(
  '{"end_device_ids":{"device_id":"flat-0412","application_ids":{"application_id":"care"},"dev_eui":"24E124535C000001"},"correlation_ids":["as:up:01X"],"received_at":"2026-03-15T08:30:00.2Z","uplink_message":{"f_port":85,"f_cnt":17,"frm_payload":"/y4C","received_at":"2026-03-15T08:30:00.0Z"}}',
)

describe('a button', () => {
  test.each([
    ['ff2e01', { press: true, battery: undefined, known: true, said: 'short' }],
    ['ff2e02', { press: true, battery: undefined, known: true, said: 'long' }],
    ['01750aff2e02', { press: true, battery: 0.1, known: true, said: 'long' }],
    ['017564', { press: false, battery: 1, known: true, said: '' }],
    ['', { press: false, battery: undefined, known: true, said: '' }],
    // Cut off: still a press.
    ['ff2e', { press: true, battery: undefined, known: true, said: 'press' }],
    ['ffee00', { press: false, battery: undefined, known: false, said: '? ffee00' }],
    ['017564ffee', { press: false, battery: 1, known: false, said: '? ffee' }],
  ])('%s', (hex, payload) => {
    expect(readMilesight(Buffer.from(hex, 'hex'))).toEqual(payload)
  })
})

describe('an uplink', () => {
  test('of ChirpStack and of The Things Stack is a press of the same button', () => {
    const [one, other] = [readChirpstack(chirpstack, 'up'), readThings(things)] as Uplink[]
    expect(one).toMatchObject({ devEui: '24e124535c000001', fCnt: 17, fPort: 85 })
    expect(other).toMatchObject({ devEui: '24e124535c000001', fCnt: 17, fPort: 85 })
    expect(decide(one as Uplink)).toMatchObject({
      is: 'alarm',
      signal: { type: 'button', battery: 0.1, said: 'LoRaWAN 85 long' },
    })
    expect(decide(other as Uplink)).toMatchObject({ is: 'alarm', signal: { type: 'button' } })
  })
  test('counter and port of 0 are left out by The Things Stack, and are 0', () => {
    const { f_cnt: _, f_port: __, ...up } = things.uplink_message
    expect(readThings({ ...things, uplink_message: up })).toMatchObject({ fCnt: 0, fPort: 0 })
  })
  test('told twice it is one press; the next counter, or the same after a join, is another', () => {
    const number = (change: object) => {
      const said = decide(readChirpstack({ ...chirpstack, ...change }, 'up') as Uplink)
      return said.is === 'alarm' ? said.signal.sequence : 0
    }
    expect(number({})).toBe(number({ deduplicationId: 'another' }))
    expect(new Set([number({}), number({ fCnt: 18 }), number({ devAddr: '00189441' })]).size).toBe(3)
  })
  test('battery alone, a status and a join say that it is there; what nobody can read is an unknown signal', () => {
    expect(decide(readChirpstack({ ...chirpstack, data: 'AXVk' }, 'up') as Uplink)).toMatchObject({
      is: 'heard',
      battery: 1,
    })
    expect(readChirpstack({ deviceInfo: { devEui: '24e124535c000001' }, batteryLevel: 88 }, 'status')).toEqual({
      devEui: '24e124535c000001',
      battery: 0.88,
    })
    expect(decide(readChirpstack({ ...chirpstack, data: '/+4A' }, 'up') as Uplink)).toMatchObject({
      is: 'alarm',
      signal: { type: 'unknown', said: 'LoRaWAN 85 ? ffee00' },
    })
  })
  test('a type of device names how its bytes are read; of one that names none, or nonsense, they are Milesight’s', () => {
    const up = readChirpstack({ ...chirpstack, data: 'AXVk' }, 'up') as Uplink
    expect(decide(up, decoderOf('any-uplink'))).toMatchObject({ is: 'alarm', signal: { type: 'button' } })
    for (const name of [undefined, 'milesight', 'nobody', 'constructor', 7])
      expect(decide(up, decoderOf(name))).toMatchObject({ is: 'heard', battery: 1 })
  })
  test.each([[null], [7], [{}], [{ deviceInfo: { devEui: 'x' } }], [{ devEUI: 'JOEkU1wAAAE=', applicationID: '1' }]])(
    '%j is none',
    (body) => {
      expect([readChirpstack(body, 'up'), readThings(body)]).toEqual([undefined, undefined])
    },
  )
})

test('a hundred thousand payloads of any bytes: none brings it down, and none with a press in front is lost', () => {
  let state = 20261125
  const next = (max: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
    return Math.floor((state / 2 ** 32) * max)
  }
  for (let i = 0; i < 100_000; i++) {
    const bytes = Buffer.from(Array.from({ length: next(24) }, () => next(256)))
    readMilesight(bytes)
    expect(readMilesight(Buffer.concat([Buffer.from('ff2e01', 'hex'), bytes])).press).toBe(true)
  }
})
