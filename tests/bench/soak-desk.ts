import { io } from 'socket.io-client'
import type { CallView } from '../../server/contracts/calls.ts'
import type { IncidentRow } from '../../server/contracts/incidents.ts'
import type { OfferView } from '../../server/contracts/queue.ts'
import { beatEveryMs } from '../../server/contracts/realtime.ts'
import { browserLeg } from '../support/browser-leg.ts'
import { wait } from './figures.ts'

const signInTries = 15
const signInAgainMs = 5_000
const talkMs = { least: 15_000, more: 20_000 }

/** A desk that does everything at once: what rings is taken, classified, resolved and closed. It keeps the queue short, so that the load is steady. */
export async function sitAtDesk(
  url: string,
  account: { username: string; password: string },
  telephone?: { hz: number },
): Promise<{ closed(): number; talked(): number; leave(): Promise<void> }> {
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
  // One address may sign in so many a minute, and this is a whole shift behind one.
  const signIn = () => ask<{ id: string }>('POST', '/sessions', { ...account })
  let me = await signIn()
  for (let i = 0; !me && i < signInTries; i++) {
    await wait(signInAgainMs)
    me = await signIn()
  }
  if (!me) throw new Error(`${account.username} cannot sign in`)
  const { id: mine } = me
  const socket = io(url, { path: '/realtime', transports: ['websocket'], extraHeaders: { cookie } })
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve)
    socket.once('connect_error', reject)
  })
  const line = telephone && (await browserLeg(telephone.hz))
  if (line) {
    const opened = (await socket.emitWithAck('voice.open', { sdp: line.offer })) as { sdp?: string; refused?: string }
    if (!opened.sdp) throw new Error(`${account.username} has no telephone: ${opened.refused}`)
    await line.accept(opened.sdp)
  }
  let closed = 0
  let talked = 0
  /** Talks with who is on the line, as long as people do. */
  const talk = async (id: string): Promise<void> => {
    const calls = await ask<{ items: CallView[] }>('GET', `/incidents/${id}/calls`)
    const call = calls?.items.find((one) => one.status === 'answered' && one.operatorId === mine)
    if (!call) return
    await wait(talkMs.least + Math.random() * talkMs.more)
    if (await ask('POST', `/calls/${call.id}/hang-up`, {})) talked += 1
  }
  const handle = async (id: string): Promise<void> => {
    const row = await ask<IncidentRow>('POST', `/incidents/${id}/answer`, {})
    if (!row) return // a colleague was first
    await ask('GET', `/incidents/${id}`)
    if (line) await talk(id)
    const said = { catalogueCode: 'unwell', class: row.class, answers: {} }
    await ask('POST', `/incidents/${id}/classify`, said)
    await ask('POST', `/incidents/${id}/resolve`, {})
    if (await ask('POST', `/incidents/${id}/close`, { disposition: 'no-help-needed', note: '' })) closed += 1
  }
  const calling = new Set<string>()
  socket.on('incident.changed', ({ id, row }: { id: string; row?: IncidentRow }) => {
    if (row?.kind === 'call' && row.status !== 'closed') calling.add(id)
    else calling.delete(id)
  })
  const hear = ({ id, status, operators, incidentId }: OfferView) => {
    if (status !== 'ringing' || !operators.includes(mine)) return
    // Nobody can be talked to here: it rings on at once.
    if (!line && calling.has(incidentId)) void ask('POST', `/offers/${id}/decline`, {}).catch(() => {})
    else void handle(incidentId).catch(() => {})
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
    talked: () => talked,
    async leave() {
      clearInterval(beat)
      socket.disconnect()
      await line?.close()
    },
  }
}
