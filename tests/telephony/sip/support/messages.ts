import type { ReceivedRequest, ReceivedResponse } from '../../../../telephony/sip/message/message.ts'
import { parse } from '../../../../telephony/sip/message/parse.ts'

/** A message as it is on the wire; lines without their ends, an empty one before the body. */
export const wire = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1')

export function requestFrom(bytes: Buffer): ReceivedRequest {
  const parsed = parse(bytes)
  if (!parsed.ok) throw new Error(`not read: ${parsed.reason}`)
  if (parsed.message.kind !== 'request') throw new Error('a response')
  return parsed.message
}

export function responseFrom(bytes: Buffer): ReceivedResponse {
  const parsed = parse(bytes)
  if (!parsed.ok) throw new Error(`not read: ${parsed.reason}`)
  if (parsed.message.kind !== 'response') throw new Error('a request')
  return parsed.message
}

export type Said = {
  method?: string
  uri?: string
  branch?: string
  callId?: string
  from?: string
  to?: string
  cseq?: string
  via?: string
  more?: string[]
  body?: string
}

/** A request as a trunk would send it, with what a test wants to be different. */
export function said(what: Said = {}): Buffer {
  const {
    method = 'INVITE',
    uri = 'sip:12349@127.0.0.1',
    branch = 'z9hG4bKone',
    callId = 'call-1@trunk',
    body = '',
  } = what
  return wire(
    `${method} ${uri} SIP/2.0`,
    `Via: ${what.via ?? `SIP/2.0/UDP 127.0.0.1:5099;rport;branch=${branch}`}`,
    'Max-Forwards: 70',
    `From: ${what.from ?? '<sip:+8657112345678@trunk.example>;tag=theirs'}`,
    `To: ${what.to ?? '<sip:12349@127.0.0.1>'}`,
    `Call-ID: ${callId}`,
    `CSeq: ${what.cseq ?? `1 ${method}`}`,
    ...(what.more ?? []),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  )
}

/** The least that is a session; the sound itself is not tested here. */
export const sdp = [
  'v=0',
  'o=- 1 1 IN IP4 127.0.0.1',
  's=-',
  'c=IN IP4 127.0.0.1',
  't=0 0',
  'm=audio 40000 RTP/AVP 0',
  '',
].join('\r\n')
