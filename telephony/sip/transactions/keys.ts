import { randomBytes, randomFillSync } from 'node:crypto'
import { type ReceivedRequest, tagOf } from '../message/message.ts'

/** Every branch of RFC 3261 begins with it. */
export const cookie = 'z9hG4bK'

// Drawn in stock: asked of the system one by one, they would cost more than reading the message.
const stock = randomBytes(4_096)
let used = 0

/** Nobody guesses it: a branch, a tag, a Call-ID. */
export function randomToken(bytes = 12): string {
  if (used + bytes > stock.length) {
    randomFillSync(stock)
    used = 0
  }
  used += bytes
  return stock.toString('hex', used - bytes, used)
}

/** [RFC 3261 17.2.3] Without the cookie in the branch (RFC 2543) by what was the same then. */
export function serverKey(request: ReceivedRequest, method = request.method): string {
  const { via, callId, cseq, from } = request
  const of =
    via.branch.startsWith(cookie) && via.branch.length > cookie.length ? '' : `${callId} ${cseq.number} ${tagOf(from)}`
  return `${method === 'ACK' ? 'INVITE' : method} ${via.branch} ${via.host.toLowerCase()}:${via.port ?? ''} ${of}`
}

/** The same request, by whatever way it came [RFC 3261 8.2.2.2]. */
export const mergeKey = ({ callId, cseq, from }: ReceivedRequest): string =>
  `${callId} ${cseq.number} ${cseq.method} ${tagOf(from)}`
