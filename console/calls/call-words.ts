import type { CallRow } from '../../server/contracts/calls.ts'

/** What a call does now, as a key of the words: what its operator must know at a glance. */
export function callState(call: CallRow): string {
  if (call.outcome && !call.operatorId) return `calls.outcome.${call.outcome}`
  if (call.status === 'ended') return `calls.ended.${call.endedBecause}`
  if (call.greeting && (call.status === 'answered' || call.status === 'held')) return 'calls.state.greeting'
  if (call.direction === 'out' && call.status === 'ringing') return 'calls.state.calling'
  if (call.aside && !call.greeting) return `calls.aside.${call.aside}`
  return `calls.state.${call.status}`
}
