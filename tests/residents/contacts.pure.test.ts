import { expect, test } from 'vitest'
import type { Contact } from '../../prisma/generated/client.ts'
import { contactRows } from '../../server/residents/contacts.ts'

const given = (name: string, phone: string) => ({
  name,
  phone,
  relation: '女儿',
  keyholder: false,
  hours: '',
  minutesAway: null,
})
const before = (id: string, name: string, phone: string): Contact => ({
  ...given(name, phone),
  id,
  residentId: 'r',
  position: 1,
  lastReachedAt: null,
  lastResult: `of ${id}`,
})
const rows = (now: ReturnType<typeof given>[], old: Contact[]) => {
  let made = 0
  return contactRows('r', now, old, () => `new${++made}`).map(({ id, position, lastResult }) => [
    position,
    id,
    lastResult,
  ])
}

test('who keeps their number keeps their history, also under another name and in another place', () => {
  const old = [before('a', '甲', '1'), before('b', '乙', '2')]
  expect(rows([given('乙改名', '2'), given('丙', '3'), given('甲', '1')], old)).toEqual([
    [1, 'b', 'of b'],
    [2, 'new1', null],
    [3, 'a', 'of a'],
  ])
})
test('two with one number are told apart by name, whoever comes first, and a third is new', () => {
  const old = [before('a', '甲', '1'), before('b', '乙', '1')]
  expect(rows([given('丙', '1'), given('乙', '1'), given('甲', '1')], old)).toEqual([
    [1, 'new1', null],
    [2, 'b', 'of b'],
    [3, 'a', 'of a'],
  ])
})
