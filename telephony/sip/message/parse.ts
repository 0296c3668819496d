import { bodyBytesMax, headBytesMax, headersMax, viasMax } from '../limits.ts'
import { readNumber, token } from './grammar.ts'
import { readAddress, readCSeq, readVia, valuesOf } from './headers.ts'
import { type Core, type Headers, header, headers, type Received } from './message.ts'
import { readUri } from './uri.ts'

/** Bytes in, a message or a named reason out. Where a request can be answered, the headers for that are there. */
export type Parsed =
  | { ok: true; message: Received }
  | { ok: false; reason: string; status?: number; answerable?: { headers: Headers; method: string } }

const compact: Record<string, string> = {
  a: 'accept-contact',
  b: 'referred-by',
  c: 'content-type',
  d: 'request-disposition',
  e: 'content-encoding',
  f: 'from',
  i: 'call-id',
  j: 'reject-contact',
  k: 'supported',
  l: 'content-length',
  m: 'contact',
  n: 'identity-info',
  o: 'event',
  r: 'refer-to',
  s: 'subject',
  t: 'to',
  u: 'allow-events',
  v: 'via',
  x: 'session-expires',
  y: 'identity',
}

// Two of these would be two messages in one, and each reader would believe another.
const once = [
  'from',
  'to',
  'call-id',
  'cseq',
  'max-forwards',
  'content-length',
  'content-type',
  'expires',
  'min-expires',
  'date',
]

const requestLine = new RegExp(`^(${token}) (\\S+) SIP/(\\d+\\.\\d+)$`, 'i')
const statusLine = /^SIP\/2\.0 ([1-6]\d\d) (.*)$/is
const headerLine = new RegExp(`^(${token})[ \\t]*:[ \\t]*(.*?)[ \\t]*$`, 's')
const words = '[A-Za-z0-9\\-.!%*_+`\'~()<>:\\\\"/\\[\\]?{}]+'
const callIdPattern = new RegExp(`^${words}(@${words})?$`)

export function parse(bytes: Buffer): Parsed {
  const end = bytes.indexOf('\r\n\r\n')
  if (end < 0) return { ok: false, reason: 'no-end-of-head' }
  if (end > headBytesMax) return { ok: false, reason: 'head-too-long' }
  const [first = '', ...lines] = unfold(bytes.toString('latin1', 0, end)).split('\r\n')
  const all = readHeaders(lines)
  if (typeof all === 'string') return { ok: false, reason: all }
  const response = statusLine.exec(first)
  if (response) {
    const core = readCore(all)
    if (typeof core === 'string') return { ok: false, reason: core }
    const body = readBody(bytes, end, all)
    if (typeof body === 'string') return { ok: false, reason: body }
    const [, status, reason = ''] = response
    return { ok: true, message: { kind: 'response', status: Number(status), reason, headers: all, body, ...core } }
  }
  const [, method, uri, version] = requestLine.exec(first) ?? []
  if (!method || !uri) return refuse('start-line', 400, first.split(' ')[0] ?? '', all)
  if (version !== '2.0') return refuse('version', 505, method, all)
  const target = readUri(uri)
  if (!target || ('headers' in target && target.headers)) return refuse('request-uri', 400, method, all)
  const core = readCore(all)
  if (typeof core === 'string') return refuse(core, 400, method, all)
  if (core.cseq.method !== method) return refuse('cseq-method', 400, method, all)
  const hops = header({ headers: all }, 'max-forwards')
  if (hops !== undefined && readNumber(hops, 255) === undefined) return refuse('max-forwards', 400, method, all)
  const body = readBody(bytes, end, all)
  if (typeof body === 'string') return refuse(body, 400, method, all)
  return { ok: true, message: { kind: 'request', method, uri, headers: all, body, ...core } }
}

const unfold = (head: string): string => head.replace(/[ \t]*\r\n[ \t]+/g, ' ')

function readHeaders(lines: string[]): Headers | string {
  if (lines.length > headersMax) return 'too-many-headers'
  const all: [string, string][] = []
  for (const line of lines) {
    const [, written, text = ''] = headerLine.exec(line) ?? []
    if (!written || /[\r\n]/.test(text)) return 'header-line'
    const name = compact[written.toLowerCase()] ?? written.toLowerCase()
    const values = valuesOf(name, text)
    if (!values) return name
    for (const value of values) all.push([name, value])
  }
  return all.length > headersMax ? 'too-many-headers' : all
}

function readCore(all: Headers): Core | string {
  const message = { headers: all }
  for (const name of once) if (headers(message, name).length > 1) return name
  const vias = headers(message, 'via')
  if (vias.length > viasMax) return 'too-many-vias'
  const read = vias.map(readVia)
  const via = read[0]
  if (!via || read.includes(undefined)) return 'via'
  const from = readAddress(header(message, 'from') ?? '')
  if (!from) return 'from'
  const to = readAddress(header(message, 'to') ?? '')
  if (!to) return 'to'
  const callId = header(message, 'call-id') ?? ''
  if (!callIdPattern.test(callId)) return 'call-id'
  const cseq = readCSeq(header(message, 'cseq') ?? '')
  if (!cseq) return 'cseq'
  // Where answers and later requests would go has to be readable as well.
  for (const [name, value] of all)
    if ((name === 'contact' && value !== '*') || name === 'route' || name === 'record-route')
      if (!readAddress(value)) return name
  return { via, from, to, callId, cseq }
}

/** As long as Content-Length says; without it all that came [RFC 3261 18.3]. Less than it says is not the whole message. */
function readBody(bytes: Buffer, end: number, all: Headers): Buffer | string {
  const rest = bytes.subarray(end + 4)
  const told = header({ headers: all }, 'content-length')
  const length = told === undefined ? rest.length : readNumber(told)
  if (length === undefined || length > rest.length) return 'content-length'
  if (length > bodyBytesMax) return 'body-too-long'
  return rest.subarray(0, length)
}

/** Refused, and answered only where the parties can be said and nobody would answer an answer. */
function refuse(reason: string, status: number, method: string, all: Headers): Parsed {
  const answerable =
    method !== 'ACK' &&
    ['via', 'from', 'to', 'call-id', 'cseq'].every((name) => headers({ headers: all }, name).length > 0) &&
    readVia(header({ headers: all }, 'via') ?? '') !== undefined
  return { ok: false, reason, status, ...(answerable && { answerable: { headers: all, method } }) }
}
