import { Agent, request } from 'node:http'
import { io, type Socket } from 'socket.io-client'

export type Target = {
  url: string
  cookie?: string
  body(i: number): { headers: Record<string, string>; body: object }
}
export type Result = { perSecond: number; p50: number; p99: number; sent: number; failed: number }

const lostAfterMs = 5_000

/** One listening console, and senders that wait for both: the HTTP answer and the event on the console. */
export async function openConsole(
  target: Target,
): Promise<{ socket: Socket; seen: Map<string, (at: number) => void>; early: Map<string, number> }> {
  const socket = io(target.url, {
    path: '/realtime',
    transports: ['websocket'],
    ...(target.cookie && { extraHeaders: { cookie: target.cookie } }),
  })
  const seen = new Map<string, (at: number) => void>()
  const early = new Map<string, number>()
  socket.on('incident.changed', ({ id }: { id: string }) => {
    const waiting = seen.get(id)
    if (waiting) waiting(performance.now())
    else early.set(id, performance.now())
  })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('connect_error', reject)
  })
  return { socket, seen, early }
}

function post(
  agent: Agent,
  url: URL,
  headers: Record<string, string>,
  body: object,
): Promise<{ status: number; incidentId: string }> {
  return new Promise((resolve, reject) => {
    const text = JSON.stringify(body)
    const sent = request(
      {
        agent,
        host: url.hostname,
        port: url.port,
        path: '/api/v1/alarms',
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text), ...headers },
      },
      (reply) => {
        let answer = ''
        reply.on('data', (bytes) => {
          answer += bytes
        })
        reply.on('end', () =>
          resolve({
            status: reply.statusCode ?? 0,
            incidentId: (JSON.parse(answer) as { incidentId: string }).incidentId,
          }),
        )
      },
    )
    sent.once('error', reject)
    sent.end(text)
  })
}

let next = 0

/** Sends for `ms`; closed loop with `senders`, or open loop at `rate` a second. Latency is press to console, in ms. */
export async function run(
  target: Target,
  how: { senders: number; ms: number } | { rate: number; ms: number },
): Promise<Result> {
  const { socket, seen, early } = await openConsole(target)
  const agent = new Agent({ keepAlive: true, maxSockets: 'senders' in how ? how.senders : 128 })
  const url = new URL(target.url)
  const took: number[] = []
  let failed = 0
  const one = async () => {
    const { headers, body } = target.body(next++)
    const started = performance.now()
    try {
      const { status, incidentId } = await post(agent, url, headers, body)
      if (status !== 201) throw new Error(String(status))
      const at =
        early.get(incidentId) ??
        (await new Promise<number>((resolve, reject) => {
          const timer = setTimeout(() => reject(new Error('no event')), lostAfterMs)
          seen.set(incidentId, (time) => {
            clearTimeout(timer)
            resolve(time)
          })
        }))
      early.delete(incidentId)
      seen.delete(incidentId)
      took.push(at - started)
    } catch {
      failed += 1
    }
  }
  const started = performance.now()
  const until = started + how.ms
  if ('senders' in how) {
    await Promise.all(
      Array.from({ length: how.senders }, async () => {
        while (performance.now() < until) await one()
      }),
    )
  } else {
    const all: Promise<void>[] = []
    for (let i = 0; performance.now() < until; i++) {
      const due = started + (i * 1000) / how.rate
      const wait = due - performance.now()
      if (wait > 1) await new Promise((later) => setTimeout(later, wait))
      all.push(one())
    }
    await Promise.all(all)
  }
  const seconds = (performance.now() - started) / 1000
  socket.close()
  agent.destroy()
  took.sort((a, b) => a - b)
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? Number.NaN
  return { perSecond: took.length / seconds, p50: at(0.5), p99: at(0.99), sent: took.length, failed }
}
