import { io, type Socket } from 'socket.io-client'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signOut } from '../../server/access/session.ts'
import type { AccountView } from '../../server/contracts/access.ts'
import { linkToken } from '../../server/dispatch/link.ts'
import type { Parts } from '../../server/platform/parts.ts'
import { makeRealtime, type RealtimeServer } from '../../server/platform/realtime.ts'
import { buildApp } from '../../server/wiring/app.ts'
import { acceptSockets, recheckSockets } from '../../server/wiring/sockets.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let parts: Parts
let realtime: RealtimeServer
let url: string
let close: () => Promise<void>
const opened: Socket[] = []

beforeAll(async () => {
  centre = await startCentre()
  realtime = makeRealtime(undefined, 'test', centre.parts.metrics)
  parts = { ...centre.parts, realtime }
  const app = await buildApp(parts, {
    intake: centre.intake,
    unready: async () => [],
    consoleDir: '/nonexistent',
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
  const end = acceptSockets(parts, realtime)
  realtime.attach(app.server)
  url = await app.listen({ port: 0, host: '127.0.0.1' })
  close = async () => {
    end()
    await realtime.close()
    await app.close()
    await centre.close()
  }
})
beforeEach(() => {
  for (const socket of opened.splice(0)) socket.close()
})
afterAll(async () => {
  for (const socket of opened) socket.close()
  await close()
})

/** What a console hears, and how its connection ended; `heard` is asked for after a round trip, so nothing is on its way. */
async function listen(headers: Record<string, string>, auth?: object) {
  const socket = io(url, {
    path: '/realtime',
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    extraHeaders: headers,
    ...(auth && { auth }),
  })
  opened.push(socket)
  const names: string[] = []
  socket.onAny((name: string) => name !== 'pulse' && names.push(name))
  const ended = new Promise<string>((resolve) => socket.once('disconnect', (reason) => resolve(reason)))
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', () => resolve())
    socket.once('connect_error', reject)
  })
  return {
    socket,
    ended,
    async heard(): Promise<string[]> {
      await new Promise((resolve) => {
        socket.once('pulse', resolve)
        realtime.toAll('pulse', {})
      })
      return names.splice(0)
    },
  }
}

const pathOf = async (name: string) =>
  (await centre.db.query<{ path: string }>('SELECT path FROM area WHERE name = $1', [name]))[0]?.path as string
const hint = { id: 'x', version: 1, seq: 1 }
const alert = { id: 'x', kind: 'unanswered' as const, incidentId: null, at: new Date().toISOString() }

describe('a connection', () => {
  test('without a session, with a foreign origin or with a forged link is refused', async () => {
    const ana = await centre.as('op01')
    await expect(listen({})).rejects.toThrow('not-signed-in')
    await expect(listen({ cookie: 'yihu=nonsense' })).rejects.toThrow('not-signed-in')
    await expect(listen({ cookie: ana.cookie, origin: 'http://evil.test' })).rejects.toThrow('not-signed-in')
    await expect(listen({}, { responder: 'nonsense' })).rejects.toThrow('not-signed-in')
    await expect(listen({ cookie: ana.cookie, origin: url })).resolves.toBeDefined()
  })
  test('of a pretend telephone is taken from this machine alone, by whatever way somebody comes', async () => {
    await expect(listen({}, { phone: '' })).resolves.toBeDefined()
    const through = ['x-forwarded-for', 'x-real-ip', 'forwarded', 'via', 'cf-connecting-ip']
    for (const header of through)
      await expect(listen({ [header]: '203.0.113.9' }, { phone: '' }), header).rejects.toThrow('not-signed-in')
    await expect(listen({ host: 'evil.test' }, { phone: '' })).rejects.toThrow('not-signed-in')
    parts.env.demo = false
    await expect(listen({}, { phone: '' })).rejects.toThrow('not-signed-in')
    parts.env.demo = true
  })
  test('hears the areas of its roles and no others', async () => {
    const near = await listen({ cookie: (await centre.as('op12')).cookie }) // 云陂街道
    const far = await listen({ cookie: (await centre.as('op09')).cookie }) // 青榆街道
    const all = await listen({ cookie: (await centre.as('sup01')).cookie }) // the district
    realtime.toArea(await pathOf('半山社区'), 'incident.changed', hint)
    realtime.toSupervisors(await pathOf('半山社区'), 'alert.raised', alert)
    expect(await near.heard()).toEqual(['incident.changed'])
    expect(await far.heard()).toEqual([])
    expect(await all.heard()).toEqual(['incident.changed', 'alert.raised'])
  })
  test('hears nothing that was sent to no area; what concerns all is heard by leaders and by no responder', async () => {
    const [ana, lead] = [await centre.as('op01'), await centre.as('sup01')]
    const operator = await listen({ cookie: ana.cookie })
    const leader = await listen({ cookie: lead.cookie })
    realtime.toArea('/', 'incident.changed', hint)
    realtime.toSupervisors('/', 'alert.raised', alert)
    expect([await operator.heard(), await leader.heard()]).toEqual([[], []])
    realtime.toLeaders('alert.raised', alert)
    expect([await operator.heard(), await leader.heard()]).toEqual([[], ['alert.raised']])
  })
})

