import fastifyCookie from '@fastify/cookie'

/** The cookies of a raw header, for the socket handshake, which Fastify does not see. */
export function parseCookie(header: string | undefined): Record<string, string | undefined> {
  return header ? fastifyCookie.parse(header) : {}
}
