import '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Permission } from '../contracts/route.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { isFromHere } from '../platform/this-machine.ts'
import { type Caller, nobody } from './caller.ts'
import { sameOrigin } from './same-origin.ts'
import { callerOf, sessionCookie } from './session.ts'

const changes = new Set(['POST', 'PUT', 'DELETE', 'PATCH'])

/** Default deny. A session request that changes something must come from our own pages (same-origin). */
export function makeGuard(parts: Parts) {
  return async (request: FastifyRequest, permission: Permission): Promise<Caller | Refusal> => {
    // A device shows its key and a responder a signed link to the command itself; neither has a cookie to abuse.
    if (permission === 'device' || permission === 'responder') return nobody
    if (changes.has(request.method) && !sameOrigin(request.headers, parts.env.publicBaseUrl)) {
      return refuse('foreign-origin', 'Send the request from the product’s own pages, with their Origin header.')
    }
    if (permission === 'public') return nobody
    if (permission === 'demo' && !parts.env.demo) return refuse('not-found')
    if (permission === 'demo' && fromThisMachine(request)) return nobody
    const caller = await callerOf(parts, request.cookies[sessionCookie(parts.env)])
    if (!caller) return refuse('not-signed-in', 'Sign in and try again.')
    if (permission !== 'signed-in' && permission !== 'demo' && !caller.permissions.has(permission))
      return refuse('forbidden', 'Your role does not include this.')
    return caller
  }
}

/**
 * The keys of the demo's pendants are for whoever sits at this machine, and for who is signed in; not for everybody on the
 * network. What a proxy hands on comes from elsewhere, unless the proxy is known and names the caller.
 */
function fromThisMachine({ ip, ips, headers, socket }: FastifyRequest): boolean {
  const named = ips !== undefined && ips.length > 1
  return isFromHere({ address: ip, localAddress: socket.localAddress, headers, named })
}
