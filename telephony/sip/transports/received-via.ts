import { stampVia, type Via } from '../message/headers.ts'
import type { Headers } from '../message/message.ts'
import type { Flow } from './flow.ts'

/** The headers with the true address in the top Via. */
export function withReceivedVia(request: { headers: Headers; via: Via }, flow: Flow): Headers {
  let top = true
  return request.headers.map(([name, value]) => {
    if (name !== 'via' || !top) return [name, value]
    top = false
    return [name, stampVia(value, request.via, flow.remote)]
  })
}
