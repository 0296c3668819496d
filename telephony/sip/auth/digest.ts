import { createHash, randomBytes } from 'node:crypto'
import { quote, readParams, split } from '../message/grammar.ts'

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

export const algorithmOf = (text: string | undefined): Algorithm | undefined => {
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
