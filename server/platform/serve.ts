import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Permission, Problem, Route } from '../contracts/route.ts'
import { askedBy, shortOf } from './asking.ts'
import type { Caller } from './caller.ts'
import { isRefusal, type Refusal, refuse } from './refusal.ts'
import { turns } from './turns.ts'

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
  'confirm-password': 403,
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
  // A device that is told when to come back does; one that is not may give up.
  if (problem.status === 503) reply.header('retry-after', '1')
  return reply.status(problem.status).header('content-type', 'application/problem+json').send(problem)
}

/** A row whose answer is a file: the handler sends it by itself. */
export function serveFile<R extends Route>(
  app: FastifyInstance,
  route: R,
  handler: (input: Parameters<Handler<R>>[0]) => Promise<FastifyReply | Refusal>,
): void {
  serve(app, route, handler as unknown as Handler<R>)
}

// Of ten connections for pages; a page that asks for a list waits some seconds at the most.
const slowOnes = turns({ atOnceMax: 4, waitingMax: 40 })
const busy = refuse('too-many-requests', 'Many long lists are being read. Wait a minute and try again.')

/** What is asked about a person may come in a header instead: addresses are written down on their way, headers are not. */
export const quietHeader = 'yihu-query'
function quietQuery({ headers }: FastifyRequest): object {
  const said = headers[quietHeader]
  return typeof said === 'string' ? Object.fromEntries(new URLSearchParams(said)) : {}
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
    ...(route.bodyMaxBytes && { bodyLimit: route.bodyMaxBytes }),
    // What a device is answered is a line, and many come at once.
    ...(route.permission === 'device' && { compress: false }),
    handler: async (request, reply) => {
      const caller = await guard(request, route.permission)
      if (isRefusal(caller)) return sendProblem(reply, caller)
      const params = read(route.params, request.params, 'not-found')
      if (isRefusal(params)) return sendProblem(reply, { refused: 'not-found' })
      const query = read(route.query, { ...(request.query as object), ...quietQuery(request) }, 'bad-request')
      if (isRefusal(query)) return sendProblem(reply, query)
      const body = read(route.body, request.body ?? {}, 'invalid')
      if (isRefusal(body)) return sendProblem(reply, body)
      const who = { address: request.ip, session: caller.sessionId ? shortOf(caller.sessionId) : undefined }
      const run = () => askedBy(who, answerIt)
      const answerIt = () =>
        handler({
          caller,
          params: params.data,
          query: query.data,
          body: body.data,
          request,
          reply,
        } as Parameters<Handler<R>>[0])
      const answer = route.slow ? await slowOnes.take(run) : await run()
      if (answer === 'full') return sendProblem(reply, busy)
      if (isRefusal(answer)) return sendProblem(reply, answer)
      if (reply.sent || (answer as unknown) === reply) return reply
      return reply.send(answer)
    },
  })
}

// NUL, and half of a surrogate pair: valid in JSON, but no text that PostgreSQL keeps.
const noText = /[\0\p{Surrogate}]/u

/**
 * What was sent, in its shape. Each fault is named and where, as a code that a page puts into words; what was sent is never
 * repeated, since it may be personal.
 */
function read<T extends z.ZodType>(type: T, sent: unknown, code: string): { data: z.output<T> } | Refusal {
  const parsed = type.safeParse(sent)
  const unfit = parsed.success && unfitText(parsed.data, [])
  if (parsed.success && !unfit) return { data: parsed.data }
  const faults = parsed.success
    ? [{ path: unfit || [], message: 'cannot-be-kept' }]
    : parsed.error.issues.map((issue) => ({ path: issue.path, message: fieldCode(issue) }))
  const named = new Map<string, string>()
  // The first fault of a field is the one to mend; the size of what is no text at all says nothing.
  for (const { path, message } of faults) if (!named.has(path.join('.'))) named.set(path.join('.'), message)
  const errors = [...named].slice(0, 20).map(([path, message]) => ({ path, message }))
  return { refused: code, detail: 'Correct the named fields and send again.', errors }
}

/** Where the text stands that could not be stored: the one thing that a shape would have to ask for in each of its texts. */
function unfitText(value: unknown, path: string[]): string[] | undefined {
  if (typeof value === 'string') return noText.test(value) ? path : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [name, inner] of Object.entries(value)) {
    const found = noText.test(name) ? path : unfitText(inner, [...path, name])
    if (found) return found
  }
  return undefined
}

/** `code` or `code:value`, like the reasons of an offer. */
export function fieldCode(issue: z.core.$ZodIssue): string {
  const text = 'origin' in issue && issue.origin === 'string'
  switch (issue.code) {
    case 'too_small':
      if (issue.origin === 'array') return `too-few:${issue.minimum}`
      return text ? (issue.minimum === 1 ? 'required' : `too-short:${issue.minimum}`) : `too-small:${issue.minimum}`
    case 'too_big':
      if (issue.origin === 'array') return `too-many:${issue.maximum}`
      return text ? `too-long:${issue.maximum}` : `too-big:${issue.maximum}`
    case 'invalid_type':
      // The input itself is not in the issue; its message says what was received.
      return /received (undefined|null)$/.test(issue.message) ? 'required' : 'wrong-kind'
    case 'invalid_format':
      return issue.format === 'date' || issue.format === 'datetime' ? 'not-a-date' : 'wrong-format'
    case 'invalid_value':
      return 'not-in-list'
    default:
      return 'wrong-kind'
  }
}
