import { io, type Socket } from 'socket.io-client'
import type { Board, IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'
import { beatEveryMs } from '../../server/contracts/realtime.ts'
import { ask } from './ask.ts'
import type { World } from './world.ts'

export type Desk = Awaited<ReturnType<typeof sitDown>>
type Hears = { row(row: IncidentRow): void; offer(offer: OfferView, by: 'push' | 'asking'): void }

// Sign-ins are limited to twenty a minute and address.
const desksPerAddress = 15

/**
 * What a console does by itself: signs in, then (`connect`) listens, beats every 15 s and asks then what changed, since a push may be lost.
 * Leaving without a word is a pulled plug: no beat, no socket.
 */
export async function sitDown(
  world: World,
  account: { username: string; password: string },
  place: number,
  hears: Hears,
) {
  const url = world.urls[place % world.urls.length] as string
  const from = `127.0.0.${1 + Math.floor(place / desksPerAddress)}`
  const signedIn = await ask<{ id: string }>(world, url, 'POST', '/sessions', { body: { ...account }, from })
  if (signedIn.status !== 200) throw new Error(`${account.username} cannot sign in: ${signedIn.status}`)
  const headers = { cookie: signedIn.cookie }
  let socket: Socket | undefined
  let cursor: { epoch: string; seq: number } | undefined

  /** A command of the operator; its code when it is refused, which is counted. */
  async function tell<T>(method: 'POST' | 'PUT', path: string, body: object = {}, what = path.split('/').at(-1) ?? '') {
    const answer = await ask<T & { code?: string }>(world, url, method, path, { body, headers, from })
    if (answer.status === 200) return { ok: true as const, body: answer.body as T }
    const code = answer.body.code ?? String(answer.status)
    world.notes.refused(what, code)
    if (answer.status >= 500) world.notes.faults.push(`${what} answers ${answer.status}`)
    return { ok: false as const, code }
  }
  const get = async <T>(path: string): Promise<T | undefined> => {
    const answer = await ask<T>(world, url, 'GET', path, { headers, from })
    if (answer.status === 200) return answer.body
    if (answer.status >= 500) world.notes.faults.push(`${path.split('?')[0]} answers ${answer.status}`)
    return undefined
  }

  async function connect(): Promise<void> {
    const opened = io(url, {
      path: '/realtime',
      transports: ['websocket'],
      extraHeaders: headers,
      forceNew: true,
      reconnection: false,
    })
    await new Promise<void>((resolve, reject) => {
      opened.once('connect', resolve)
      opened.once('connect_error', reject)
    })
    opened.on('incident.changed', ({ row }: { row: IncidentRow }) => hears.row(row))
    opened.on('offer.changed', ({ row }: { row: OfferView }) => hears.offer(row, 'push'))
    opened.on('disconnect', () => world.fence.leave(opened))
    world.fence.join(opened)
    socket = opened
    await look()
  }

  async function look(): Promise<void> {
    if (!socket?.connected) return
    await socket.emitWithAck('beat')
    const asked = cursor ? `?epoch=${cursor.epoch}&since=${cursor.seq}` : ''
    const board = await get<Board>(`/board${asked}`)
    if (board) {
      cursor = { epoch: board.epoch, seq: board.seq }
      for (const row of board.items) hears.row(row)
    }
    const offers = await get<{ items: OfferView[] }>('/offers')
    for (const offer of offers?.items ?? []) hears.offer(offer, 'asking')
  }

  function beat(): void {
    world.after(beatEveryMs, async () => {
      beat()
      await look()
    })
  }
  // Some seconds apart, as people sit down; not each on its own second, so that the virtual clock needs fewer stops.
  world.after((place % 5) * (beatEveryMs / 5), beat)

  return {
    id: signedIn.body.id,
    tell,
    get,
    connect,
    available: () => tell('PUT', '/presence', { status: 'available' }),
    rest: () => tell('PUT', '/presence', { status: 'break', reason: 'rest' }),
    unplug(): void {
      if (socket) world.fence.leave(socket)
      socket?.disconnect()
      cursor = undefined
    },
  }
}
