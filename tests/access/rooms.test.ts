import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { makeRealtime, type RealtimeServer } from '../../server/platform/realtime.ts'
import { buildApp } from '../../server/wiring/app.ts'
import { acceptSockets, recheckSockets } from '../../server/wiring/sockets.ts'
import { buildWorld, type Role, type signedIn, type World } from './authorization/world.ts'

let w: World
let realtime: RealtimeServer
let url: string
let close: () => Promise<void>
const opened: Socket[] = []
let paths: { here: string; far: string }

beforeAll(async () => {
  w = await buildWorld()
  realtime = makeRealtime(undefined, 'test', w.centre.parts.metrics)
  const parts = { ...w.centre.parts, realtime }
  const app = await buildApp(parts, {
    intake: w.centre.intake,
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
  const end = acceptSockets(parts, realtime)
  realtime.attach(app.server)
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  const pathOf = async (id: string) =>
    (await w.db.query<{ path: string }>('SELECT path FROM area WHERE id = $1', [id]))[0]?.path as string
  paths = { here: await pathOf(w.ids.here), far: await pathOf(w.ids.far) }
  await w.sent()
  close = async () => {
    end()
    await realtime.close()
    await app.close()
    await w.close()
  }
})
beforeEach(() => {
  for (const socket of opened.splice(0)) socket.close()
})
afterAll(async () => {
  for (const socket of opened) socket.close()
  await close()
})

/** Connects as this role would; undefined when the door stays shut. */
async function connect(role: Role): Promise<Socket | undefined> {
  const person = w.people[role as (typeof signedIn)[number]]
  const auth = { device: { kiosk: w.pendant.key }, kiosk: { kiosk: w.kioskKey }, link: { responder: w.token } }[
    role as string
  ]
  const socket = io(url, {
    path: '/realtime',
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    ...(person && { extraHeaders: { cookie: person.cookie, origin: url } }),
    ...(auth && { auth }),
  })
  opened.push(socket)
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(socket))
    socket.once('connect_error', () => resolve(undefined))
  })
}

const hint = (id: string) => ({ id, version: 1, seq: 1 })
const alert = (id: string) => ({ id, kind: 'unanswered' as const, incidentId: null, at: new Date().toISOString() })
/** Every way in which the server can push, to here and to somewhere else. */
const pushes: Record<string, () => void> = {
  'toArea here': () => realtime.toArea(paths.here, 'incident.changed', hint('toArea here')),
  'toArea far': () => realtime.toArea(paths.far, 'incident.changed', hint('toArea far')),
  'toSupervisors here': () => realtime.toSupervisors(paths.here, 'alert.raised', alert('toSupervisors here')),
  'toSupervisors far': () => realtime.toSupervisors(paths.far, 'alert.raised', alert('toSupervisors far')),
  toLeaders: () => realtime.toLeaders('alert.raised', alert('toLeaders')),
  'toOperator owner': () => realtime.toOperator(w.people.owner.id, 'call.changed', hint('toOperator owner')),
  'toResponder link': () => realtime.toResponder(w.ids.responder, 'assignment.changed', hint('toResponder link')),
  'toResponder other': () => realtime.toResponder('another', 'assignment.changed', hint('toResponder other')),
  'toKiosk own': () => realtime.toKiosk(w.ids.kiosk, 'call.changed', hint('toKiosk own')),
  // A web telephone of the demo; none of these roles has one.
  toPhone: () => realtime.toPhone('+8619900092081', 'typing', { callId: 'toPhone', text: '' }),
  'toKiosk other': () => realtime.toKiosk('another', 'call.changed', hint('toKiosk other')),
}
const hears: Record<Role, string[] | 'nothing at all'> = {
  nobody: 'nothing at all',
  device: 'nothing at all', // a pendant's key is no kiosk's
  kiosk: ['toKiosk own'],
  link: ['toResponder link'],
  stranger: ['toArea far'],
  elsewhere: ['toArea far', 'toSupervisors far', 'toLeaders'],
  both: ['toArea here', 'toArea far', 'toSupervisors far', 'toLeaders'],
  colleague: ['toArea here', 'toArea far'], // the whole district
  owner: ['toArea here', 'toArea far', 'toOperator owner'],
  supervisor: ['toArea here', 'toArea far', 'toSupervisors here', 'toSupervisors far', 'toLeaders'],
  administrator: ['toArea here', 'toArea far'],
  provider: [],
  auditor: [],
}

describe('each role at the socket', () => {
  test('every way of pushing is in the table; to all goes the pulse only, which says the time', () => {
    const ways = Object.keys(realtime).filter((name) => name.startsWith('to'))
    const known = [...new Set(Object.keys(pushes).map((name) => name.split(' ')[0]))]
    expect([...known, 'toAll'].sort()).toEqual(ways.sort())
  })
  for (const [role, expected] of Object.entries(hears))
    test(`${role} hears ${expected === 'nothing at all' ? expected : expected.join(', ') || 'the pulse only'}`, async () => {
      const socket = await connect(role as Role)
      if (!socket) return expect(expected).toBe('nothing at all')
      const heard: string[] = []
      socket.onAny((name: string, { id }: { id?: string }) => name !== 'pulse' && heard.push(String(id)))
      for (const push of Object.values(pushes)) push()
      await new Promise((resolve) => {
        socket.once('pulse', resolve)
        realtime.toAll('pulse', {})
      })
      expect(heard).toEqual(expected)
    })
})

test('a kiosk that was taken out of service, or given another key, is cut off with the next look', async () => {
  const parts = { ...w.centre.parts, realtime }
  const ended = (socket: Socket | undefined) => new Promise((resolve) => socket?.once('disconnect', resolve))
  const first = await connect('kiosk')
  await recheckSockets(parts, realtime)
  expect(first?.connected).toBe(true)
  const over = ended(first)
  await w.db.query(`UPDATE device SET state = 'out-of-service' WHERE id = $1`, [w.ids.kiosk])
  await recheckSockets(parts, realtime)
  expect(await over).toBe('io server disconnect')
  expect(await connect('kiosk')).toBeUndefined()
  await w.db.query(`UPDATE device SET state = 'in-service' WHERE id = $1`, [w.ids.kiosk])
  const again = ended(await connect('kiosk'))
  await w.must(w.people.administrator.post(`/devices/${w.ids.kiosk}/key`))
  await recheckSockets(parts, realtime)
  expect(await again).toBe('io server disconnect')
})
