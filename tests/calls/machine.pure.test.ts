import { describe, expect, test } from 'vitest'
import { moveCall } from '../../server/calls/machine.ts'
import type { Call, CallCommand, CallLeg, CallMove } from '../../server/calls/model.ts'
import { mediaOf } from '../../server/calls/sound/choose.ts'
import { callTimersOf } from '../../server/calls/timers.ts'
import { operatorLegId } from '../../server/contracts/voice.ts'

const at = (time: string) => new Date(`2026-11-24T10:${time}Z`)
const fresh: Call = {
  id: 'c',
  incidentId: 'i',
  direction: 'in',
  medium: 'voice',
  status: 'offered',
  line: 'web',
  number: null,
  verified: null,
  deviceId: null,
  contactId: null,
  areaPath: '/d/',
  locale: 'zh-CN',
  operatorId: null,
  offeredAt: at('00:00'),
  greetedAt: null,
  noticedAt: null,
  queuedAt: at('00:00'),
  waitingSince: at('00:00'),
  answeredAt: null,
  heldAt: null,
  seenAt: null,
  aside: null,
  asideAt: null,
  overflowMinutes: null,
  overflowAt: null,
  announced: 0,
  broken: 0,
  keyed: '',
  keyedAt: null,
  askedAt: null,
  surveyUntil: null,
  rating: null,
  asks: null,
  asksId: null,
  reply: null,
  outcome: null,
  endedAt: null,
  endedBecause: null,
}
const leg = (more: Partial<CallLeg> = {}): CallLeg => ({
  callId: 'c',
  legId: 'caller',
  side: 'caller',
  mode: null,
  address: { phone: '' },
  label: '',
  status: 'up',
  createdAt: at('00:00'),
  upAt: at('00:00'),
  endedAt: null,
  endedBecause: null,
  ...more,
})
const changed = (move: CallMove): Partial<Call> => {
  if (move === 'known' || 'refused' in move) throw new Error(`nothing changed: ${JSON.stringify(move)}`)
  return move.changes
}
/** The call after these commands, a second apart. */
function callAfter(first: Partial<Call>, ...commands: CallCommand[]): Call {
  const call: Call = { ...fresh, ...first }
  for (const [i, command] of commands.entries())
    Object.assign(call, changed(moveCall(call, command, at(`00:0${i + 1}`))))
  return call
}
const ana = 'ana'
const answer: CallCommand = { say: 'answer', operatorId: ana }
const greeted: CallCommand = { say: 'greeted', heard: true }
const hungUp: CallCommand = { say: 'end', because: 'hung-up' }

describe('a call in', () => {
  test('rings, is answered, held, taken up again and ended', () => {
    const call = callAfter(
      { status: 'ringing', greetedAt: at('00:00'), noticedAt: at('00:00') },
      answer,
      { say: 'hold' },
      { say: 'resume' },
      hungUp,
    )
    expect(call).toMatchObject({ status: 'ended', endedBecause: 'hung-up', operatorId: ana, answeredAt: at('00:01') })
  })
  test('whose operator’s line breaks waits on at its first queue time', () => {
    const call = callAfter({}, greeted, answer, { say: 'requeue', broken: true })
    expect(call).toMatchObject({ status: 'queued', operatorId: null, queuedAt: at('00:00'), broken: 1 })
  })
  test('hung up before anybody answered was abandoned: somebody calls back', () =>
    expect(callAfter({}, greeted, hungUp).endedBecause).toBe('abandoned'))
  test('two operators who answer at once: the second is told so', () =>
    expect(moveCall(callAfter({}, greeted, answer), { say: 'answer', operatorId: 'ben' }, at('00:09'))).toMatchObject({
      refused: 'already-answered',
    }))
  test('every word that is repeated changes nothing', () => {
    const talking = callAfter({}, greeted, answer)
    const ended = callAfter({}, greeted, answer, hungUp)
    expect(moveCall(talking, answer, at('00:09'))).toBe('known')
    expect(moveCall(talking, greeted, at('00:09'))).toBe('known')
    expect(moveCall(ended, hungUp, at('00:09'))).toBe('known')
    expect(moveCall(ended, answer, at('00:09'))).toMatchObject({ refused: 'call-over' })
    expect(moveCall(callAfter({}, greeted), { say: 'hold' }, at('00:09'))).toMatchObject({ refused: 'not-talking' })
  })
})

test('a call out that is hung up while it rings was declined, and one without an answer was not', () => {
  const out = { direction: 'out' as const, status: 'ringing' as const, operatorId: ana, queuedAt: null }
  expect(callAfter(out, hungUp).endedBecause).toBe('declined')
  expect(callAfter(out, { say: 'end', because: 'no-answer' }).endedBecause).toBe('no-answer')
})

