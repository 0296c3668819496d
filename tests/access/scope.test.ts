import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { lockMs } from '../../server/access/desk.ts'
import { sweepSessions } from '../../server/access/session.ts'
import { api } from '../../server/contracts/api.ts'
import type { Permission } from '../../server/contracts/route.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('an operator of another area sees neither the file nor the incident, and cannot act on it', async () => {
  const [device] = await devicesIn(centre, '望澜街道')
  const id = (await centre.press(device as { key: string })).body.incidentId
  const stranger = await centre.as('op12') // the last street only
  const near = await centre.as('op01')
  expect((await stranger.get<{ items: { id: string }[] }>('/board')).body.items.map((row) => row.id)).not.toContain(id)
  expect((await near.get<{ items: { id: string }[] }>('/board')).body.items.map((row) => row.id)).toContain(id)
  for (const path of [
    `/incidents/${id}`,
    `/incidents/${id}/timeline`,
    `/incidents/${id}/helpers`,
    `/residents/${device?.residentId}`,
  ]) {
    expect([path, (await stranger.get(path)).status]).toEqual([path, 404])
  }
  for (const command of ['answer', 'note', 'take-over', 'resolve', 'requeue']) {
    expect([command, (await stranger.post(`/incidents/${id}/${command}`, { text: 'x' })).status]).toEqual([
      command,
      404,
    ])
  }
  // Found by whoever looks after the street of the resident, and by nobody else.
  const [file] = await centre.db.query<{ name: string }>('SELECT name FROM resident WHERE id = $1', [
    device?.residentId,
  ])
  const found = async (person: typeof near) =>
    (
      await person.get<{ items: { id: string }[] }>(`/residents?limit=200&q=${encodeURIComponent(file?.name ?? '')}`)
    ).body.items.map((row) => row.id)
  expect(await found(near)).toContain(device?.residentId)
  expect(await found(stranger)).not.toContain(device?.residentId)
  const all = (await stranger.get<{ items: { areaId: string }[] }>('/residents?limit=200')).body.items
  const areas = await centre.db.query<{ id: string }>(
    `SELECT a.id FROM area a JOIN area p ON a.path LIKE p.path || '%' WHERE p.name = '云陂街道'`,
  )
  expect(all.length).toBeGreaterThan(0)
  expect(all.every((row) => areas.some((area) => area.id === row.areaId))).toBe(true)
})

test('the file opens only for the owner or a supervisor; breaking the glass needs a reason and is written down', async () => {
  const [, device] = await devicesIn(centre)
  const id = (await centre.press(device as { key: string })).body.incidentId
  const [ana, ben, lead] = [await centre.as('op01'), await centre.as('op02'), await centre.as('sup01')]
  await ana.post(`/incidents/${id}/answer`)
  expect((await ana.get(`/incidents/${id}`)).status).toBe(200)
  expect((await ben.get(`/incidents/${id}`)).body).toMatchObject({ code: 'not-owner', status: 403 })
  expect((await lead.get(`/incidents/${id}`)).status).toBe(200)
  expect((await ben.get(`/incidents/${id}?breakGlass=${encodeURIComponent('居民家属来电')}`)).status).toBe(200)
  const audit = await centre.db.query<{ action: string; reason: string | null }>(
    'SELECT action, reason FROM audit WHERE subject_id = $1 ORDER BY id',
    [id],
  )
  expect(audit.map((row) => row.action)).toEqual(['look', 'look', 'break-glass'])
  expect(audit.at(-1)?.reason).toBe('居民家属来电')
})

test('the door code is shown on a click that is written down', async () => {
  const [device] = await devicesIn(centre)
  const ana = await centre.as('op01')
  const { body } = await ana.get<{ household: { id: string; hasAccess: boolean } }>(`/residents/${device?.residentId}`)
  expect(JSON.stringify(body)).not.toContain('门禁')
  const shown = await ana.post<{ access: string }>(`/households/${body.household.id}/reveal-access`, {
    incidentId: null,
    reason: '急救人员需要',
  })
  expect(shown.status).toBe(200)
  expect(shown.body.access.includes('门禁')).toBe(body.household.hasAccess)
  expect(
    await centre.db.query('SELECT reason FROM audit WHERE action = $1 AND subject_id = $2', [
      'reveal-access',
      body.household.id,
    ]),
  ).toEqual([{ reason: '急救人员需要' }])
})

// What each role may do at all; a new route without a row here fails the next test.
const held: Record<string, Permission[]> = {
  op01: ['signed-in', 'read-board', 'handle-incident', 'read-file', 'write-file', 'reveal-access', 'read-providers'],
  provider01: ['signed-in', 'read-providers', 'write-providers'],
  auditor: ['signed-in', 'read-audit'],
}
const open: Permission[] = ['public', 'device', 'responder', 'demo']

