import { sessionSeconds, sessionSecondsMin } from '../limits.ts'
import { readNumber } from '../message/grammar.ts'
import { readSessionExpires, wordsOf } from '../message/headers.ts'
import { type Headers, header, headers } from '../message/message.ts'

/** How long the call holds without a sign from who refreshes it [RFC 4028]: a telephone that vanished is found by it. */
export type Session = { seconds: number; refresher: 'us' | 'them' }

/** Of a request that we answer; `tooShort` is answered with 422. */
export function agreeOn(request: { headers: Headers }): { tooShort: true } | { session: Session; headers: Headers } {
  const asked = readSessionExpires(header(request, 'session-expires'))
  const able = wordsOf(headers(request, 'supported')).includes('timer')
  if (asked && asked.seconds < sessionSecondsMin && able) return { tooShort: true }
  const seconds = Math.max(asked?.seconds ?? sessionSeconds, sessionSecondsMin)
  // Who does not know of it cannot refresh; who does may say who does it.
  const refresher = !able || asked?.refresher === 'uas' ? 'uas' : 'uac'
  const answer: Headers = [
    ['session-expires', `${seconds};refresher=${refresher}`],
    ...(refresher === 'uac' ? [['require', 'timer'] as const] : []),
  ]
  return { session: { seconds, refresher: refresher === 'uas' ? 'us' : 'them' }, headers: answer }
}

export const sessionRefused: Headers = [['min-se', String(sessionSecondsMin)]]

/** What we ask for in our own requests; longer when they have refused that as too short. */
export function askFor(seconds: number, refresher?: 'uac' | 'uas'): Headers {
  return [
    ['supported', 'timer'],
    ['session-expires', `${seconds}${refresher ? `;refresher=${refresher}` : ''}`],
    // Once they have said their least, that is ours too [RFC 4028 7.3].
    ['min-se', String(seconds > sessionSeconds ? seconds : sessionSecondsMin)],
  ]
}

/** Of the answer to our request: without the header they leave it to us, and then a refresh is all that we can do. */
export function sessionIn(response: { headers: Headers }): Session {
  const told = readSessionExpires(header(response, 'session-expires'))
  if (!told) return { seconds: sessionSeconds, refresher: 'us' }
  return { seconds: Math.max(told.seconds, sessionSecondsMin), refresher: told.refresher === 'uas' ? 'them' : 'us' }
}

/** The least that they take, told with a 422. */
export const leastIn = (response: { headers: Headers }): number | undefined => {
  const seconds = readNumber(header(response, 'min-se')?.split(';')[0]?.trim(), 86_400)
  return seconds && Math.max(seconds, sessionSeconds)
}

/** Half way for who refreshes; who waits gives it up shortly before it is over [RFC 4028 10]. */
export const dueMs = ({ seconds, refresher }: Session): number =>
  (refresher === 'us' ? seconds / 2 : seconds - Math.min(32, seconds / 3)) * 1000
