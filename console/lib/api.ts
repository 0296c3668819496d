import type { z } from 'zod'
import type { Problem, Route } from '../../server/contracts/route.ts'

/** A refusal or outage as the server put it: a stable code, and what to do next. */
export class ApiError extends Error {
  readonly code: string
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.detail ?? problem.title)
    this.code = problem.code
    this.problem = problem
  }
}

type Input<R extends Route> = {
  params?: z.input<R['params']>
  query?: z.input<R['query']>
  body?: z.input<R['body']>
  headers?: Record<string, string>
}

// Longer than the server may take; after it the person is told instead of left waiting.
const answerLimitMs = 15_000

let askPassword: (() => Promise<boolean>) | undefined
/** Who asks the person for their password when the server wants it again; true when it was right. */
export function onPasswordWanted(ask: () => Promise<boolean>): () => void {
  askPassword = ask
  return () => {
    askPassword = undefined
  }
}

/** Calls one row of the API; the answer is checked by the same schema that the server serves it by. Throws ApiError. */
export async function call<R extends Route>(route: R, input: Input<R> = {}): Promise<z.output<R['reply']>> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(String((input.params as Record<string, unknown>)?.[name])),
  )
  const query = new URLSearchParams(
    Object.entries((input.query ?? {}) as Record<string, unknown>)
      .filter(([, value]) => value !== undefined && value !== '')
      .map(([name, value]) => [name, String(value)]),
  )
  const ask = async () => {
    // In a header and not in the address: proxies write addresses down, and these are names and reasons.
    const headers = { ...input.headers, ...(query.size > 0 && { 'yihu-query': query.toString() }) }
    const response = await send(`/api/v1${path}`, route.method, { ...input, headers })
    const answer: unknown = await response.json().catch(() => ({}))
    if (!response.ok) throw new ApiError(problemFrom(response.status, answer))
    return answer
  }
  const answer = await ask().catch(async (fault: unknown) => {
    // The password again, then the same once more: nobody types their change twice.
    const again = fault instanceof ApiError && fault.code === 'confirm-password' && !route.path.endsWith('/confirm')
    if (again && (await askPassword?.())) return ask()
    throw fault
  })
  return route.reply.parse(answer) as z.output<R['reply']>
}

async function send(
  url: string,
  method: string,
  input: { body?: unknown; headers?: Record<string, string> },
): Promise<Response> {
  try {
    return await fetch(url, {
      method,
      signal: AbortSignal.timeout(answerLimitMs),
      credentials: 'same-origin',
      headers: { ...(method !== 'GET' && { 'content-type': 'application/json' }), ...input.headers },
      ...(method !== 'GET' && { body: JSON.stringify(input.body ?? {}) }),
    })
  } catch {
    throw new ApiError({ type: 'about:blank', title: 'no connection', status: 0, code: 'no-connection' })
  }
}

function problemFrom(status: number, answer: unknown): Problem {
  if (typeof answer === 'object' && answer !== null && 'code' in answer) return answer as Problem
  return { type: 'about:blank', title: 'outage', status, code: 'outage' }
}
