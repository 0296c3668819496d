import { describe, expect, test } from 'vitest'
import { evolve } from '../../server/incidents/evolve.ts'
import * as machine from '../../server/incidents/machine.ts'
import type { Fact } from '../../server/incidents/model.ts'
import { stepReached, timersOf } from '../../server/incidents/timers.ts'
import { ana, answered, asked, at, ben, classified, dispatched, given, resolved, typesOf } from './given.ts'

const by = (operatorId: string, time: string) => ({ operatorId, now: at(time) })

describe('answering', () => {
  test('a waiting incident is answered and then belongs to its operator', () => {
    const decision = machine.answer(given({}), by(ana, '10:01'))
    expect(typesOf(decision)).toEqual(['answered'])
    if ('facts' in decision)
      expect(decision.facts.reduce(evolve, given({}))).toMatchObject({
        status: 'triage',
        ownerId: ana,
        claimAt: at('10:01'),
      })
  })
  test('a second operator who answers is told that the incident is taken', () => {
    expect(typesOf(machine.answer(given({}, answered(ana, '10:01')), by(ben, '10:02')))).toEqual([
      'refused: already-answered',
    ])
  })
})

describe('handing over', () => {
  const offered: Fact = {
    at: at('10:02'),
    actor: `operator:${ana}`,
    type: 'transfer-offered',
    data: { from: ana, to: ben, reason: '' },
  }
  const hand = { ...by(ana, '10:02'), to: ben, toQualifies: true, reason: '' }
  const mine = given({ class: 1 }, answered(ana, '10:01'))
  const ringing = given({ class: 1 }, answered(ana, '10:01'), offered)
  test('rings at the colleague, and is the owner’s until they take it', () => {
    expect(typesOf(machine.transfer(mine, hand))).toEqual(['transfer-offered'])
    expect(ringing).toMatchObject({ ownerId: ana, offeredTo: ben, claimSeen: true })
    expect(typesOf(machine.transfer(ringing, hand))).toEqual(['refused: rings-already'])
  })
  test('whoever it rings at takes it by answering; nobody else does', () => {
    const decision = machine.answer(ringing, by(ben, '10:03'))
    expect(typesOf(decision)).toEqual(['transferred'])
    if ('facts' in decision)
      expect(decision.facts.reduce(evolve, ringing)).toMatchObject({ ownerId: ben, offeredTo: null, claimSeen: true })
    expect(typesOf(machine.answer(ringing, by('someone else', '10:03')))).toEqual(['refused: already-answered'])
  })
  test('refused, or rung out, it stays with the owner, who sees who did not take it', () => {
    for (const because of ['refused', 'rang-out'] as const) {
      const decision = machine.endTransfer(ringing, { now: at('10:03'), actor: 'system', because })
      expect('facts' in decision && decision.facts.reduce(evolve, ringing)).toMatchObject({
        ownerId: ana,
        offeredTo: null,
        notTakenBy: ben,
      })
    }
    expect(typesOf(machine.endTransfer(mine, { now: at('10:03'), actor: 'system', because: 'rang-out' }))).toEqual([])
  })
  test('an owner whose console is lost while it rings at the colleague leaves it to the queue', () => {
    const decision = machine.checkClaim(ringing, at('10:20'))
    expect('facts' in decision && decision.facts.reduce(evolve, ringing)).toMatchObject({
      status: 'waiting',
      offeredTo: null,
    })
  })
})

describe('a second signal', () => {
  const attached = (incidentClass: number) => ({
    at: at('10:02'),
    actor: 'device:d',
    type: 'attached' as const,
    data: { alarmIds: ['b'], deviceId: 'd', kind: 'fall', class: incidentClass, signals: 1 },
  })
  test('raises the class and the place in the queue', () => {
    const before = given({ class: 3 })
    const after = evolve(before, attached(1))
    expect(after).toMatchObject({ class: 1, signals: 2 })
    expect(after.rankAt.getTime()).toBeLessThan(before.rankAt.getTime())
  })
  test('never lowers the class', () => expect(evolve(given({ class: 1 }), attached(4)).class).toBe(1))
})

describe('holding', () => {
  test('needs a reason and ends by itself', () => {
    const mine = given({ class: 3 }, answered(ana, '10:01'))
    expect(typesOf(machine.hold(mine, { ...by(ana, '10:02'), minutes: 5, reason: ' ' }))).toEqual([
      'refused: no-reason',
    ])
    const held = given({ class: 3 }, answered(ana, '10:01'), {
      at: at('10:02'),
      actor: 'operator:a',
      type: 'held',
      data: { until: at('10:07').toISOString(), reason: 'rings back' },
    })
    expect(typesOf(machine.returnHeld(held, at('10:06')))).toEqual([])
    expect(typesOf(machine.returnHeld(held, at('10:07')))).toEqual(['returned'])
    expect(timersOf(held, at('10:03')).map((timer) => timer.kind)).toContain('return-held')
  })
  test('a life incident is not put aside', () => {
    expect(
      typesOf(
        machine.hold(given({ class: 1 }, answered(ana, '10:01')), { ...by(ana, '10:02'), minutes: 5, reason: 'x' }),
      ),
    ).toEqual(['refused: class-1-needs-end'])
  })
})

describe('taking over', () => {
  const mine = given({}, answered(ana, '10:00:30'))
  const take = (time: string, supervisor = false, reason = '') =>
    typesOf(machine.takeOver(mine, { ...by(ben, time), supervisor, reason }))
  test('is free within 20 s of the claim', () => expect(take('10:00:45')).toEqual(['taken-over']))
  test('a live claim needs a supervisor and a reason', () => {
    expect(take('10:01:05')).toEqual(['refused: live-claim'])
    expect(take('10:01:05', true)).toEqual(['refused: no-reason'])
    expect(take('10:01:05', true, 'shift ends')).toEqual(['taken-over'])
  })
  test('is free again when the owner has been silent for 45 s', () => expect(take('10:01:15')).toEqual(['taken-over']))
})

