import { expect, test } from 'vitest'
import { isDomestic } from '../../../server/platform/phone.ts'
import type { Flow } from '../../../telephony/sip/transports/flow.ts'
import { ownAddress } from '../../../telephony/sip/transports/own-address.ts'

const flowTo = (address: string) =>
  ({
    transport: 'udp',
    reliable: false,
    local: { address: '10.0.0.5', port: 5060 },
    remote: { address, port: 5060 },
  }) as unknown as Flow

test('a telephone in the house is told the address in the house, a trunk outside the public one', () => {
  const own = ownAddress('203.0.113.9', [{ transport: 'udp', address: '10.0.0.5', port: 5060 }])
  for (const near of ['10.0.0.77', '192.168.1.20', '127.0.0.1', 'fd00::1'])
    expect([near, own(flowTo(near)).host]).toEqual([near, '10.0.0.5'])
  for (const far of ['198.51.100.1', '2001:db8::1', '172.32.0.1'])
    expect([far, own(flowTo(far)).host]).toEqual([far, '203.0.113.9'])
})

test.each([
  ['+8613800138000', true],
  ['120', true],
  ['+4930123456', false],
  ['+852', false],
  ['999', false],
])('%s may be rung by a carrier: %s', (number, may) => {
  expect(isDomestic(number)).toBe(may)
})
