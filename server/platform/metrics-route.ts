import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isLoopback } from './loopback.ts'
import type { Parts } from './parts.ts'

/**
 * The figures of a centre tell a stranger when nobody answers. With METRICS_TOKEN whoever shows it may read them, from
 * anywhere; without, only this machine itself. What a proxy passes on is never "this machine", though its connection is.
 */
export function openMetrics(app: FastifyInstance, { env, metrics }: Pick<Parts, 'env' | 'metrics'>): void {
  app.get('/metrics', async (request, reply) => {
    if (!mayRead(request, env.metricsToken))
      return reply
        .status(env.metricsToken ? 401 : 403)
        .headers(env.metricsToken ? { 'www-authenticate': 'Bearer' } : {})
        .type('text/plain')
        .send('Set METRICS_TOKEN and send it as "Authorization: Bearer …", or ask from the machine itself.\n')
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
}

function mayRead({ headers, socket }: FastifyRequest, token: string | undefined): boolean {
  if (token) return same(headers.authorization ?? '', `Bearer ${token}`)
  const proxied = headers['x-forwarded-for'] ?? headers.forwarded ?? headers.via
  return proxied === undefined && isLoopback(socket.remoteAddress ?? '')
}

/** Compares in a time that tells nothing about where they differ. */
function same(said: string, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(said), digest(wanted))
}
