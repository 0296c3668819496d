import { describe, expect, test } from 'vitest'
import { evolve } from '../../server/incidents/evolve.ts'
import { climb, ladderOf, mayClimb, startLadder } from '../../server/incidents/ladder.ts'
import { ana, answered, at, ben, given } from './given.ts'

const steps = ladderOf(['son', 'neighbour'])
const by = { at: at('10:01'), actor: `operator:${ana}` }
const onRung = (rung: number) =>
  climb(steps, rung, { callId: null, byHand: false }, by).reduce(evolve, given({}, answered(ana, '10:00')))

test('the resident first, each contact twice in their order, then a helper, then the ambulance', () =>
  expect(steps.map((step) => ('contactId' in step ? step.contactId : step.step))).toEqual([
    'call-back',
    'son',
    'neighbour',
    'son',
    'neighbour',
    'helper',
    'advice',
  ]))
test('without contacts no rung is lost', () =>
  expect(ladderOf([]).map((step) => step.step)).toEqual(['call-back', 'helper', 'advice']))

describe('climbing', () => {
  test('each rung has a limit; before it, only an end without an answer climbs', () => {
    expect(onRung(0)).toMatchObject({ ladderRung: 0, ladderUntil: at('10:01:40') })
    expect(mayClimb(onRung(0), false, at('10:01:30'))).toBe(false)
    expect(mayClimb(onRung(0), true, at('10:01:30'))).toBe(true)
    expect(mayClimb(onRung(0), false, at('10:01:40'))).toBe(true)
  })
  test('the last rung ends it: from there a person decides', () =>
    expect(onRung(6)).toMatchObject({ ladderRung: null, ladderUntil: null }))
  test('somebody who speaks ends it', () => {
    const data = { callId: 'c', operatorId: ana, direction: 'out' as const }
    expect(evolve(onRung(1), { ...by, type: 'call-answered', data }).ladderRung).toBeNull()
    const reached = { contactId: 'son', result: 'reached' }
    expect(evolve(onRung(1), { ...by, type: 'contact-result', data: reached }).ladderRung).toBeNull()
  })
  test('only its owner starts it, and once', () => {
    const mine = given({}, answered(ana, '10:00'))
    expect(startLadder(mine, { operatorId: ben })).toMatchObject({ refused: 'not-owner' })
    expect(startLadder(mine, { operatorId: ana })).toEqual({ facts: [] })
    expect(startLadder(onRung(2), { operatorId: ana })).toMatchObject({ refused: 'ladder-runs' })
  })
})
