/**
 * The assignment. requested: asked, the answer is awaited. accepted: will go; knows the address. en-route, on-scene, then
 * cleared: done. declined (or handed back), expired and stood-down end it too. A report that repeats what is known changes nothing.
 */
import type { AssignmentStatus } from '../contracts/vocabulary.ts'
import type { Assignment, Report } from './model.ts'

export type Move =
  | { to: AssignmentStatus; reason?: string; note?: string }
  | { refused: string; detail?: string }
  | 'known'

const open: AssignmentStatus[] = ['requested', 'accepted', 'en-route', 'on-scene']
const going: AssignmentStatus[] = ['accepted', 'en-route', 'on-scene']
export const isOpen = (status: AssignmentStatus): boolean => open.includes(status)
export const isGoing = (status: AssignmentStatus): boolean => going.includes(status)

const over: Move = { refused: 'request-over', detail: 'This request is over. Nothing more is needed from you.' }

export function move(
  { status, expiresAt }: Pick<Assignment, 'status' | 'expiresAt'>,
  command: Report,
  now: Date,
): Move {
  switch (command.report) {
    case 'accept':
      if (isGoing(status)) return 'known'
      return status === 'requested' ? { to: 'accepted' } : over
    case 'decline':
      if (status === 'declined') return 'known'
      return status === 'requested' ? { to: 'declined', reason: command.reason } : over
    case 'hand-back':
      if (status === 'declined') return 'known'
      return isGoing(status) ? { to: 'declined', reason: command.reason } : over
    case 'en-route':
      if (status === 'en-route' || status === 'on-scene') return 'known' // late or repeated
      return status === 'accepted' ? { to: 'en-route' } : over
    case 'on-scene':
      if (status === 'on-scene') return 'known'
      return status === 'accepted' || status === 'en-route' ? { to: 'on-scene' } : over
    case 'done':
      if (status === 'cleared') return 'known'
      return isGoing(status) ? { to: 'cleared', note: command.note } : over
    case 'stand-down':
      if (status === 'stood-down') return 'known'
      return isOpen(status) ? { to: 'stood-down', reason: command.reason } : over
    case 'expire':
      return status === 'requested' && expiresAt <= now ? { to: 'expired' } : 'known'
  }
}
