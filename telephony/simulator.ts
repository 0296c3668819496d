import { z } from 'zod'
import { dispatchRoutes as api, demoMessage, type ResponderPage, responderPage } from '../server/contracts/dispatch.ts'

const lookEveryMs = 1_500
// What a helper nearby takes for each step, shortened so that one person can watch a whole case.
const stepMs = { requested: 4_000, accepted: 4_000, 'en-route': 12_000, 'on-scene': 15_000 } as const
const declineShare = 0.2

/**
 * Pretend responders, demo only: they read the messages that their pretend telephones got and answer through the same
 * link and API as a person would, a few seconds later. Off until somebody switches them on at /simulator.
 */
export function startPretendResponders(baseUrl: string): () => void {
  const since = new Map<string, { status: string; at: number }>()
  const over = new Set<string>()
  let busy = false

  const call = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${baseUrl}/api/v1${path}`, {
      method,
      headers: { origin: baseUrl, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    return response.ok ? ((await response.json()) as unknown) : undefined
  }

  async function look(): Promise<void> {
    const { on } = (await call('GET', api.demoResponders.path)) as { on: boolean }
    if (!on) return
    const messages = z.object({ items: z.array(demoMessage) }).parse(await call('GET', api.demoMessages.path))
    for (const message of messages.items) {
      const token = message.link?.split('/r/')[1]
      if (!token || over.has(token)) continue
      const page = responderPage.safeParse(await call('GET', `/r/${token}`))
      if (page.success) await act(token, page.data)
    }
  }

  async function act(token: string, page: ResponderPage): Promise<void> {
    const wait = stepMs[page.status as keyof typeof stepMs]
    if (wait === undefined) return void over.add(token)
    const seen = since.get(token)
    if (seen?.status !== page.status) return void since.set(token, { status: page.status, at: Date.now() })
    if (Date.now() - seen.at < wait) return
    const next = { requested: 'accept', accepted: 'en-route', 'en-route': 'on-scene', 'on-scene': 'done' }[
      page.status as keyof typeof stepMs
    ]
    const declines = page.status === 'requested' && Math.random() < declineShare
    await call('POST', `/r/${token}/${declines ? 'decline' : next}`, declines ? { reason: 'busy' } : {})
  }

  const timer = setInterval(async () => {
    if (busy) return
    busy = true
    await look().catch(() => {})
    busy = false
  }, lookEveryMs)
  return () => clearInterval(timer)
}
