import type { LegEnd } from '../../server/contracts/voice.ts'

/**
 * How far a call is at Twilio. Its reports come twice and in any order, so a call only goes forward: queued, initiated,
 * ringing, in-progress, and one of the ends, of which the first that is heard stays.
 */
const ranks: Record<string, number> = { queued: 0, initiated: 1, ringing: 2, 'in-progress': 3 }
const ends: Record<string, LegEnd> = {
  completed: 'hung-up',
  canceled: 'hung-up',
  busy: 'declined',
  'no-answer': 'no-answer',
  failed: 'refused',
}
const overRank = 4

export type Reported = { status: string; sequence: number }

const rankOf = (status: string): number | undefined => (status in ends ? overRank : ranks[status])

/** Why the leg is over when Twilio says this of its call; undefined while it is not. */
export const endOf = (status: string): LegEnd | undefined => ends[status]

/** What is known after this report: the further one; among equals the one with the higher SequenceNumber. */
export function further(known: Reported, heard: Reported): Reported {
  const [was, is] = [rankOf(known.status) ?? -1, rankOf(heard.status)]
  if (is === undefined || was === overRank || is < was) return known
  return is > was || heard.sequence > known.sequence ? heard : known
}
