import {
  type Headers,
  headers,
  noBody,
  type ReceivedRequest,
  type SipRequest,
  type SipResponse,
  tagOf,
} from './message.ts'

const special: Record<string, string> = {
  'call-id': 'Call-ID',
  cseq: 'CSeq',
  'www-authenticate': 'WWW-Authenticate',
  'min-se': 'Min-SE',
  'mime-version': 'MIME-Version',
}

const written = (name: string): string => special[name] ?? name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase())

export const formatRequest = (request: SipRequest): Buffer =>
  format(`${request.method} ${request.uri} SIP/2.0`, request.headers, request.body)

export const formatResponse = (response: SipResponse): Buffer =>
  format(`SIP/2.0 ${response.status} ${response.reason}`, response.headers, response.body)

function format(startLine: string, all: Headers, body: Buffer): Buffer {
  const lines = all.filter(([name]) => name !== 'content-length').map(([name, value]) => `${written(name)}: ${value}`)
  // What was read has no line ends in it; what is ours must not get any, or a value could write headers of its own.
  const head = [startLine, ...lines, `Content-Length: ${body.length}`].map((line) => line.replace(/[\r\n]+/g, ' '))
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), body])
}

const reasons: Record<number, string> = {
  100: 'Trying',
  180: 'Ringing',
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  416: 'Unsupported URI Scheme',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  482: 'Loop Detected',
  483: 'Too Many Hops',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'Version Not Supported',
  603: 'Decline',
}

export type Reply = { toTag?: string; headers?: Headers; body?: { type: string; content: string } }

/** An answer carries the path, the parties and the number of its request, and says our tag. */
export function responseTo(request: { headers: Headers }, status: number, reply: Reply = {}): SipResponse {
  const body = reply.body ? Buffer.from(reply.body.content, 'utf8') : noBody
  const copied = ['via', 'from', 'to', 'call-id', 'cseq'].flatMap((name) =>
    headers(request, name).map((value) => {
      const tagged = name === 'to' && reply.toTag && status > 100 && !hasTag(request)
      return [name, tagged ? `${value};tag=${reply.toTag}` : value] as const
    }),
  )
  const type: Headers = reply.body ? [['content-type', reply.body.type]] : []
  const server: Headers = [['server', 'Yihu']]
  const all = [...copied, ...(reply.headers ?? []), ...server, ...type]
  return { status, reason: reasons[status] ?? 'Answer', headers: all, body }
}

const hasTag = (request: { headers: Headers }): boolean =>
  'to' in request && tagOf((request as ReceivedRequest).to) !== undefined
