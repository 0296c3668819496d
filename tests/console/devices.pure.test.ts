import { expect, test } from 'vitest'
import { enrolment } from '../../console/devices/enrol.ts'
import { journeyOf } from '../../console/devices/journey.ts'
import { quirksText, readQuirks } from '../../console/devices/quirks.ts'
import { daysSince } from '../../console/ui/test-age.tsx'
import { reportsAt } from '../../server/devices/reports-at.ts'

const origin = 'https://yihu.example'
test('the code of a kiosk opens its page with the key; of another device it says what an installer enters', () => {
  const issued = { key: 'a_b-c', server: 'tcp:192.0.2.1:12000' }
  expect(enrolment({ kind: 'kiosk', protocol: 'web', account: 'k1' }, issued, origin)).toBe(`${origin}/kiosk#key=a_b-c`)
  expect(enrolment({ kind: 'bedside', protocol: 'dc09', account: '1234' }, issued, origin)).toBe(
    'protocol: dc09\nserver: tcp:192.0.2.1:12000\naccount: 1234\nkey: a_b-c',
  )
  expect(enrolment({ kind: 'pendant', protocol: 'mqtt', account: 'm1' }, { key: 'x', server: '' }, origin)).toBe(
    'protocol: mqtt\naccount: m1\nkey: x',
  )
})

test('where a device reports is what this centre listens on; what listens everywhere is reached where the pages are', () => {
  const env = {
    publicBaseUrl: origin,
    host: '127.0.0.1',
    port: 3000,
    alarmPorts: {
      dc09: [
        { transport: 'tcp' as const, host: '0.0.0.0', port: 12000 },
        { transport: 'udp' as const, host: '192.0.2.9', port: 12001 },
      ],
      mqtt: [{ transport: 'tcp' as const, host: '192.0.2.9', port: 1883 }],
      coap: [],
    },
    contactIdNumbers: ['+8657188880000'],
    sip: undefined,
  }
  expect(reportsAt(env, 'http')).toBe(origin)
  expect(reportsAt({ ...env, publicBaseUrl: undefined }, 'web')).toBe('http://127.0.0.1:3000')
  expect(reportsAt(env, 'dc09')).toBe('tcp:yihu.example:12000 udp:192.0.2.9:12001')
  expect([reportsAt(env, 'scaip'), reportsAt(env, 'coap')]).toEqual(['', ''])
  expect(reportsAt(env, 'contact-id')).toBe('+8657188880000')
  expect(reportsAt(env, 'mqtt')).toBe('tcp:192.0.2.9:1883')
  expect(reportsAt(env, 'lorawan')).toBe(`${origin}/lorawan/`)
})

const device = {
  state: 'registered' as const,
  firstPressAt: null,
  hasKey: true,
  protocol: 'http' as const,
  residentId: 'r',
  kind: 'pendant' as const,
}
test.each([
  ['without a key', { hasKey: false }, 'registered', 'key'],
  ['a LoRaWAN button, which has none', { hasKey: false, protocol: 'lorawan' as const }, 'registered', 'install'],
  ['of nobody', { residentId: null }, 'registered', 'resident'],
  ['a kiosk, which is everybody’s', { residentId: null, kind: 'kiosk' as const }, 'registered', 'install'],
  ['with key and resident', {}, 'registered', 'install'],
  ['installed', { state: 'activated' as const }, 'installed', 'press'],
  ['pressed', { state: 'activated' as const, firstPressAt: '2026-11-25T10:00:00Z' }, 'pressed', 'confirm'],
])('a new device %s', (_, more, reached, next) => {
  expect(journeyOf({ ...device, ...more })).toEqual({ reached, next })
})
test('a device in service, in test or out of use is on no journey', () => {
  for (const state of ['in-service', 'in-test', 'out-of-service'] as const)
    expect(journeyOf({ ...device, state })).toBe(undefined)
})

test('days since a test are whole days, and none without a test', () => {
  const now = Date.parse('2026-11-25T10:00:00Z')
  expect(daysSince(null, now)).toBe(null)
  expect(daysSince('2026-11-25T10:00:01Z', now)).toBe(0)
  expect(daysSince('2026-11-24T10:00:01Z', now)).toBe(0)
  expect(daysSince('2026-11-24T10:00:00Z', now)).toBe(1)
})

test('quirks are read as they are written, and a line of another form is refused', () => {
  const quirks = { binaryCrc: true, retries: 3, offset: -1.5, name: 'a = b', off: false }
  expect(readQuirks(quirksText(quirks))).toEqual(quirks)
  expect(readQuirks('')).toEqual({})
  expect(readQuirks('retries 3')).toBe(undefined)
  expect(readQuirks(' = 3')).toBe(undefined)
})
