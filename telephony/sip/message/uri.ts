import { isIPv4, isIPv6 } from 'node:net'
import { type Params, readNumber, readParams, unescaped } from './grammar.ts'

/** `sip:` and `sips:` are where somebody can be reached; `tel:` is a number; others are known by name only. */
type SipUri = {
  scheme: 'sip' | 'sips'
  /** Without escapes; undefined when the address is a machine. */
  user: string | undefined
  /** IPv6 without its brackets. */
  host: string
  port: number | undefined
  params: Params
  /** What follows the question mark: headers that a page wants in the request. */
  headers: string | undefined
}
type TelUri = { scheme: 'tel'; number: string; params: Params }
export type Uri = SipUri | TelUri | { scheme: 'other'; text: string }

const schemePattern = /^([A-Za-z][A-Za-z0-9+.-]*):(.+)$/s
const hostPattern = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9.])?)(?::(\d{1,5}))?$/
const userPattern = /^[A-Za-z0-9\-_.!~*'()&=+$,;?/%:\x80-\xff#]*$/

export function readUri(text: string): Uri | undefined {
  const [, scheme, rest] = schemePattern.exec(text) ?? []
  if (!scheme || !rest || /[\s<>"]/.test(rest)) return undefined
  switch (scheme.toLowerCase()) {
    case 'sip':
    case 'sips':
      return readSip(scheme.toLowerCase() as 'sip' | 'sips', rest)
    case 'tel':
      return readTel(rest)
    default:
      return { scheme: 'other', text }
  }
}

function readSip(scheme: 'sip' | 'sips', text: string): SipUri | undefined {
  // Only the part before it may hold what separates the parts after it, so the last one counts.
  const at = text.lastIndexOf('@')
  const userInfo = at < 0 ? undefined : text.slice(0, at)
  if (userInfo === '' || (userInfo && !userPattern.test(userInfo))) return undefined
  const [place = '', headers] = splitOnce(text.slice(at + 1), '?')
  const semicolon = place.indexOf(';')
  const host = readHost(semicolon < 0 ? place : place.slice(0, semicolon))
  const params = readParams(semicolon < 0 ? '' : place.slice(semicolon))
  if (!host || !params) return undefined
  const user = userInfo === undefined ? undefined : unescaped(splitOnce(userInfo, ':')[0] ?? '')
  return { scheme, user, ...host, params, headers }
}

function readTel(text: string): TelUri | undefined {
  const semicolon = text.indexOf(';')
  const number = semicolon < 0 ? text : text.slice(0, semicolon)
  const params = readParams(semicolon < 0 ? '' : text.slice(semicolon))
  return params && /^\+?[0-9A-Fa-f*#().-]+$/.test(number)
    ? { scheme: 'tel', number: number.replace(/[().-]/g, ''), params }
    : undefined
}

/** `host`, `host:5060`, `[2001:db8::1]:5060`. */
export function readHost(text: string): { host: string; port: number | undefined } | undefined {
  const [, host, port] = hostPattern.exec(text) ?? []
  if (!host) return undefined
  const number = port === undefined ? undefined : readNumber(port, 65_535)
  if (port !== undefined && !number) return undefined
  if (!host.startsWith('[')) return /^[\d.]+$/.test(host) && !isIPv4(host) ? undefined : { host, port: number }
  const bare = host.slice(1, -1)
  return isIPv6(bare) ? { host: bare, port: number } : undefined
}

export const writeHost = (host: string, port?: number): string =>
  `${isIPv6(host) ? `[${host}]` : host}${port ? `:${port}` : ''}`

/** For a user part: what is not allowed there is escaped. */
export const escapeUser = (text: string): string =>
  Array.from(Buffer.from(text, 'utf8'), (byte) => {
    const c = String.fromCharCode(byte)
    return /[A-Za-z0-9\-_.!~*'()&=+$,]/.test(c) ? c : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }).join('')

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