describe('every route of the API', () => {
  test('refuses whoever is not signed in', async () => {
    for (const [name, route] of Object.entries(api)) {
      if (open.includes(route.permission)) continue
      const path = route.path.replace(/:id/g, '00000000-0000-7000-8000-000000000000').replace(':code', 'x')
      expect([
        name,
        (await centre.ask(route.method, path, route.method === 'GET' ? undefined : {}, {})).status,
      ]).toEqual([name, 401])
    }
  })
  test('refuses a role that does not include it, and lets in one that does', async () => {
    for (const [username, permissions] of Object.entries(held)) {
      const person = await centre.as(username)
      for (const [name, route] of Object.entries(api)) {
        if (open.includes(route.permission) || name === 'signOut') continue
        const path = route.path.replace(/:id/g, '00000000-0000-7000-8000-000000000000').replace(':code', 'x')
        const { status, body } = await centre.ask<{ code?: string }>(
          route.method,
          path,
          route.method === 'GET' ? undefined : {},
          { cookie: person.cookie },
        )
        expect([username, name, status === 403 && body.code === 'forbidden']).toEqual([
          username,
          name,
          !permissions.includes(route.permission),
        ])
      }
    }
  })
  test('a change from a foreign origin is refused', async () => {
    const ana = await centre.as('op01')
    const put = (headers: Record<string, string>) =>
      centre.app.inject({
        method: 'PUT',
        url: '/api/v1/presence',
        headers: { host: 'yihu.test', cookie: ana.cookie, ...headers },
        payload: { status: 'away' },
      })
    expect((await put({ origin: 'http://evil.test' })).json()).toMatchObject({ code: 'foreign-origin', status: 403 })
    expect((await put({})).statusCode).toBe(403)
    expect((await put({ origin: 'http://yihu.test' })).statusCode).toBe(200)
  })
})

describe('signing in', () => {
  test('a wrong name and a wrong password get the same answer', async () => {
    const wrong = await centre.ask('POST', '/sessions', { username: 'op01', password: 'nonsense' }, {})
    const unknown = await centre.ask('POST', '/sessions', { username: 'nobody', password: 'nonsense' }, {})
    expect(wrong).toEqual(unknown)
    expect(wrong.status).toBe(401)
  })
  test('an account rests after five wrong passwords, and even the right one must wait', async () => {
    const password = centre.demo.accounts.find((account) => account.username === 'op11')?.password
    for (let i = 0; i < 5; i++) await centre.ask('POST', '/sessions', { username: 'op11', password: 'nonsense' }, {})
    expect((await centre.ask('POST', '/sessions', { username: 'op11', password }, {})).status).toBe(401)
    centre.clock.forward(61_000)
    expect((await centre.ask('POST', '/sessions', { username: 'op11', password }, {})).status).toBe(200)
    expect([4, 5, 6, 20].map(lockMs)).toEqual([0, 60_000, 120_000, 1_800_000])
  })
  test('a session ends with its twelve hours, with signing out, and with a withdrawn account', async () => {
    const status = async (person: { get(path: string): Promise<{ status: number }> }) =>
      (await person.get('/sessions/current')).status
    const [leaving, staying, withdrawn] = [await centre.as('op10'), await centre.as('op10'), await centre.as('op09')]
    await centre.ask('DELETE', '/sessions/current', {}, { cookie: leaving.cookie })
    expect([await status(leaving), await status(staying), await status(withdrawn)]).toEqual([401, 200, 200])
    await centre.db.query('UPDATE account SET active = false WHERE id = $1', [withdrawn.id])
    expect(await status(withdrawn)).toBe(401)
    await centre.db.query('UPDATE account SET active = true WHERE id = $1', [withdrawn.id])
    centre.clock.forward(12 * 3_600_000 - 1_000)
    // Used all the time, it ends all the same.
    await centre.db.query('UPDATE session SET last_seen_at = $1', [centre.clock.now()])
    expect(await status(staying)).toBe(200)
    centre.clock.forward(1_000)
    expect(await status(staying)).toBe(401)
  })
  test('a session says when it was last used, to the minute, and the sweep takes away those that are over', async () => {
    const person = await centre.as('op10')
    const seen = async () =>
      (
        await centre.db.query<{ at: Date }>('SELECT max(last_seen_at) AS at FROM session WHERE account_id = $1', [
          person.id,
        ])
      )[0]?.at
    const signedIn = centre.clock.now()
    centre.clock.forward(30_000)
    await person.get('/sessions/current')
    expect(await seen()).toEqual(signedIn)
    centre.clock.forward(31_000)
    await person.get('/sessions/current')
    await expect.poll(seen).toEqual(centre.clock.now())
    centre.clock.forward(13 * 3_600_000)
    const still = await centre.as('op02')
    await sweepSessions(centre.parts)
    const left = await centre.db.query<{ id: string }>(
      'SELECT account_id AS id FROM session WHERE account_id = ANY ($1)',
      [[person.id, still.id]],
    )
    expect(left).toEqual([{ id: still.id }])
  })
})

test('an administrator gives roles only within their own reach', async () => {
  const admin = await centre.as('admin')
  const [street] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE name = '青榆街道'`)
  const form = {
    username: 'new.person',
    name: '新人',
    phone: null,
    locale: 'zh-CN',
    languages: ['zh'],
    skills: ['general'],
    capacity: 2,
    active: true,
    roles: [{ role: 'area-administrator', areaId: street?.id }],
  }
  const made = await admin.post<{ id: string }>('/accounts', form)
  expect(made.status).toBe(200)
  await centre.setPassword(admin, { id: made.body.id, username: form.username, password: 'a long password' })
  const below = await centre.ask('POST', '/sessions', { username: 'new.person', password: 'a long password' }, {})
  expect(below.status).toBe(200)
  const reply = await centre.app.inject({
    method: 'POST',
    url: '/api/v1/sessions',
    headers: { host: 'yihu.test', origin: 'http://yihu.test' },
    payload: { username: 'new.person', password: 'a long password' },
  })
  const cookie = String(reply.headers['set-cookie']).split(';')[0] ?? ''
  const [district] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'district'`)
  const more = { ...form, username: 'too.much', roles: [{ role: 'operator', areaId: district?.id }] }
  expect((await centre.ask<{ code: string }>('POST', '/accounts', more, { cookie })).body.code).toBe('forbidden')
})
