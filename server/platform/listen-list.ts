import { z } from 'zod'

export type At<T extends string> = { transport: T; host: string; port: number }

/** Words with commas between. */
export const commaList = z
  .string()
  .default('')
  .transform((list) =>
    list
      .split(',')
      .map((one) => one.trim())
      .filter(Boolean),
  )

/** A port on HOST, or `off`: the way in stays closed. */
export const portOrOff = (usual: number) =>
  z.union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)]).default(usual)

/** Where a way in opens: as its list says, else at its port on HOST with these transports. */
export function listenAt<T extends string>(
  list: At<T>[],
  port: number | 'off',
  host: string,
  transports: T[],
): At<T>[] {
  if (list.length > 0) return list
  return port === 'off' ? [] : transports.map((transport) => ({ transport, host, port }))
}

/** Where something listens: `transport:host:port`, several with commas; an IPv6 host in brackets. */
export function listenList<T extends string>(transports: readonly T[], like: string) {
  const shape = new RegExp(`^(${transports.join('|')}):(.+):(\\d{1,5})$`)
  return z
    .string()
    .default('')
    .transform((list, context) =>
      list
        .split(',')
        .map((one) => one.trim())
        .filter(Boolean)
        .map((one) => {
          const [, transport, host, at] = shape.exec(one) ?? []
          if (!transport || !host || Number(at) > 65_535) {
            context.addIssue(`must be a list like ${like}`)
            return z.NEVER
          }
          return { transport: transport as T, host: host.replace(/^\[|\]$/g, ''), port: Number(at) }
        }),
    )
}
