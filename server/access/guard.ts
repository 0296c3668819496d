import '@fastify/cookie'
import type { FastifyRequest } from 'fastify'
import type { Permission } from '../contracts/route.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { type Caller, nobody } from './caller.ts'
import { sameOrigin } from './same-origin.ts'
import { callerOf, cookieName } from './session.ts'

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
    if (permission === 'demo') return parts.env.demo ? nobody : refuse('not-found')
    const caller = await callerOf(parts, request.cookies[cookieName])
    if (!caller) return refuse('not-signed-in', 'Sign in and try again.')
    if (permission !== 'signed-in' && !caller.permissions.has(permission))
      return refuse('forbidden', 'Your role does not include this.')
    return caller
  }
}
