/**
 * A call that asks somebody by keys: a helper whether they come, an on-call telephone whether it takes an incident. ringing,
 * then answered: they hear the question, by itself once more. reply: the key they pressed, stored before anything is done.
 * outcome: what came of it, which they hear; then it is over, or an operator is with them and it is a call like any other.
 */
import type { PromptKey } from '../contracts/voice.ts'
import { answerOf } from './keypad.ts'
import type { Call, CallCommand, CallMove } from './model.ts'

/** A helper who comes and was to be told where by an operator, who was never with them. */
export const isUntold = (call: Call): boolean =>
  call.asks === 'assignment' && call.outcome === 'accepted' && call.operatorId !== null && call.greetedAt === null

/** By itself the question is said so often; a key that means nothing has it said again. */
const saidMax = 2

/** They were told, and an operator is with them. */
const isConnected = (call: Call): boolean => call.operatorId !== null && call.greetedAt !== null
export const isAsking = (call: Call): boolean => call.asks !== null && !isConnected(call)

const known = 'known' as const
const over = { refused: 'call-over', detail: 'The call has ended.' }
const events: CallCommand['say'][] = ['picked-up', 'announced', 'key', 'concluded', 'told', 'end']

/** What a command means to a call that asks. */
export function moveAsking(call: Call, command: CallCommand, now: Date): CallMove {
  // Events come late; a person who says something to it hears that it is over.
  if (call.status === 'ended') return events.includes(command.say) ? known : over
  const asks = call.answeredAt !== null && call.reply === null && call.outcome === null
  switch (command.say) {
    case 'picked-up':
      return call.answeredAt ? known : { changes: { status: 'answered', answeredAt: now } }
    case 'announced':
      return asks && call.announced + 1 < saidMax ? { changes: { announced: call.announced + 1 } } : known
    case 'key': {
      if (!asks || (call.keyedAt && command.at <= call.keyedAt)) return known
      const keyed = { keyed: command.key, keyedAt: command.at }
      const reply = answerOf(command.key)
      return { changes: reply ? { ...keyed, reply } : { ...keyed, announced: call.announced + 1 } }
    }
    case 'concluded':
      if (call.outcome || !call.answeredAt) return known
      return { changes: { outcome: command.outcome, operatorId: command.operatorId } }
    case 'told':
      return call.outcome && call.operatorId ? { changes: { greetedAt: now } } : known
    case 'end': {
      // Before they picked up, hanging up is a no, and a lost leg is nobody there.
      const early = { 'hung-up': 'declined', lost: 'no-answer' } as const
      const because = command.because as keyof typeof early
      const endedBecause = call.answeredAt ? command.because : (early[because] ?? command.because)
      return { changes: { status: 'ended', endedAt: now, endedBecause } }
    }
    default:
      return { refused: 'not-talking', detail: 'They are being asked by keys.' }
  }
}

/** What whoever is asked is told of the incident; `taken`: somebody else goes, or has it. */
export type AskedOf = { class: number; waitedMs: number; taken: boolean }

const minuteMs = 60_000
export function waitedPrompt(waitedMs: number): PromptKey {
  if (waitedMs < 3 * minuteMs) return 'waited-1'
  return waitedMs < 10 * minuteMs ? 'waited-3' : 'waited-10'
}
const classPrompt = (incidentClass: number): PromptKey =>
  incidentClass === 1 ? 'on-call-1' : incidentClass === 2 ? 'on-call-2' : 'on-call-3'

/** What they hear now. A key cuts the question off; what came of it is said once that is stored. */
export function askingSound(
  call: Call,
  of: AskedOf,
): { prompts: PromptKey[]; after: 'silence' | 'hang-up'; token: string } {
  if (!call.outcome) {
    if (call.reply) return { prompts: [], after: 'silence', token: `replied:${call.id}` }
    const question: PromptKey[] =
      call.asks === 'on-call'
        ? [classPrompt(of.class), waitedPrompt(of.waitedMs), 'on-call-keys']
        : ['help-request', 'help-keys']
    return { prompts: question, after: 'silence', token: askingToken(call.id, call.announced) }
  }
  const token = toldToken(call.id)
  if (call.outcome === 'declined') return { prompts: ['thanks'], after: 'hang-up', token }
  // That somebody goes is told when somebody does, and not when the time of the question ran out.
  if (call.outcome === 'too-late') return { prompts: [of.taken ? 'taken-care' : 'thanks'], after: 'hang-up', token }
  if (call.asks === 'on-call') return { prompts: ['on-call-noted'], after: 'silence', token }
  return { prompts: ['help-accepted'], after: call.operatorId ? 'silence' : 'hang-up', token }
}

/** By it the end of the question is known, each time it is said. */
export const askingToken = (callId: string, said: number): string => `asking:${callId}:${said}`
export const toldToken = (callId: string): string => `told:${callId}`
