import { Agent, request } from 'node:http'
import type { World } from './world.ts'

export type Answer<T> = { status: number; body: T; cookie: string }
type Method = 'GET' | 'POST' | 'PUT'

const agents = new Map<string, Agent>()
// Sign-ins are limited by the caller's address, so desks have addresses of their own; all of 127.0.0.0/8 is this machine on Linux.
function agentOf(from: string): Agent {
  const agent = agents.get(from) ?? new Agent({ keepAlive: true, localAddress: from })
  agents.set(from, agent)
  return agent
}

/** A real request. Answers what was said, whatever the status; throws only when nobody answers. */
export function ask<T = Record<string, unknown>>(
  world: World,
  url: string,
  method: Method,
  path: string,
  options: { body?: object; headers?: Record<string, string>; from?: string } = {},
): Promise<Answer<T>> {
  world.notes.requests += 1
  const text = options.body === undefined ? '' : JSON.stringify(options.body)
  const headers = {
    origin: url,
    ...(text && { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(text)) }),
    ...options.headers,
  }
  return new Promise((resolve, reject) => {
    const sent = request(
      `${url}/api/v1${path}`,
      { method, headers, agent: agentOf(options.from ?? '127.0.0.1') },
      (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.once('error', reject)
        reply.once('end', () => {
          const said = Buffer.concat(parts).toString()
          const cookie = reply.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
          resolve({ status: reply.statusCode ?? 0, body: (said ? JSON.parse(said) : {}) as T, cookie })
        })
      },
    )
    sent.once('error', reject)
    sent.end(text)
  })
}

export function hangUp(): void {
  for (const agent of agents.values()) agent.destroy()
  agents.clear()
}
