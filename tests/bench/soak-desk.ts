import { io } from 'socket.io-client'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'
import { beatEveryMs } from '../../server/contracts/realtime.ts'

/** A desk that does everything at once: what rings is taken, classified, resolved and closed. It keeps the queue short, so that the load is steady. */
export async function sitAtDesk(
  url: string,
  account: { username: string; password: string },
): Promise<{ closed(): number; leave(): void }> {
  let cookie = ''
  const ask = async <T>(method: string, path: string, body?: object): Promise<T | undefined> => {
    const answer = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url, cookie, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    })
    cookie ||= answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const said = (await answer.json()) as T
    return answer.ok ? said : undefined
  }
  const me = await ask<{ id: string }>('POST', '/sessions', { ...account })
  if (!me) throw new Error(`${account.username} cannot sign in`)
  const socket = io(url, { path: '/realtime', transports: ['websocket'], extraHeaders: { cookie } })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  let closed = 0
  const handle = async (id: string): Promise<void> => {
    const row = await ask<IncidentRow>('POST', `/incidents/${id}/answer`, {})
    if (!row) return // a colleague was first
    await ask('GET', `/incidents/${id}`)
    const said = { catalogueCode: 'unwell', class: row.class, answers: {} }
    await ask('POST', `/incidents/${id}/classify`, said)
    await ask('POST', `/incidents/${id}/resolve`, {})
    if (await ask('POST', `/incidents/${id}/close`, { disposition: 'no-help-needed', note: '' })) closed += 1
  }
  const hear = (offer: OfferView) => {
    if (offer.status === 'ringing' && offer.operators.includes(me.id)) void handle(offer.incidentId).catch(() => {})
  }
  socket.on('offer.changed', ({ row }: { row: OfferView }) => hear(row))
  const beat = setInterval(() => {
    socket.emit('beat', () => {})
    // What a lost push would have said.
    ask<{ items: OfferView[] }>('GET', '/offers').then(
      (offers) => offers?.items.forEach(hear),
      () => {},
    )
  }, beatEveryMs)
  await ask('PUT', '/presence', { status: 'available' })
  return {
    closed: () => closed,
    leave() {
      clearInterval(beat)
      socket.disconnect()
    },
  }
}
