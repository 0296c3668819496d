import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Permission, Problem, Route } from '../contracts/route.ts'
import type { Caller } from './caller.ts'
import { isRefusal, type Refusal } from './refusal.ts'

export type Handler<R extends Route> = (input: {
  caller: Caller
  params: z.output<R['params']>
  query: z.output<R['query']>
  body: z.output<R['body']>
  request: FastifyRequest
  reply: FastifyReply
}) => Promise<z.input<R['reply']> | Refusal>

/** Finds out who asks; answers a refusal when they may not. Set once by access, before any route. */
export type Guard = (request: FastifyRequest, permission: Permission) => Promise<Caller | Refusal>

const guards = new WeakMap<FastifyInstance['server'], Guard>()
export const base = '/api/v1'

export function setGuard(app: FastifyInstance, guard: Guard): void {
  guards.set(app.server, guard)
}

const statuses: Record<string, number> = {
  'bad-request': 400,
  'not-signed-in': 401,
  'unknown-key': 401,
  'wrong-credentials': 401,
  forbidden: 403,
  'not-owner': 403,
  'foreign-origin': 403,
  'not-found': 404,
  invalid: 422,
  'too-many-requests': 429,
  overloaded: 503,
}

/** RFC 9457 problem+json; the code is stable, an ordinary refusal of a command is 409. */
export function problemOf(refusal: Refusal): Problem {
  const status = statuses[refusal.refused] ?? 409
  return {
    type: `urn:yihu:problem:${refusal.refused}`,
    title: refusal.refused.replaceAll('-', ' '),
    status,
    code: refusal.refused,
    ...(refusal.detail && { detail: refusal.detail }),
    ...(refusal.errors && { errors: refusal.errors }),
  }
}

export function sendProblem(reply: FastifyReply, refusal: Refusal): FastifyReply {
  const problem = problemOf(refusal)
  return reply.status(problem.status).header('content-type', 'application/problem+json').send(problem)
}

/** Registers one row of the API: permission, then the shapes, then the handler. A row without a guard does not start. */
export function serve<R extends Route>(app: FastifyInstance, route: R, handler: Handler<R>): void {
  const guard = guards.get(app.server)
  if (!guard) throw new Error(`route ${route.method} ${route.path} has no guard`)
  app.route({
    method: route.method,
    url: base + route.path,
    // Read by the rate limiter as the route is registered; set later, it would limit nothing.
    ...(route.perMinute && { config: { rateLimit: { max: route.perMinute, timeWindow: 60_000 } } }),
    handler: async (request, reply) => {
      const caller = await guard(request, route.permission)
      if (isRefusal(caller)) return sendProblem(reply, caller)
      const params = route.params.safeParse(request.params)
      if (!params.success) return sendProblem(reply, { refused: 'not-found' })
      const query = route.query.safeParse(request.query)
      if (!query.success) return sendProblem(reply, invalid(query.error, 'bad-request'))
      const body = route.body.safeParse(request.body ?? {})
      if (!body.success) return sendProblem(reply, invalid(body.error, 'invalid'))
      const answer = await handler({
        caller,
        params: params.data,
        query: query.data,
        body: body.data,
        request,
        reply,
      } as Parameters<Handler<R>>[0])
      if (isRefusal(answer)) return sendProblem(reply, answer)
      return reply.send(answer)
    },
  })
}

/** Names each fault and where; never repeats what was sent, which may be personal. */
function invalid(error: z.ZodError, code: string): Refusal {
  const errors = error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message }))
  return { refused: code, detail: 'Correct the named fields and send again.', errors }
}
