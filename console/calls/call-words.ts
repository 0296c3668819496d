import type { CallRow } from '../../server/contracts/calls.ts'

/** What a call does now, as a key of the words: what its operator must know at a glance. */
export function callState(call: CallRow): string {
  if (call.outcome && !call.operatorId) return `calls.outcome.${call.outcome}`
  if (call.status === 'ended') return `calls.ended.${call.endedBecause}`
  if (call.greeting && (call.status === 'answered' || call.status === 'held')) return 'calls.state.greeting'
  if (call.medium === 'text' && (call.status === 'answered' || call.status === 'held')) return 'calls.state.writing'
  if (call.direction === 'out' && call.status === 'ringing') return 'calls.state.calling'
  if (call.aside && !call.greeting) return `calls.aside.${call.aside}`
  return `calls.state.${call.status}`
}

/** What it is, as a key of the words: somebody who writes does not call. */
export function whatItIs(call: CallRow): string {
  if (call.asks) return `calls.asks.${call.asks}`
  return call.medium === 'text' ? 'calls.inWriting' : `calls.direction.${call.direction}`
}

/** Is there a voice of an operator to listen to? An ended call, one that rings and one in writing have none. */
export const canBeHeard = (call: CallRow): boolean =>
  call.medium === 'voice' && call.operatorId !== null && (call.status === 'answered' || call.status === 'held')
