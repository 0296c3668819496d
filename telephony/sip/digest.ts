import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { nonceMs, noncesMax } from './limits.ts'
import { quote, readParams, split } from './text.ts'

export type Algorithm = 'MD5' | 'SHA-256'
export type Credentials = { user: string; password: string }

const hash = (algorithm: Algorithm, text: string): string =>
  createHash(algorithm === 'MD5' ? 'md5' : 'sha256')
    .update(text, 'latin1')
    .digest('hex')

type Sum = {
  algorithm: Algorithm
  realm: string
  method: string
  uri: string
  nonce: string
  /** With qop=auth; none in the old way of RFC 2069. */
  counted?: { nc: string; cnonce: string }
}

/** [RFC 7616 3.4.1] */
export function digestOf(
  { user, password }: Credentials,
  { algorithm, realm, method, uri, nonce, counted }: Sum,
): string {
  const who = hash(algorithm, `${user}:${realm}:${Buffer.from(password, 'utf8').toString('latin1')}`)
  const what = hash(algorithm, `${method}:${uri}`)
  return hash(
    algorithm,
    counted ? `${who}:${nonce}:${counted.nc}:${counted.cnonce}:auth:${what}` : `${who}:${nonce}:${what}`,
  )
}

/** `Digest a="b", c=d`; undefined for other schemes. */
export function readDigest(text: string): ReadonlyMap<string, string> | undefined {
  const [, rest] = /^Digest\s+(.+)$/is.exec(text) ?? []
  const parts = rest && split(rest, ',')
  return parts ? readParams(`;${parts.filter(Boolean).join(';')}`) : undefined
}

const algorithmOf = (text: string | undefined): Algorithm | undefined => {
  const name = (text ?? 'MD5').toUpperCase()
  return name === 'MD5' || name === 'SHA-256' ? name : undefined
}

/** Our answer to a challenge: the strongest that both know [RFC 8760 2.4]. Undefined: none that we know. */
export function answerChallenge(
  challenges: string[],
  credentials: Credentials,
  { method, uri }: { method: string; uri: string },
  cnonce = randomBytes(8).toString('hex'),
): string | undefined {
  const read = challenges.map(readDigest).filter((one) => one !== undefined)
  const known = read.filter((one) => algorithmOf(one.get('algorithm')))
  const chosen = known.find((one) => algorithmOf(one.get('algorithm')) === 'SHA-256') ?? known[0]
  const algorithm = chosen && algorithmOf(chosen.get('algorithm'))
  const [realm, nonce] = [chosen?.get('realm'), chosen?.get('nonce')]
  if (!algorithm || realm === undefined || nonce === undefined) return undefined
  const offered = chosen?.get('qop')
  // Of auth-int alone we know nothing.
  if (offered && !offered.split(',').some((one) => one.trim().toLowerCase() === 'auth')) return undefined
  const counted = offered ? { nc: '00000001', cnonce } : undefined
  const response = digestOf(credentials, { algorithm, realm, method, uri, nonce, ...(counted && { counted }) })
  const opaque = chosen?.get('opaque')
  return [
    `Digest username=${quote(credentials.user)}`,
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response=${quote(response)}`,
    `algorithm=${algorithm}`,
    ...(counted ? [`cnonce=${quote(cnonce)}`, 'qop=auth', `nc=${counted.nc}`] : []),
    ...(opaque !== undefined ? [`opaque=${quote(opaque)}`] : []),
  ].join(', ')
}

export type Verdict = 'right' | 'stale' | 'wrong' | 'missing'

export type Gate = {
  /** What a request without the right words is told. */
  challenge(stale: boolean): string[]
  check(
    authorizations: string[],
    method: string,
    passwordOf: (user: string) => string | undefined,
  ): { verdict: Verdict; user?: string }
}

/**
 * Asks for passwords. A nonce carries its own time and seal, so whoever only knocks costs no memory; of one that was used
 * the highest count is kept, so that what was overheard is not taken twice.
 */
export function createGate(parts: { realm: string; now(): Date; algorithms?: Algorithm[] }): Gate {
  const { realm, now, algorithms = ['SHA-256', 'MD5'] } = parts
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
    challenge(stale) {
      const nonce = makeNonce()
      return algorithms.map(
        (algorithm) =>
          `Digest realm=${quote(realm)}, nonce="${nonce}", algorithm=${algorithm}, qop="auth"${stale ? ', stale=true' : ''}`,
      )
    },
    check(authorizations, method, passwordOf) {
      // A telephone behind several gates shows each of them its words.
      const given = authorizations.map(readDigest).find((one) => one?.get('realm') === realm)
      if (!given) return { verdict: 'missing' }
      const text = (name: string) => given.get(name) ?? ''
      const user = text('username')
      const password = passwordOf(user)
      const algorithm = algorithmOf(given.get('algorithm'))
      const [nonce, nc] = [text('nonce'), text('nc')]
      if (!algorithm || !algorithms.includes(algorithm)) return { verdict: 'missing', user }
      const age = ageOf(nonce)
      // Of another life of this process, or not ours: with a fresh one they may try again.
      if (age === undefined) return { verdict: 'missing', user }
      if (text('qop').toLowerCase() !== 'auth' || !/^[0-9a-f]{8}$/i.test(nc)) return { verdict: 'wrong', user }
      const sum = { algorithm, realm, method, uri: text('uri'), nonce, counted: { nc, cnonce: text('cnonce') } }
      // Reckoned for a user whom nobody knows as well, so that time does not tell who is known.
      const right = same(digestOf({ user, password: password ?? '' }, sum), text('response').toLowerCase())
      if (!right || password === undefined) return { verdict: 'wrong', user }
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
