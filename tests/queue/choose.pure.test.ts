import { expect, test } from 'vitest'
import { chooseOffers } from '../../server/queue/choose.ts'
import type { Need, Operator } from '../../server/queue/model.ts'

const operator = (id: string, more: Partial<Operator> = {}): Operator => ({
  id,
  status: 'available',
  paths: ['/d/'],
  skills: ['emergency', 'general', 'technical'],
  languages: ['zh'],
  capacity: 3,
  active: 0,
  awaitingHelp: 0,
  talking: false,
  wrappingUp: false,
  voiceReady: true,
  idleSinceMs: 0,
  ringing: false,
  ...more,
})
const need = (incidentId: string, more: Partial<Need> = {}): Need => ({
  incidentId,
  class: 2,
  areaPath: '/d/s/c/',
  languages: ['zh'],
  escalation: 0,
  voice: false,
  stickyOperatorId: null,
  round: 0,
  passed: [],
  ringing: null,
  ...more,
})
const rung = (needs: Need[], operators: Operator[]) =>
  chooseOffers(needs, operators).map((choice) => [choice.incidentId, choice.operators.join('+'), choice.reasons[0]])

test('the longest idle operator is rung first', () => {
  expect(rung([need('i')], [operator('late', { idleSinceMs: 9 }), operator('early', { idleSinceMs: 1 })])).toEqual([
    ['i', 'early', 'longest-idle'],
  ])
})
test('class 1 rings everybody who qualifies, also the busy ones, but nobody on a break', () => {
  const all = [
    operator('free'),
    operator('busy', { active: 1 }),
    operator('full', { active: 3 }),
    operator('break', { status: 'break' }),
  ]
  expect(rung([need('i', { class: 1 })], all)).toEqual([['i', 'free+busy', 'class-1-all']])
})
test('an ordinary one never interrupts somebody who has something in hand, wraps up, or is being rung', () => {
  expect(
    rung(
      [need('i')],
      [operator('a', { active: 1 }), operator('b', { wrappingUp: true }), operator('c', { ringing: true })],
    ),
  ).toEqual([])
})
test('whoever only waits for a helper to come is rung with the next one, up to what they can follow', () => {
  const waiting = operator('waiting', { awaitingHelp: 1 })
  expect(rung([need('i')], [waiting])).toEqual([['i', 'waiting', 'longest-idle']])
  expect(rung([need('i')], [operator('waiting', { awaitingHelp: 3 })])).toEqual([])
  expect(rung([need('i')], [operator('works', { awaitingHelp: 1, active: 1 })])).toEqual([])
  // A colleague with nothing in hand comes first, whoever has been idle longer.
  expect(rung([need('i')], [waiting, operator('free', { idleSinceMs: 99 })])).toEqual([['i', 'free', 'longest-idle']])
})
test('with each operator waiting for a helper two presses still ring at two of them', () => {
  const all = ['ana', 'ben', 'cai'].map((id) => operator(id, { awaitingHelp: 2 }))
  expect(rung([need('first'), need('second')], all)).toEqual([
    ['first', 'ana', 'longest-idle'],
    ['second', 'ben', 'longest-idle'],
  ])
})
test('a life rings also at whoever follows as many helpers as they may have incidents', () => {
  expect(rung([need('i', { class: 1 })], [operator('full', { awaitingHelp: 3 })])).toEqual([
    ['i', 'full', 'class-1-all'],
  ])
})
test('whoever is talking is rung behind the others, and softly; a caller is not rung through to them', () => {
  const talks = operator('talks', { awaitingHelp: 1, talking: true, voiceReady: false })
  expect(chooseOffers([need('i')], [talks])).toMatchObject([{ operators: ['talks'], soft: ['talks'] }])
  expect(chooseOffers([need('i', { voice: true })], [talks])).toEqual([])
  expect(chooseOffers([need('i')], [talks, operator('free', { idleSinceMs: 99 })])).toMatchObject([
    { operators: ['free'], soft: [] },
  ])
})
test('two incidents ring at two operators, in the order of the queue', () => {
  expect(
    rung([need('first'), need('second'), need('third')], [operator('a'), operator('b', { idleSinceMs: 1 })]),
  ).toEqual([
    ['first', 'a', 'longest-idle'],
    ['second', 'b', 'longest-idle'],
  ])
})
test('an operator of another area is never rung, however long it waits', () => {
  expect(rung([need('i', { escalation: 5, class: 1 })], [operator('a', { paths: ['/d/other/'] })])).toEqual([])
})
test('language and skill are asked for, until nobody answered for 10 s', () => {
  const cantonese = need('i', { languages: ['yue'] })
  expect(rung([cantonese], [operator('a')])).toEqual([])
  expect(rung([{ ...cantonese, escalation: 1 }], [operator('a')])).toEqual([['i', 'a', 'wider-group']])
})
test('who handled the matter before is asked first', () => {
  expect(rung([need('i', { stickyOperatorId: 'b' })], [operator('a'), operator('b', { idleSinceMs: 99 })])).toEqual([
    ['i', 'b', 'handled-before'],
  ])
})
test('who let it pass is asked again only when nobody else is left', () => {
  expect(rung([need('i', { passed: ['a'] })], [operator('a'), operator('b', { idleSinceMs: 5 })])).toEqual([
    ['i', 'b', 'longest-idle'],
  ])
  expect(rung([need('i', { passed: ['a'] })], [operator('a')])).toEqual([['i', 'a', 'longest-idle']])
})
test('an offer that rings is widened after 10 s, and nobody is taken out of it', () => {
  const [choice] = chooseOffers(
    [need('i', { escalation: 1, ringing: { offerId: 'o', operators: ['a'] } })],
    [operator('b'), operator('c')],
  )
  expect(choice).toMatchObject({ extends: 'o', operators: ['a', 'b', 'c'] })
  expect(chooseOffers([need('i', { ringing: { offerId: 'o', operators: ['a'] } })], [operator('b')])).toEqual([])
})
test('any of the resident’s languages will do, and a life waits for none', () => {
  const hokkien = need('i', { languages: ['nan', 'zh'] })
  expect(chooseOffers([hokkien], [operator('ana')])[0]?.reasons).toContain('speaks:zh')
  expect(rung([need('i', { languages: ['nan'] })], [operator('ana')])).toEqual([])
  expect(rung([need('i', { class: 1, languages: ['nan'] })], [operator('ana')])).toEqual([['i', 'ana', 'class-1-all']])
})
test('a call rings only where a telephone is connected, until nobody took it', () => {
  const silent = operator('ana', { voiceReady: false })
  expect(rung([need('i', { voice: true })], [silent])).toEqual([])
  expect(rung([need('i', { voice: true, escalation: 1 })], [silent])).toEqual([['i', 'ana', 'wider-group']])
})
