import { afterEach, beforeEach, expect, test } from 'vitest'
import type { AccountView, Me } from '../../server/contracts/access.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let admin: Person
beforeEach(async () => {
  centre = await startCentre()
  admin = await centre.as('admin')
})
afterEach(() => centre.close())

const passwordOf = (username: string) => centre.demo.accounts.find((one) => one.username === username)?.password
const signIn = (username: string, password: string) =>
  centre.ask<Me & { code: string }>('POST', '/sessions', { username, password }, {})
const account = async (username: string) =>
  (await admin.get<{ items: AccountView[] }>(`/accounts?q=${username}`)).body.items[0] as AccountView
const linkFor = async (by: Person, username: string) => {
  const { id } = await account(username)
  return (await by.post<{ link: string; code: string }>(`/accounts/${id}/password-link`)).body
}
const useLink = (link: string, password: string) =>
  centre.ask<{ code: string; errors: { message: string }[] }>(
    'POST',
    '/password-links/use',
    { token: link.split('#')[1], password },
    {},
  )
const minutes = (n: number) => n * 60_000

test('somebody changes their own password with the old one, and whoever else was signed in as them is out', async () => {
  const [here, there] = [await centre.as('op01'), await centre.as('op01')]
  const change = (old: string | undefined, password: string) =>
    centre.ask<{ code?: string; errors?: { path: string; message: string }[] }>(
      'PUT',
      '/sessions/current/password',
      { old, password },
      { cookie: here.cookie },
    )
  expect((await change('not the old one', 'three plain words')).body.errors?.[0]?.path).toBe('old')
  for (const [weak, why] of [
    ['1234567890', 'too-common'],
    ['qwertyuiop', 'too-common'],
    ['Password123', 'too-common'],
    ['op01op01op01', 'like-name'],
    ['short', 'too-short:10'],
  ])
    expect([weak, (await change(passwordOf('op01'), weak as string)).body.errors?.[0]?.message]).toEqual([weak, why])
  expect((await change(passwordOf('op01'), 'three plain words')).status).toBe(200)
  expect([(await here.get('/sessions/current')).status, (await there.get('/sessions/current')).status]).toEqual([
    200, 401,
  ])
  expect((await signIn('op01', 'three plain words')).status).toBe(200)
})

test('an administrator makes a link and learns no password; it is good once, for a day, and the person is told', async () => {
  await centre.as('op02')
  centre.clock.forward(minutes(1))
  const { link } = await linkFor(admin, 'op02')
  expect((await useLink(link, '1234567890')).body.errors[0]?.message).toBe('too-common')
  const both = await Promise.all([useLink(link, 'three plain words'), useLink(link, 'three other words')])
  expect(both.map(({ status }) => status).sort()).toEqual([200, 404])
  expect((await useLink(link, 'four plain words')).status).toBe(404)
  centre.clock.forward(minutes(1))
  const good = both[0]?.status === 200 ? 'three plain words' : 'three other words'
  const me = (await signIn('op02', good)).body
  expect(me.passwordChanged?.by).toBe((await admin.get<Me>('/sessions/current')).body.name)
  const late = (await linkFor(admin, 'op03')).link
  centre.clock.forward(minutes(24 * 60) + 1)
  expect((await useLink(late, 'three plain words')).status).toBe(404)
})

test('whoever finds an administrator’s page open changes no account: the password is asked for again', async () => {
  centre.clock.forward(minutes(11))
  const { id, version, asked: _, ...form } = await account('op04')
  const change = () => admin.put<{ code?: string }>(`/accounts/${id}`, { version, form: { ...form, capacity: 5 } })
  expect((await change()).body.code).toBe('confirm-password')
  expect((await linkFor(admin, 'op04')).code).toBe('confirm-password')
  expect((await admin.post('/sessions/current/confirm', { password: 'a guess' })).status).toBe(403)
  expect((await admin.post('/sessions/current/confirm', { password: passwordOf('admin') })).status).toBe(200)
  expect((await change()).status).toBe(200)
})

test('a session that nobody uses for an hour ends; that of somebody on duty who waits for a call does not', async () => {
  const [idle, waiting] = [await centre.as('op05'), await centre.as('op06')]
  await waiting.available()
  for (let i = 0; i < 7; i++) {
    centre.clock.forward(minutes(10))
    await waiting.beat()
  }
  expect((await idle.get('/sessions/current')).status).toBe(401)
  expect((await waiting.get('/sessions/current')).status).toBe(200)
})

test('after twelve hours nobody is cut off with somebody in need in hand; when it is closed, they are', async () => {
  const left = await centre.as('op01') // at another desk, left open
  const ana = await centre.as('op01')
  const until = (await ana.get<Me>('/sessions/current')).body.endsAt
  expect(new Date(until).getTime() - centre.clock.now().getTime()).toBe(minutes(12 * 60))
  const [device] = await devicesIn(centre)
  const { incidentId } = (await centre.press(device as { key: string })).body
  await ana.post(`/incidents/${incidentId}/answer`)
  const since = centre.clock.now()
  while (centre.clock.now().getTime() - since.getTime() <= minutes(12 * 60)) {
    centre.clock.forward(minutes(4))
    expect((await ana.get('/sessions/current')).status).toBe(200)
  }
  // What they have in hand holds open where they sit, and brings nothing else of theirs back to life.
  expect((await left.get('/sessions/current')).status).toBe(401)
  expect((await ana.post(`/incidents/${incidentId}/note`, { text: '还在线上' })).status).toBe(200)
  await centre.db.query(`UPDATE incident SET status = 'closed' WHERE id = $1`, [incidentId])
  expect((await ana.get('/sessions/current')).status).toBe(401)
})

