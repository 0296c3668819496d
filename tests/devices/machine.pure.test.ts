import { expect, test } from 'vitest'
import { type DeviceState, deviceStates } from '../../server/contracts/vocabulary.ts'
import { step } from '../../server/devices/machine.ts'
import { deviceStateAt } from '../../server/residents/device-state.ts'

const now = new Date('2026-11-24T10:00:00Z')
const later = new Date('2026-11-24T10:10:00Z')
const device = (to: DeviceState) => ({
  kind: 'pendant',
  residentId: 'r',
  testExpiresAt: to === 'in-test' ? later : null,
  now,
})
const may = (from: DeviceState) => deviceStates.filter((to) => to !== from && 'to' in step(from, to, device(to)))

test('a device goes from the shelf to the resident, is tried, serves, and is taken away', () => {
  expect(may('registered')).toEqual(['activated', 'out-of-service'])
  expect(may('activated')).toEqual(['in-service', 'in-test', 'out-of-service'])
  expect(may('in-service')).toEqual(['in-test', 'out-of-service'])
  expect(may('in-test')).toEqual(['in-service', 'out-of-service'])
  expect(may('out-of-service')).toEqual(['registered', 'in-service', 'in-test'])
})
test('staying in a state is always allowed, a test only while it has an end ahead', () => {
  for (const state of deviceStates) expect(step(state, state, device(state))).toEqual({ to: state })
  expect(step('in-test', 'in-test', { ...device('in-test'), testExpiresAt: now })).toMatchObject({
    refused: 'test-needs-end',
  })
  expect(step('in-service', 'in-service', { ...device('in-service'), testExpiresAt: later })).toMatchObject({
    refused: 'invalid',
  })
})
test('only a device that has a resident guards somebody', () => {
  for (const to of ['activated', 'in-service'] as const)
    expect(step('activated', to, { ...device(to), residentId: null })).toMatchObject({ refused: 'no-resident' })
})
test('a kiosk stands in a hall and serves everybody: it needs no resident', () => {
  const kiosk = { ...device('in-service'), kind: 'kiosk', residentId: null }
  expect(step('registered', 'activated', kiosk)).toEqual({ to: 'activated' })
  expect(step('activated', 'in-service', kiosk)).toEqual({ to: 'in-service' })
})
test('a test is over at its end, to the millisecond', () => {
  const testing = { state: 'in-test', testExpiresAt: later }
  expect(deviceStateAt(testing, new Date(later.getTime() - 1))).toEqual(testing)
  expect(deviceStateAt(testing, later)).toEqual({ state: 'in-service', testExpiresAt: null })
  expect(deviceStateAt({ state: 'out-of-service', testExpiresAt: null }, later).state).toBe('out-of-service')
})
