import { setTimeout as pause } from 'node:timers/promises'
import { io } from 'socket.io-client'
import type { Board } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'

const lookMs = 400
const answerMsMax = 5_000

/**
 * An operator who answers whatever rings, resolves it and closes it, over the real API and socket; when the line breaks they
 * sign in again, as the console does. `answered` are the incidents that this desk was given.
 */
export function startWorking(url: string, account: { username: string; password: string }) {
  const answered = new Set<string>()
  let going = true
  let cookie = ''
  let id = ''
  let available = false
  let socket: ReturnType<typeof io> | undefined

  async function ask<T>(method: string, path: string, body?: object): Promise<{ status: number; body: T }> {
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url, cookie, ...(body && { 'content-type': 'application/json' }) },
      signal: AbortSignal.timeout(answerMsMax),
      ...(body && { body: JSON.stringify(body) }),
    })
    const set = reply.headers.get('set-cookie')
    if (set) cookie = set.split(';')[0] ?? cookie
    return { status: reply.status, body: (await reply.json()) as T }
  }

  async function sitDown(): Promise<void> {
    const signedIn = await ask<{ id: string }>('POST', '/sessions', account)
    if (signedIn.status !== 200) throw new Error('not signed in')
    id = signedIn.body.id
    socket?.disconnect()
    socket = io(url, { path: '/realtime', transports: ['websocket'], extraHeaders: { cookie }, forceNew: true })
    socket.on('connect', () => socket?.emit('beat', () => {}))
  }

  async function finish(incidentId: string): Promise<void> {
    await ask('POST', `/incidents/${incidentId}/resolve`, {})
    await ask('POST', `/incidents/${incidentId}/close`, { disposition: 'no-help-needed', note: '' })
  }

  async function look(): Promise<void> {
    if (!id) await sitDown()
    if (!available) available = (await ask('PUT', '/presence', { status: 'available' })).status === 200
    socket?.emit('beat', () => {})
    const offers = await ask<{ items: OfferView[] }>('GET', '/offers')
    if (offers.status === 401) {
      id = ''
      return
    }
    for (const offer of offers.body.items ?? []) {
      if (offer.status !== 'ringing' || !offer.operators.includes(id)) continue
      const taken = await ask('POST', `/incidents/${offer.incidentId}/answer`, {})
      if (taken.status === 200) answered.add(offer.incidentId)
    }
    const board = await ask<Board>('GET', '/board')
    for (const row of board.body.items ?? []) if (row.ownerId === id && row.status !== 'closed') await finish(row.id)
  }

  const working = (async () => {
    while (going) {
      await look().catch(() => {
        available = false // the line broke: they look whether they are still there
      })
      await pause(lookMs)
    }
  })()
  return {
    answered,
    async end(): Promise<void> {
      going = false
      await working
      socket?.disconnect()
    },
  }
}