test('their password again gives them another shift in the same session', async () => {
  const ana = await centre.as('op01')
  centre.clock.forward(minutes(50))
  await ana.post('/sessions/current/confirm', { password: passwordOf('op01') })
  const { endsAt } = (await ana.get<Me>('/sessions/current')).body
  expect(new Date(endsAt).getTime() - centre.clock.now().getTime()).toBe(minutes(12 * 60))
})

test('somebody sees where they are signed in and ends what is not them', async () => {
  const [here, there] = [await centre.as('op07'), await centre.as('op07')]
  const list = async () =>
    (await here.get<{ items: { id: string; own: boolean; address: string }[] }>('/sessions')).body.items
  expect(await list()).toHaveLength(2)
  const other = (await list()).find(({ own }) => !own)
  expect(other?.address).toMatch(/^10\.0\./)
  await here.post('/sessions/end', { id: other?.id })
  expect((await there.get('/sessions/current')).status).toBe(401)
  expect((await here.get('/sessions/current')).status).toBe(200)
  expect(await list()).toHaveLength(1)
})

test('a hundred tries at the same moment are a hundred tries: not one more than five is judged', async () => {
  const replies = await Promise.all(
    Array.from({ length: 100 }, (_, i) =>
      centre.app.inject({
        method: 'POST',
        url: '/api/v1/sessions',
        remoteAddress: `10.50.0.${i}`,
        headers: { host: 'yihu.test', origin: 'http://yihu.test' },
        payload: { username: 'op08', password: `guess number ${i}` },
      }),
    ),
  )
  expect(new Set(replies.map(({ statusCode }) => statusCode))).toEqual(new Set([401, 429]))
  const [row] = await centre.db.query<{ failed: number; rests: boolean }>(
    `SELECT failed_logins AS failed, locked_until > $1 AS rests FROM account WHERE username = 'op08'`,
    [centre.clock.now()],
  )
  expect(row).toEqual({ failed: 5, rests: true })
})

test('signing in, failing to and signing out stand in the audit, with address and session', async () => {
  const ana = await centre.as('op01')
  await signIn('op01', 'not the password')
  await ana.get('/residents?q=li')
  await centre.ask('DELETE', '/sessions/current', {}, { cookie: ana.cookie })
  const rows = await centre.db.query<{ action: string; address: string | null; session: string | null }>(
    `SELECT action, address, session FROM audit WHERE subject_id = $1 ORDER BY id`,
    [ana.id],
  )
  const of = (action: string) => rows.find((row) => row.action === action)
  expect(of('sign-in')?.address).toMatch(/^10\.0\./)
  expect(of('sign-in-failed')?.address).toBe('127.0.0.1')
  expect(of('sign-out')?.session).toBe(of('sign-in')?.session)
  expect(of('sign-out')?.session).toMatch(/^[0-9a-f]{12}$/)
})

test('one account that makes accounts and leads is made by two: the second says yes, not who asked', async () => {
  const areas = await centre.db.query<{ id: string; name: string }>('SELECT id, name FROM area')
  const areaId = areas.find(({ name }) => name === '青榆街道')?.id
  const form = {
    name: '新人',
    phone: null,
    locale: 'zh-CN',
    languages: ['zh'],
    skills: ['general'],
    capacity: 2,
    active: true,
  }
  const made = (
    await admin.post<AccountView>('/accounts', {
      ...form,
      username: 'two.hats',
      roles: ['area-administrator', 'supervisor', 'auditor'].map((role) => ({ role, areaId })),
    })
  ).body
  expect(made.roles.map(({ role }) => role)).toEqual(['area-administrator'])
  expect(made.asked.map(({ role }) => role).sort()).toEqual(['auditor', 'supervisor'])
  const second = (
    await admin.post<AccountView>('/accounts', {
      ...form,
      username: 'second.admin',
      roles: [{ role: 'area-administrator', areaId }],
    })
  ).body
  await centre.setPassword(admin, { id: second.id, username: 'second.admin', password: 'a long password' })
  const other = await centre.as('second.admin')
  const yes = (by: Person) =>
    by.post<AccountView & { code: string }>(`/accounts/${made.id}/approve-role`, {
      role: 'supervisor',
      areaId,
      yes: true,
    })
  expect((await yes(admin)).body.code).toBe('forbidden')
  // Nor one whose account and password came from who asked: that is the same person twice.
  expect((await yes(other)).body.code).toBe('forbidden')
  await centre.db.query(
    `INSERT INTO account_role (account_id, role, area_id) SELECT id, 'area-administrator', $1 FROM account WHERE username = 'op07'`,
    [areaId],
  )
  const third = await centre.as('op07')
  expect((await yes(third)).body.roles.map(({ role }) => role).sort()).toEqual(['area-administrator', 'supervisor'])
  expect((await yes(third)).status).toBe(404)
})