describe('a silent console', () => {
  const mine = given({}, answered(ana, '10:00'))
  test('is marked after 45 s and loses the incident after 90 s', () => {
    expect(typesOf(machine.checkClaim(mine, at('10:00:44')))).toEqual([])
    expect(typesOf(machine.checkClaim(mine, at('10:00:45')))).toEqual(['claim-stale'])
    expect(typesOf(machine.checkClaim(mine, at('10:01:30')))).toEqual(['claim-stale', 'requeued'])
  })
  test('gives it back to the queue at its first place', () => {
    const decision = machine.checkClaim(mine, at('10:02'))
    const back = 'facts' in decision ? decision.facts.reduce(evolve, mine) : mine
    expect(back).toMatchObject({ status: 'waiting', ownerId: null, queuedAt: at('10:00') })
    expect(timersOf(back, at('10:02')).map((timer) => timer.kind)).toEqual(['escalate-incident'])
  })
})

describe('escalation', () => {
  test('reaches each step at its time, and each once', () => {
    expect([9, 10, 15, 30, 60, 180, 900].map((s) => stepReached(s * 1000, 2))).toEqual([0, 1, 2, 3, 4, 5, 5])
    const decision = machine.escalate(given({}), at('10:00:30'))
    expect('facts' in decision && decision.facts.map((fact) => fact.type === 'escalated' && fact.data.step)).toEqual([
      1, 2, 3,
    ])
  })
  test('past the hard limit it stays open until somebody gives a reason', () => {
    const late = given({}, { at: at('10:03'), actor: 'system', type: 'escalated', data: { step: 5 } })
    expect(late.limitOpen).toBe(true)
    expect(evolve(late, answered(ana, '10:04')).limitOpen).toBe(true)
    expect(typesOf(machine.dismissLimit(late, { ...by(ana, '10:05'), reason: 'called back' }))).toEqual([
      'limit-dismissed',
    ])
  })
  test('an answered incident does not escalate', () =>
    expect(typesOf(machine.escalate(given({}, answered(ana, '10:01')), at('10:05')))).toEqual([]))
})

describe('sending help and ending', () => {
  const ready = given({}, answered(ana, '10:01'), classified('10:02'))
  test('help is sent only when it is known what is needed', () => {
    const mine = given({}, answered(ana, '10:01'))
    expect(typesOf(machine.dispatch(mine, { ...by(ana, '10:02'), promiseAt: at('10:30'), needed: 1 }))).toEqual([
      'refused: not-classified',
    ])
    expect(typesOf(machine.dispatch(ready, { ...by(ana, '10:03'), promiseAt: at('10:30'), needed: 1 }))).toEqual([
      'dispatched',
    ])
  })
  test('it is not resolved while a helper is out', () => {
    const out = given({}, answered(ana, '10:01'), classified('10:02'), dispatched('10:03'), asked(2, '10:03'))
    expect(typesOf(machine.resolve(out, by(ana, '10:04')))).toEqual(['refused: responders-still-out'])
  })
  test('a colleague cannot decide for the owner', () => {
    expect(typesOf(machine.resolve(ready, by(ben, '10:04')))).toEqual(['refused: not-owner'])
  })
  test('an outcome must fit what happened', () => {
    const done = given({}, answered(ana, '10:01'), classified('10:02'), resolved('10:05'))
    expect(typesOf(machine.close(done, { ...by(ana, '10:06'), disposition: 'helped-on-site', note: '' }))).toEqual([
      'refused: disposition-unfit-for-type',
    ])
    expect(typesOf(machine.close(done, { ...by(ana, '10:06'), disposition: 'helped-by-phone', note: '' }))).toEqual([
      'closed',
    ])
  })
  test('without an outcome it closes as "needs review", never as a success', () => {
    const done = given({}, answered(ana, '10:01'), resolved('10:05'))
    expect(typesOf(machine.endWrapUp(done, at('10:29')))).toEqual([])
    const decision = machine.endWrapUp(done, at('10:30'))
    expect('facts' in decision && decision.facts[0]?.data).toMatchObject({ disposition: 'needs-review' })
  })
  test('a closed incident stays closed', () => {
    const over = given({}, answered(ana, '10:01'), resolved('10:05'), {
      at: at('10:06'),
      actor: 'operator:a',
      type: 'closed',
      data: { disposition: 'helped-by-phone', note: '', because: 'operator' },
    })
    expect(typesOf(machine.note(over, { ...by(ana, '10:07'), text: 'x' }))).toEqual(['refused: closed'])
    expect(typesOf(machine.close(over, { ...by(ana, '10:07'), disposition: 'test', note: '' }))).toEqual([
      'refused: closed',
    ])
    expect(timersOf(over, at('10:07'))).toEqual([])
  })
})

test('a colleague who takes over an incident with helpers out goes on where it was', () => {
  const out = given({}, answered(ana, '10:01'), classified('10:02'), dispatched('10:03'), asked(1, '10:03'))
  const back = evolve(out, {
    at: at('10:05'),
    actor: 'system',
    type: 'requeued',
    data: { because: 'operator-lost', reason: '', operatorId: ana },
  })
  expect(evolve(back, answered(ben, '10:06'))).toMatchObject({ status: 'response', ownerId: ben, assignmentsOpen: 1 })
})
