import { minutes } from '../platform/clock.ts'

/** After that, who had a matter looks at it like anybody else: with a reason. What is asked next day is written in the note. */
const closedOpenForMs = minutes(24 * 60)

/** Is it closed for so long that it is nobody's any more? */
export const isLongClosed = (closedAt: Date | null, now: Date): boolean =>
  closedAt !== null && now.getTime() - closedAt.getTime() >= closedOpenForMs
