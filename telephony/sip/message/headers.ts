import { angleAt, type Params, readNumber, readParams, split, token, unquote } from './grammar.ts'
import { readHost, readUri, type Uri, writeHost } from './uri.ts'

/** `"Name" <sip:…>;tag=…` as in From, To, Contact, Route, P-Asserted-Identity. */
export type Address = { display: string; uri: Uri; uriText: string; params: Params }

const displayPattern = /^[^",;<>@]*$/

export function readAddress(text: string): Address | undefined {
  const open = angleAt(text)
  if (open === undefined) return undefined
  // Without brackets a semicolon belongs to the header, and the address may hold neither it nor a comma or question mark.
  if (open < 0) {
    const end = text.search(/[\s;]/)
    const uriText = end < 0 ? text : text.slice(0, end)
    return /[,?]/.test(uriText) ? undefined : put('', uriText, end < 0 ? '' : text.slice(end))
  }
  const close = text.indexOf('>', open)
  if (close < 0) return undefined
  const before = text.slice(0, open).trim()
  const display = before.startsWith('"') ? unquote(before) : displayPattern.test(before) ? before : undefined
  return display === undefined ? undefined : put(display, text.slice(open + 1, close).trim(), text.slice(close + 1))
}

function put(display: string, uriText: string, rest: string): Address | undefined {
  const uri = readUri(uriText)
  const params = readParams(rest)
  return uri && params && { display, uri, uriText, params }
}

export type Via = { transport: string; host: string; port: number | undefined; params: Params; branch: string }

const viaPattern = new RegExp(
  `^SIP\\s*/\\s*2\\.0\\s*/\\s*(${token})\\s+([^\\s;:\\[]+|\\[[^\\]\\s]+\\])(?:\\s*:\\s*(\\d+))?\\s*(;.*)?$`,
  'is',
)

export function readVia(text: string): Via | undefined {
  const [, transport, host, port, rest] = viaPattern.exec(text) ?? []
  const place = host && readHost(port ? `${host}:${port}` : host)
  const params = readParams(rest ?? '')
  if (!transport || !place || !params) return undefined
  return { transport: transport.toUpperCase(), ...place, params, branch: params.get('branch') ?? '' }
}

/** Where it really came from is written into the top Via [RFC 3261 18.2.1, RFC 3581 4]: answers go there. */
export function stampVia(text: string, via: Via, from: { address: string; port: number }): string {
  const asked = via.params.has('rport')
  const bare = asked ? text.replace(/;\s*rport\s*(=\s*\d*)?\s*(?=;|$)/i, '') : text
  const received = asked || via.host !== from.address ? `;received=${writeHost(from.address)}` : ''
  return `${bare.replace(/;\s*received\s*=\s*[^;]*/i, '')}${received}${asked ? `;rport=${from.port}` : ''}`
}

export type CSeq = { number: number; method: string }

const cseqPattern = new RegExp(`^(\\d+)\\s+(${token})$`)

export function readCSeq(text: string): CSeq | undefined {
  const [, digits, method] = cseqPattern.exec(text) ?? []
  const number = readNumber(digits?.replace(/^0+(?=\d)/, ''))
  return number === undefined || !method ? undefined : { number, method }
}

const listed = new Set(['via', 'route', 'record-route', 'contact', 'p-asserted-identity'])

/** One entry a value, where a header may carry several; undefined when they cannot be told apart. */
export const valuesOf = (name: string, text: string): string[] | undefined =>
  listed.has(name) ? split(text, ',') : [text]

export type SessionExpires = { seconds: number; refresher: 'uac' | 'uas' | undefined }

export function readSessionExpires(text: string | undefined): SessionExpires | undefined {
  const [, digits, rest] = /^(\d+)\s*(;.*)?$/s.exec(text ?? '') ?? []
  const seconds = readNumber(digits)
  const refresher = readParams(rest ?? '')
    ?.get('refresher')
    ?.toLowerCase()
  if (seconds === undefined) return undefined
  return { seconds, refresher: refresher === 'uac' || refresher === 'uas' ? refresher : undefined }
}

/** The words of Require, Supported, Allow, Privacy. */
export const wordsOf = (texts: string[]): string[] =>
  texts
    .flatMap((text) => text.split(/[,;]/))
    .map((word) => word.trim().toLowerCase())
    .filter(Boolean)