describe('a connection ends', () => {
  test('at once with signing out, and only that session', async () => {
    const [here, there] = [await centre.as('op01'), await centre.as('op01')]
    const [one, other] = [await listen({ cookie: here.cookie }), await listen({ cookie: there.cookie })]
    await fetch(`${url}/api/v1/sessions/current`, {
      method: 'DELETE',
      headers: { cookie: here.cookie, origin: url, 'content-type': 'application/json' },
      body: '{}',
    })
    expect(await one.ended).toBe('io server disconnect')
    expect(await other.heard()).toEqual([])
    expect(other.socket.connected).toBe(true)
  })
  test('at once when the account is changed', async () => {
    const admin = await centre.as('admin')
    const { items } = (await admin.get<{ items: AccountView[] }>('/accounts?q=op08')).body
    const { id, version, ...form } = items[0] as AccountView
    const one = await listen({ cookie: (await centre.as('op08')).cookie })
    await fetch(`${url}/api/v1/accounts/${id}`, {
      method: 'PUT',
      headers: { cookie: admin.cookie, origin: url, 'content-type': 'application/json' },
      body: JSON.stringify({ version, form: { ...form, active: false } }),
    })
    expect(await one.ended).toBe('io server disconnect')
  })
  test('with its session, however it ended, at the next look', async () => {
    const person = await centre.as('op05')
    const one = await listen({ cookie: person.cookie })
    await recheckSockets(parts, realtime)
    expect(one.socket.connected).toBe(true)
    await centre.db.query('DELETE FROM session WHERE account_id = $1', [person.id])
    await recheckSockets(parts, realtime)
    expect(await one.ended).toBe('io server disconnect')
  })
  test('with the account at the next look', async () => {
    const person = await centre.as('op06')
    const one = await listen({ cookie: person.cookie })
    await centre.db.query('UPDATE account SET active = false WHERE id = $1', [person.id])
    await recheckSockets(parts, realtime)
    expect(await one.ended).toBe('io server disconnect')
  })
})

test('the link of a request that is over opens no connection, and an open page ends with its request', async () => {
  const ana = await centre.as('op03')
  const [, device] = await devicesIn(centre)
  const { incidentId } = (await centre.press(device as { key: string })).body
  await ana.post(`/incidents/${incidentId}/answer`)
  await ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await ana.post(`/incidents/${incidentId}/dispatch`, {})
  const [one] = await centre.db.query<{ id: string; responderId: string }>(
    `SELECT id, responder_id AS "responderId" FROM assignment WHERE incident_id = $1 AND status = 'requested'`,
    [incidentId],
  )
  const { id, responderId } = one as { id: string; responderId: string }
  const token = linkToken(centre.parts.seal, id)
  const page = await listen({}, { responder: token })
  await recheckSockets(parts, realtime)
  expect(await realtime.responderIsHere(responderId)).toBe(true)
  await centre.ask('POST', `/r/${token}/decline`, { reason: 'busy' }, {})
  await recheckSockets(parts, realtime)
  expect(await page.ended).toBe('io server disconnect')
  expect(await realtime.responderIsHere(responderId)).toBe(false)
  await expect(listen({}, { responder: token })).rejects.toThrow('not-signed-in')
})

test('a withdrawn role is heard no more at the next look, and a new one is', async () => {
  const person = await centre.as('op11')
  const one = await listen({ cookie: person.cookie })
  const [old, next] = [await pathOf('云陂街道'), await pathOf('青榆街道')]
  await centre.db.query(
    'UPDATE account_role SET area_id = (SELECT id FROM area WHERE path = $2) WHERE account_id = $1',
    [person.id, next],
  )
  await recheckSockets(parts, realtime)
  realtime.toArea(old, 'incident.changed', hint)
  expect(await one.heard()).toEqual([])
  realtime.toArea(next, 'offer.changed', hint)
  expect(await one.heard()).toEqual(['offer.changed'])
  await centre.db.query('DELETE FROM account_role WHERE account_id = $1', [person.id])
  await recheckSockets(parts, realtime)
  realtime.toArea(next, 'incident.changed', hint)
  expect(await one.heard()).toEqual([])
})

test('a beat keeps the claim alive, at most once a second, and nothing after the session is over', async () => {
  const person = await centre.as('op02')
  const [device] = await devicesIn(centre)
  const { incidentId } = (await centre.press(device as { key: string })).body
  await person.post(`/incidents/${incidentId}/answer`)
  const claimAt = async () =>
    (await centre.db.query<{ at: Date }>('SELECT claim_at AS at FROM incident WHERE id = $1', [incidentId]))[0]?.at
  const one = await listen({ cookie: person.cookie })
  const beat = () => one.socket.timeout(2_000).emitWithAck('beat')
  centre.clock.forward(10_000)
  await beat()
  const kept = centre.clock.now()
  expect(await claimAt()).toEqual(kept)
  centre.clock.forward(500)
  await beat()
  expect(await claimAt()).toEqual(kept)
  await signOut(centre.parts, {
    sessionId: (await centre.db.query<{ id: string }>('SELECT id FROM session WHERE account_id = $1', [person.id]))[0]
      ?.id,
    id: person.id,
  } as Parameters<typeof signOut>[1])
  centre.clock.forward(10_000)
  await beat().catch(() => {})
  expect(await one.ended).toBe('io server disconnect')
  expect(await claimAt()).toEqual(kept)
})
