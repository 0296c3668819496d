import fastify from 'fastify'
import { openMetrics } from './metrics-route.ts'
import type { Parts } from './parts.ts'

// A predecessor of the same place still holds the port while it ends.
const againMs = 1_000

/**
 * The figures of this very process at a port of its own: a worker or media process has no other, and of web processes behind
 * one address each scrape would meet another one. A port that is taken never keeps a process from its work.
 */
export function openMetricsPort(parts: Pick<Parts, 'env' | 'metrics' | 'log'>): () => Promise<void> {
  const { env, log } = parts
  let closed = false
  let timer: NodeJS.Timeout | undefined
  let app = fastify()
  async function open(): Promise<void> {
    app = fastify()
    openMetrics(app, parts)
    try {
      // Exclusive: a cluster would otherwise share it among its processes.
      await app.listen({ port: env.metricsPort, host: env.host, exclusive: true })
    } catch (error) {
      await app.close()
      log.warn({ fault: (error as Error).message }, 'metrics port not opened; trying again')
      if (!closed) timer = setTimeout(() => void open(), againMs)
    }
  }
  const opening = env.metricsPort === undefined ? undefined : open()
  return async () => {
    closed = true
    clearTimeout(timer)
    await opening
    await app.close()
  }
}
