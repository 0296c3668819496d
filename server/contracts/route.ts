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
  /** It may read much: a few at once, so that what an operator does meanwhile finds a connection. */
  slow?: true
  /** The largest body that it takes; without it, the one that fits every form. */
  bodyMaxBytes?: number
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
  slow?: true
  bodyMaxBytes?: number
  reply: R
  params?: P
  query?: Q
  body?: B
}): Route<P, Q, B, R> {
  return { params: nothing as never, query: nothing as never, body: nothing as never, ...row }
}

export const idParams = z.object({ id: z.uuid() })

/** Lists answer `{items, next}`; `next` is handed back as `cursor` and is null on the last page. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), next: z.string().nullable() })
}
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  /** What `next` said; ours are digits, and fit PostgreSQL's bigint. */
  cursor: z
    .string()
    .regex(/^\d{1,15}$/, 'is what "next" of the page before says')
    .optional(),
})

const intMax = 2_147_483_647
/** The version that was seen, counted from 1 in an int of PostgreSQL. */
export const version = z.number().int().min(1).max(intMax)
/** A plain number that PostgreSQL keeps in an int. */
export const count = z.number().int().min(0).max(intMax)
/** What somebody types to find something. */
export const searchWords = z.string().max(60)
/** A day of somebody's life; PostgreSQL knows no year 0, and nobody here is older. */
export const day = z.iso
  .date()
  .refine((text) => text >= '1850-01-01' && text < '2200-01-01', 'is not a day of our time')

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