describe('what is heard', () => {
  const media = (call: Call, legs = [leg()], position = 1, enrolled = false) =>
    mediaOf(call, legs, { position, enrolled, asked: { class: 2, waitedMs: 60_000, taken: false }, menu: false })
  test('the greeting with the recording notice first, to its end, even when somebody answers meanwhile', () => {
    expect(media(fresh).alone).toMatchObject([{ legId: 'caller', prompts: ['greeting'], after: 'music' }])
    const early = callAfter({}, answer)
    expect([media(early).alone[0]?.prompts, media(early).room, media(early).record]).toEqual([
      ['greeting'],
      [operatorLegId(ana)],
      null,
    ])
    expect(media(callAfter({}, answer, greeted)).room).toEqual(['caller', operatorLegId(ana)])
  })
  test('first the greeting, that of the number if one was dialled', () => {
    expect(media(callAfter({}), [leg()]).alone[0]?.prompts).toEqual(['greeting'])
    expect(media(callAfter({ line: '+8657112349' }), [leg()]).alone[0]?.prompts).toEqual(['greeting@+8657112349'])
    expect(media(callAfter({ line: 'sip:../x' }), [leg()]).alone[0]?.prompts).toEqual(['greeting'])
  })
  test('then the place in the queue and music; the same sound is not started twice', () => {
    const queued = callAfter({}, greeted)
    const menu = ['keys', 'other-language']
    expect(media(queued, [leg()], 3).alone[0]).toMatchObject({
      prompts: ['position-3', ...menu],
      after: 'music',
    })
    expect(media(queued, [leg()], 9).alone[0]?.prompts).toEqual(['position-far', ...menu])
    expect(media(queued).alone[0]?.token).toBe(media({ ...queued, status: 'ringing' }).alone[0]?.token)
  })
  test('an apology when the operator’s line broke off', () => {
    const back = callAfter({}, greeted, answer, { say: 'requeue', broken: true })
    expect(media(back).alone[0]?.prompts[0]).toBe('apology')
  })
  test('on hold music; the others go on talking with each other', () => {
    const held = callAfter({}, greeted, answer, { say: 'hold' })
    const third = leg({ legId: 'third', side: 'third', address: { phone: '+86' } })
    const heard = media(held, [leg(), third])
    expect([heard.room, heard.alone[0]?.prompts]).toEqual([[operatorLegId(ana), 'third'], ['hold']])
  })
  test('the caller is recorded left, everybody else right; not before the notice was heard', () => {
    expect(media(callAfter({}, greeted, answer)).record).toEqual(['caller'])
    expect(media(callAfter({}, { say: 'greeted', heard: false }, answer)).record).toBeNull()
  })
  test('a resident who is called at their own number is recorded, nobody else is', () => {
    const out = callAfter({ direction: 'out', status: 'ringing', operatorId: ana }, answer)
    expect([media(out, [leg()], 1, true).record, media(out).record]).toEqual([['caller'], null])
  })
  test('nothing is recorded on hold, nor while somebody is there who heard no notice', () => {
    const talking = callAfter({}, greeted, answer)
    const contact = leg({ legId: 'third', side: 'third', address: { phone: '+86' } })
    expect([media({ ...talking, status: 'held' }).record, media(talking, [leg(), contact]).record]).toEqual([
      null,
      null,
    ])
  })
  test('at the end everybody is hung up but the operator, whose line stays', () => {
    const ended = callAfter({}, greeted, answer, hungUp)
    const colleague = leg({ legId: operatorLegId('ben'), side: 'third', address: { operator: 'ben' } })
    expect(media(ended, [leg({ status: 'down' }), colleague])).toEqual({
      room: [],
      only: {},
      alone: [],
      record: null,
      hangUp: ['caller'],
    })
  })
})

test('every wait of a call has its timer', () => {
  const kinds = (call: Call) => callTimersOf(call).map((timer) => timer.kind)
  expect(kinds(fresh)).toEqual(['end-greeting'])
  expect(kinds(callAfter({}, greeted))).toEqual(['announce-call'])
  expect(kinds(callAfter({}, answer))).toEqual(['end-greeting'])
  expect(kinds({ ...fresh, direction: 'out', status: 'ringing' })).toEqual(['end-ringing'])
  const writes = { ...fresh, medium: 'text' as const, status: 'answered' as const }
  expect(kinds({ ...writes, deviceId: 'kiosk' })).toEqual(['check-text-call'])
  expect(kinds({ ...writes, number: '+8613800138000' })).toEqual([])
  expect(kinds(callAfter({}, greeted, answer, hungUp))).toEqual([])
})
