import { z } from 'zod'

/**
 * What an account may do. `public` needs no session, `device` a device key, `responder` a signed link, `signed-in` any
 * session; the others are held by roles (access/policy) within an area.
 */
export type Permission =
  | 'public'
  | 'device'
  | 'responder'
  | 'signed-in'
  | 'demo'
  | 'read-board'
  | 'handle-incident'
  | 'supervise'
  | 'read-file'
  | 'write-file'
  | 'reveal-access'
  | 'read-providers'
  | 'write-providers'
  | 'administer'
  | 'read-audit'

export type Route<
  P extends z.ZodType = z.ZodType,
  Q extends z.ZodType = z.ZodType,
  B extends z.ZodType = z.ZodType,
  R extends z.ZodType = z.ZodType,
> = {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** Path below /api/v1, parameters as `:name`. */
  path: string
  permission: Permission
  summary: string
  /** At most so many requests a minute from one address; the next are refused as `too-many-requests`. */
  perMinute?: number
  params: P
  query: Q
  body: B
  reply: R
}

const nothing = z.object({})
type Nothing = typeof nothing

/** One row of the API: the server registers it, the console calls it, OpenAPI is printed from it. */
export function route<
  R extends z.ZodType,
  P extends z.ZodType = Nothing,
  Q extends z.ZodType = Nothing,
  B extends z.ZodType = Nothing,
>(row: {
  method: Route['method']
  path: string
  permission: Permission
  summary: string
  perMinute?: number
  reply: R
  params?: P
  query?: Q
  body?: B
}): Route<P, Q, B, R> {
  return { params: nothing as never, query: nothing as never, body: nothing as never, ...row }
}

export const idParams = z.object({ id: z.uuid() })
export type IdParams = typeof idParams

/** Lists answer `{items, next}`; `next` is handed back as `cursor` and is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
})

/** RFC 9457; `code` is stable, `detail` says what to do next. */
export const problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number().int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
})
export type Problem = z.infer<typeof problem>
