/**
 * Every kind of work that is left for later, and what its subject is: an id as it stands in the database. A row of the outbox bears
 * the kind and the subject, so that a process of another version understands it: a kind is added, and never renamed.
 */
export const jobSubjects = {
  'route-incident': 'incident',
  'expire-offer': 'offer',
  'escalate-incident': 'incident',
  'tell-leaders': 'incident',
  'ring-on-call': 'incident',
  'check-claim': 'incident',
  'return-held': 'incident',
  'end-wrap-up': 'incident',
  'settle-call': 'call',
  'place-leg': 'call',
  'end-greeting': 'call',
  'announce-call': 'call',
  'end-asking': 'call',
  'end-ringing': 'call',
  'end-prompts': 'call',
  'end-message': 'call',
  'check-overflow': 'call',
  'check-text-call': 'call',
  'check-hold': 'call',
  'check-unit-call': 'alarm',
  'end-leg': 'call|leg',
  'operator-leg-lost': 'account',
  'expire-recording': 'recording',
  'climb-ladder': 'incident',
  'send-ladder-helper': 'incident',
  'send-text': 'call:line',
  'next-wave': 'wave',
  'check-promise': 'assignment',
  'notify-responder': 'assignment',
  'check-shown': 'assignment',
  'ring-responder': 'assignment',
  'take-reply': 'assignment',
  'notify-stood-down': 'assignment',
  'end-test-call': 'test call',
  'tell-family': 'incident',
  'schedule-follow-up': 'incident',
  'write-search': 'table:id',
} as const
export type JobKind = keyof typeof jobSubjects

/** Work that falls due then. */
export type Timer = { kind: JobKind; dueAt: Date }
