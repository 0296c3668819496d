import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { nonceMs, noncesMax } from '../limits.ts'
import { quote } from '../message/grammar.ts'
import { type Algorithm, algorithmOf, digestOf, readDigest } from './digest.ts'

type Verdict = 'right' | 'stale' | 'wrong' | 'missing'

/** How a user of ours is asked; the other way is not taken, or whoever listens could choose the weaker one. */
export type Known = { password: string; algorithm: Algorithm }
type Checked = { verdict: Verdict; user?: string }

export type Challenge = {
  /** What a request without the right words is told: one challenge, for some telephones give up when they see two. */
  challenge(algorithm: Algorithm, stale: boolean): string
  check(authorizations: string[], method: string, knownAs: (user: string) => Known | undefined): Checked
}

/**
 * Asks for passwords. A nonce carries its own time and seal, so whoever only knocks costs no memory; of one that was used
 * the highest count is kept, so that what was overheard is not taken twice.
 */
export function createChallenge({ realm, now }: { realm: string; now(): Date }): Challenge {
  const secret = randomBytes(32)
  const counts = new Map<string, number>()

  const seal = (text: string) => createHmac('sha256', secret).update(text).digest('hex').slice(0, 32)

  function makeNonce(): string {
    const text = `${now().getTime().toString(36)}.${randomBytes(6).toString('hex')}`
    return `${text}.${seal(text)}`
  }

  function ageOf(nonce: string): number | undefined {
    const end = nonce.lastIndexOf('.')
    if (end < 0 || !same(seal(nonce.slice(0, end)), nonce.slice(end + 1))) return undefined
    return now().getTime() - Number.parseInt(nonce.slice(0, nonce.indexOf('.')), 36)
  }

  /** Oldest first, as they were first used. */
  function forgetOld(): void {
    for (const nonce of counts.keys()) {
      if (counts.size <= noncesMax && (ageOf(nonce) ?? nonceMs) < nonceMs) return
      counts.delete(nonce)
    }
  }

  return {
    challenge: (algorithm, stale) =>
      `Digest realm=${quote(realm)}, nonce="${makeNonce()}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
    check(authorizations, method, knownAs) {
      // A telephone behind several gates shows each of them its words.
      const given = authorizations.map(readDigest).find((one) => one?.get('realm') === realm)
      if (!given) return { verdict: 'missing' }
      const text = (name: string) => given.get(name) ?? ''
      const user = text('username')
      const known = knownAs(user)
      const algorithm = algorithmOf(given.get('algorithm'))
      const [nonce, nc] = [text('nonce'), text('nc')]
      if (!algorithm || (known && known.algorithm !== algorithm)) return { verdict: 'missing', user }
      const age = ageOf(nonce)
      // Of another life of this process, or not ours: with a fresh one they may try again.
      if (age === undefined) return { verdict: 'missing', user }
      if (text('qop').toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(nc)) return { verdict: 'wrong', user }
      const sum = { algorithm, realm, method, uri: text('uri'), nonce, counted: { nc, cnonce: text('cnonce') } }
      // Reckoned for a user whom nobody knows as well, so that time does not tell who is known.
      const right = same(digestOf({ user, password: known?.password ?? '' }, sum), text('response').toLowerCase())
      if (!right || !known) return { verdict: 'wrong', user }
      const count = Number.parseInt(nc, 16)
      if (age > nonceMs || count <= (counts.get(nonce) ?? 0)) return { verdict: 'stale', user }
      counts.set(nonce, count)
      forgetOld()
      return { verdict: 'right', user }
    },
  }
}

function same(a: string, b: string): boolean {
  const [one, other] = [Buffer.from(a), Buffer.from(b)]
  return one.length === other.length && timingSafeEqual(one, other)
}
