import { expect, test } from 'vitest'
import { callState, canBeHeard, whatItIs } from '../../console/calls/call-words.ts'
import { kindWord } from '../../console/lib/on-the-line.ts'
import { type CallRow, callStatuses } from '../../server/contracts/calls.ts'

const call = (more: Partial<CallRow>): CallRow =>
  ({
    direction: 'in',
    medium: 'voice',
    status: 'answered',
    operatorId: 'ana',
    asks: null,
    outcome: null,
    ...more,
  }) as CallRow

test('somebody who writes, perhaps because they cannot hear, is never said to call or to talk', () => {
  const writes = call({ medium: 'text' })
  expect([whatItIs(writes), callState(writes), kindWord('call', 'text')]).toEqual([
    'calls.inWriting',
    'calls.state.writing',
    'words.kind.writing',
  ])
  expect([whatItIs(call({})), callState(call({})), kindWord('call', 'voice'), kindWord('fall', 'text')]).toEqual([
    'calls.direction.in',
    'calls.state.answered',
    'words.kind.call',
    'words.kind.fall',
  ])
})

test('a call that has ended, one that rings and one in writing offer nothing to listen to', () => {
  expect(callStatuses.filter((status) => canBeHeard(call({ status })))).toEqual(['answered', 'held'])
  expect(canBeHeard(call({ medium: 'text' }))).toBe(false)
  expect(canBeHeard(call({ operatorId: null }))).toBe(false)
})
