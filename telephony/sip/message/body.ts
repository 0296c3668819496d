import { readParams } from './grammar.ts'
import { type Headers, header } from './message.ts'

/** `type/subtype` in small letters, without its parameters. */
export const typeOf = (message: { headers: Headers }): string =>
  (header(message, 'content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''

/** Undefined: there is none. `unknown`: there is a body, and no session description in it. */
export function sdpIn(message: { headers: Headers; body: Buffer }): { sdp: string | undefined } | 'unknown' {
  if (!message.body.length) return { sdp: undefined }
  if (header(message, 'content-encoding')) return 'unknown'
  const type = typeOf(message)
  if (type === 'application/sdp' || type === '') return { sdp: message.body.toString('utf8') }
  if (!type.startsWith('multipart/')) return 'unknown'
  const sdp = partOf(message, 'application/sdp')
  return sdp === undefined ? 'unknown' : { sdp }
}

/** With the session a trunk may send a location or ISDN's own words, one part each [RFC 5621]. */
function partOf(message: { headers: Headers; body: Buffer }, type: string): string | undefined {
  const text = header(message, 'content-type') ?? ''
  const boundary = readParams(text.slice(text.indexOf(';')))?.get('boundary')
  if (!boundary) return undefined
  for (const part of message.body.toString('latin1').split(`--${boundary}`).slice(1)) {
    const end = part.indexOf('\r\n\r\n')
    if (
      end < 0 ||
      !new RegExp(`\\r\\n(?:content-type|c)[ \\t]*:[ \\t]*${type}[ \\t]*(?:;|\\r\\n|$)`, 'i').test(part.slice(0, end))
    )
      continue
    return Buffer.from(part.slice(end + 4), 'latin1').toString('utf8')
  }
  return undefined
}
