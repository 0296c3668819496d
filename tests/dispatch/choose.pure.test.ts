import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AssignmentStatus } from '../../server/contracts/vocabulary.ts'
import { chooseWave, oddsOf, rank, travelMinutes } from '../../server/dispatch/choose.ts'
import { move } from '../../server/dispatch/machine.ts'
import type { Candidate, Report } from '../../server/dispatch/model.ts'

const now = new Date('2026-11-24T10:00:00Z')
const candidate = (responderId: string, more: Partial<Candidate> = {}): Candidate => ({
  responderId,
  areaPath: '/d/s/c/',
  name: responderId,
  kind: 'staff',
  providerName: null,
  phone: '',
  languages: ['zh'],
  skills: ['care'],
  travel: 'foot',
  lat: 0,
  lon: 0,
  positionAt: now,
  distanceM: 500,
  openAssignments: 0,
  offersMade: 0,
  offersAccepted: 0,
  helpedBefore: false,
  asked: null,
  ...more,
})
const order = (...list: Candidate[]) => rank(list, { language: 'zh', now }).map((one) => one.responderId)

test('who is there sooner comes first, by their own means', () => {
  expect(
    order(candidate('walks', { distanceM: 900 }), candidate('drives', { distanceM: 1500, travel: 'car' })),
  ).toEqual(['drives', 'walks'])
  expect(travelMinutes(750, 'foot')).toBe(14)
})
test('language, load, past acceptance and having helped before each count, and each says so', () => {
  expect(order(candidate('other language', { languages: ['yue'] }), candidate('fits'))).toEqual([
    'fits',
    'other language',
  ])
  expect(order(candidate('busy', { openAssignments: 1 }), candidate('free'))).toEqual(['free', 'busy'])
  expect(
    order(
      candidate('declines', { offersMade: 40, offersAccepted: 2 }),
      candidate('accepts', { offersMade: 40, offersAccepted: 38 }),
    ),
  ).toEqual(['accepts', 'declines'])
  expect(order(candidate('stranger'), candidate('known', { helpedBefore: true }))).toEqual(['known', 'stranger'])
  expect(rank([candidate('x', { helpedBefore: true })], { language: 'zh', now })[0]?.reasons).toContain('helped-before')
})
test('where somebody was an hour ago counts less, and where they were yesterday for little', () => {
  const ago = (hours: number) => new Date(now.getTime() - hours * 3_600_000)
  expect(order(candidate('hour ago', { positionAt: ago(2) }), candidate('now'))).toEqual(['now', 'hour ago'])
  expect(
    order(
      candidate('yesterday', { positionAt: ago(24) }),
      candidate('farther, an hour ago', { positionAt: ago(2), distanceM: 800 }),
    ),
  ).toEqual(['farther, an hour ago', 'yesterday'])
})
test('who was asked already stands behind all who were not, whatever came of it', () => {
  expect(
    order(
      candidate('declined, next door', { distanceM: 10, asked: 'declined' }),
      candidate('far', { distanceM: 3000 }),
      candidate('expired', { distanceM: 20, asked: 'expired' }),
      candidate('near', { distanceM: 300 }),
    ),
  ).toEqual(['near', 'far', 'declined, next door', 'expired'])
})
test('a wave asks enough that somebody will likely accept, and never a crowd', () => {
  const sure = rank([candidate('a', { offersMade: 100, offersAccepted: 100 }), candidate('b'), candidate('c')], {
    language: 'zh',
    now,
  })
  expect(chooseWave(sure, 1)).toHaveLength(1)
  const unsure = rank(
    Array.from({ length: 20 }, (_, i) => candidate(`u${i}`, { offersMade: 100, offersAccepted: 1 })),
    { language: 'zh', now },
  )
  expect(chooseWave(unsure, 1)).toHaveLength(5)
})
test('nobody is asked twice for the same incident', () => {
  expect(
    chooseWave(rank([candidate('a', { asked: 'declined' }), candidate('b')], { language: 'zh', now }), 1).map(
      (one) => one.responderId,
    ),
  ).toEqual(['b'])
})
test('the odds of a wave are a probability and grow with each who is asked', () => {
  const people = fc.array(fc.record({ offersMade: fc.nat(100), share: fc.double({ min: 0, max: 1, noNaN: true }) }), {
    maxLength: 6,
  })
  fc.assert(
    fc.property(people, fc.integer({ min: 1, max: 3 }), (list, needed) => {
      const asked = list.map(({ offersMade, share }) => ({
        offersMade,
        offersAccepted: Math.floor(offersMade * share),
      }))
      const odds = oddsOf(asked, needed)
      expect(odds).toBeGreaterThanOrEqual(0)
      expect(odds).toBeLessThanOrEqual(1 + 1e-9)
      expect(oddsOf([...asked, { offersMade: 0, offersAccepted: 0 }], needed)).toBeGreaterThanOrEqual(odds - 1e-9)
    }),
  )
})

const expiresAt = new Date(now.getTime() + 60_000)
const moved = (status: AssignmentStatus, report: Report, at = now) => {
  const next = move({ status, expiresAt }, report, at)
  return next === 'known' ? 'known' : 'refused' in next ? next.refused : next.to
}
test('a responder goes from asked to done; each report that repeats what is known changes nothing', () => {
  expect(moved('requested', { report: 'accept' })).toBe('accepted')
  expect(moved('accepted', { report: 'accept' })).toBe('known')
  expect(moved('accepted', { report: 'en-route' })).toBe('en-route')
  expect(moved('accepted', { report: 'on-scene' })).toBe('on-scene')
  expect(moved('on-scene', { report: 'en-route' })).toBe('known')
  expect(moved('on-scene', { report: 'done', note: '' })).toBe('cleared')
  expect(moved('cleared', { report: 'done', note: '' })).toBe('known')
})
test('who was stood down, or let it lapse, is told that it is over', () => {
  expect(moved('stood-down', { report: 'accept' })).toBe('request-over')
  expect(moved('expired', { report: 'accept' })).toBe('request-over')
  expect(moved('requested', { report: 'done', note: '' })).toBe('request-over')
})
test('a request lapses only when its time is up', () => {
  expect(moved('requested', { report: 'expire' })).toBe('known')
  expect(moved('requested', { report: 'expire' }, expiresAt)).toBe('expired')
  expect(moved('accepted', { report: 'expire' }, expiresAt)).toBe('known')
})
