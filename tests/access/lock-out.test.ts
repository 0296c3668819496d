import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { linkToken } from '../../server/dispatch/link.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

const passwordOf = (username: string) =>
  centre.demo.accounts.find((one) => one.username === username)?.password as string
const send = (
  method: 'GET' | 'POST',
  url: string,
  remoteAddress: string,
  headers: Record<string, string>,
  payload?: object,
) =>
  centre.app.inject({
    method,
    url: `/api/v1${url}`,
    remoteAddress,
    headers: { host: 'yihu.test', origin: 'http://yihu.test', ...headers },
    ...(payload && { payload }),
  })
const signIn = async (remoteAddress: string, username: string, password: string, cookie?: string) => {
  const reply = await send('POST', '/sessions', remoteAddress, cookie ? { cookie } : {}, { username, password })
  const set = [reply.headers['set-cookie']].flat().map(String)
  return { status: reply.statusCode, desk: set.find((one) => one.startsWith('yihu-desk='))?.split(';')[0], set }
}
const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const wrongKey = () => randomBytes(32).toString('base64url')

describe('who guesses passwords', () => {
  const street = '10.60.0.1' // one address for the whole office, the guesser included

  test('from the office’s own address locks nobody out of a desk at which they have worked before', async () => {
    const shift = ['op01', 'op02', 'op03', 'op04', 'op05', 'op06']
    const desks = new Map<string, string>()
    for (const username of shift) {
      const { status, desk } = await signIn(street, username, passwordOf(username))
      expect([username, status]).toEqual([username, 200])
      desks.set(username, desk as string)
    }
    for (const username of shift) for (let i = 0; i < 6; i++) await signIn(street, username, 'nonsense')
    for (let i = 0; i < 6; i++) await signIn('10.60.0.99', 'op01', 'nonsense')
    // The address has used up its minute, and the account rests: from an unknown browser even the right password waits.
    expect((await signIn(street, 'op02', passwordOf('op02'))).status).toBe(429)
    expect((await signIn('10.60.0.98', 'op01', passwordOf('op01'))).status).toBe(401)
    for (const [username, desk] of desks)
      expect([username, (await signIn(street, username, passwordOf(username), desk)).status]).toEqual([username, 200])
  })
  test('at a known desk is stopped there after five, and an account of that desk waits for it alone', async () => {
    const { desk } = await signIn('10.60.1.1', 'op07', passwordOf('op07'))
    const other = await signIn('10.60.1.2', 'op08', passwordOf('op08'))
    for (let i = 0; i < 5; i++) expect((await signIn('10.60.1.1', 'op08', 'nonsense', desk)).status).toBe(401)
    expect((await signIn('10.60.1.1', 'op08', passwordOf('op08'), desk)).status).toBe(401)
    expect((await signIn('10.60.1.2', 'op08', passwordOf('op08'), other.desk)).status).toBe(200)
    expect((await signIn('10.60.1.1', 'op07', passwordOf('op07'), desk)).status).toBe(200)
    centre.clock.forward(61_000)
    expect((await signIn('10.60.1.1', 'op08', passwordOf('op08'), desk)).status).toBe(200)
  })
  test('gains nothing by a desk’s cookie of their own making, nor by many tries at a real one', async () => {
    const { desk } = await signIn('10.60.2.1', 'op09', passwordOf('op09'))
    const [name] = (desk as string).replace('yihu-desk=', '').split('.')
    for (const forged of [
      `yihu-desk=${name}`,
      `yihu-desk=${name}..AAAAAAAAAAAAAAAAAAAAAA`,
      (desk as string).replace(/\.[^.]+\./, '.AAAAAAAA.'),
      'yihu-desk=x.y',
      'yihu-desk=',
    ])
      expect([forged, (await signIn('10.60.2.2', 'op09', passwordOf('op09'), forged)).desk]).not.toContain(undefined)
    for (let i = 0; i < 20; i++) await signIn(`10.60.3.${i}`, 'op09', 'nonsense', desk)
    expect((await signIn('10.60.3.200', 'op09', 'nonsense', desk)).status).toBe(429)
  })
  test('with an account of their own gets no more tries at those of others, at however many desks', async () => {
    for (let i = 0; i < 3; i++) {
      const { desk } = await signIn(`10.60.6.${i}`, 'op05', passwordOf('op05'))
      for (let n = 0; n < 2; n++) await signIn(`10.60.6.${i}`, 'op06', 'nonsense', desk)
    }
    // Six wrong ones together: the account rests for strangers, those desks among them.
    const { desk } = await signIn('10.60.6.9', 'op05', passwordOf('op05'))
    expect((await signIn('10.60.6.9', 'op06', passwordOf('op06'), desk)).status).toBe(401)
    centre.clock.forward(3 * 60_000)
    expect((await signIn('10.60.6.9', 'op06', passwordOf('op06'), desk)).status).toBe(200)
  })
  test('with an account of their own gets twenty tries a minute from their address, and not twenty more for each desk they make', async () => {
    const desks: string[] = []
    for (let i = 0; i < 4; i++) desks.push((await signIn('10.60.7.1', 'op10', passwordOf('op10'))).desk as string)
    // One try at each of many names, so that no account rests; nothing was tried at the last desk yet.
    for (let i = 0; i < 16; i++)
      expect((await signIn('10.60.7.1', `somebody${i}`, 'nonsense', desks[i % 3])).status).toBe(401)
    for (const desk of [...desks, undefined])
      expect((await signIn('10.60.7.1', 'somebody-else', 'nonsense', desk)).status).toBe(429)
    // Their own people go on at each desk meanwhile, and so does another address.
    for (const desk of desks) expect((await signIn('10.60.7.1', 'op10', passwordOf('op10'), desk)).status).toBe(200)
    expect((await signIn('10.60.7.2', 'somebody-else', 'nonsense')).status).toBe(401)
  })
  test('at a desk of several people keeps none of them from it, whatever is tried there for others', async () => {
    const first = await signIn('10.60.8.1', 'op03', passwordOf('op03'))
    const both = await signIn('10.60.8.1', 'op04', passwordOf('op04'), first.desk)
    for (let i = 0; i < 20; i++) await signIn('10.60.8.1', 'op02', 'nonsense', both.desk)
    expect((await signIn('10.60.8.1', 'op02', 'nonsense', both.desk)).status).toBe(429)
    for (const username of ['op03', 'op04'])
      expect([
        username,
        (await signIn('10.60.8.1', ` ${username.toUpperCase()}`, passwordOf(username), both.desk)).status,
      ]).toEqual([username, 200])
    // Elsewhere, the desk that only the first has signed in at is a stranger's for the second.
    for (let i = 0; i < 5; i++) await signIn('10.60.8.2', 'op04', 'nonsense', first.desk)
    expect((await signIn('10.60.8.2', 'op04', passwordOf('op04'), first.desk)).status).toBe(401)
    expect((await signIn('10.60.8.2', 'op04', passwordOf('op04'), both.desk)).status).toBe(200)
  })
  test('does not end the work of who is signed in', async () => {
    const ana = await centre.as('op11')
    for (let i = 0; i < 10; i++) await signIn('10.60.4.1', 'op11', 'nonsense')
    expect((await ana.get('/board')).status).toBe(200)
  })
})

describe('who guesses device keys', () => {
  const gateway = '10.61.0.1' // a real pendant stands behind the same address
  const press = (key: string, sequence: number) =>
    send('POST', '/alarms', gateway, bearer(key), { sequence, type: 'button' })

  test('is told so after thirty in a minute, and the real device beside them is stored as always', async () => {
    const [device, fresh] = await devicesIn(centre)
    for (let i = 0; i < 30; i++) expect((await press(wrongKey(), 1)).statusCode).toBe(401)
    const refused = await press(wrongKey(), 1)
    expect([refused.statusCode, refused.json().code]).toEqual([429, 'too-many-requests'])
    for (let i = 0; i < 5; i++) expect((await press(device?.key as string, 700_000 + i)).statusCode).toBe(201)
    // Also while hundreds of guesses are on their way at once, and with a key that was issued a moment ago.
    const admin = await centre.as('admin')
    const { key } = (await admin.post<{ key: string }>(`/devices/${fresh?.id}/key`)).body
    const flood = Array.from({ length: 300 }, () => press(wrongKey(), 1))
    expect((await press(key, 700_100)).statusCode).toBe(201)
    expect(new Set((await Promise.all(flood)).map((reply) => reply.statusCode))).toEqual(new Set([429]))
    centre.clock.forward(61_000)
    expect((await press(wrongKey(), 1)).statusCode).toBe(401)
  })
  test('does not reach the line in which presses are stored', async () => {
    for (let i = 0; i < 30; i++) await press(wrongKey(), 1)
    const before = centre.intake.waiting()
    const flood = Array.from({ length: 100 }, () => press(wrongKey(), 1))
    expect(centre.intake.waiting()).toBe(before)
    await Promise.all(flood)
  })
  test('at a kiosk is told so as well, and the kiosk goes on', async () => {
    const [kiosk] = await centre.db.query<{ id: string }>(`SELECT id FROM device WHERE kind = 'kiosk' LIMIT 1`)
    const key = centre.demo.devices.find((one) => one.id === kiosk?.id)?.key as string
    for (let i = 0; i < 30; i++) expect((await send('GET', '/kiosk', gateway, bearer(wrongKey()))).statusCode).toBe(401)
    expect((await send('GET', '/kiosk', gateway, bearer(wrongKey()))).statusCode).toBe(429)
    expect((await send('GET', '/kiosk', gateway, bearer(key))).statusCode).toBe(200)
  })
})

test('who guesses responders’ links is told so, and the responder behind the same address opens theirs', async () => {
  const [device] = await devicesIn(centre)
  const ana = await centre.as('op01')
  const { incidentId } = (await centre.press(device as { key: string })).body
  await ana.post(`/incidents/${incidentId}/answer`)
  await ana.post(`/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  const sent = (await ana.post<{ assignments: { id: string }[] }>(`/incidents/${incidentId}/dispatch`)).body
  const token = linkToken(centre.parts.seal, sent.assignments[0]?.id as string)
  const open = async (one: string) => (await send('GET', `/r/${one}`, '10.62.0.1', {})).statusCode
  for (let i = 0; i < 30; i++) expect(await open(randomBytes(32).toString('base64url'))).toBe(404)
  expect(await open(randomBytes(32).toString('base64url'))).toBe(429)
  expect(await open(token)).toBe(200)
})

describe('the headers', () => {
  test('keep pages from foreign scripts and frames, and answers about people from caches', async () => {
    const ana = await centre.as('op01')
    const { headers } = await send('GET', '/residents?limit=1', '10.63.0.1', { cookie: ana.cookie })
    const policy = String(headers['content-security-policy'])
    expect(policy).toContain("script-src 'self'")
    expect(policy).not.toMatch(/script-src[^;]*unsafe|default-src[^;]*\*/)
    for (const part of [
      "default-src 'self'",
      "frame-ancestors 'none'",
      "object-src 'none'",
      "base-uri 'self'",
      "form-action 'self'",
    ])
      expect(policy).toContain(part)
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'permissions-policy': expect.stringContaining('camera=()'),
    })
    expect(headers).not.toHaveProperty('x-powered-by')
    expect((await send('GET', '/map', '10.63.0.1', { cookie: ana.cookie })).headers['cache-control']).toContain(
      'private',
    )
  })
  test('of signing in: the session is for pages of this site only, ends with the browser, and the desk is told to the sign-in alone', async () => {
    const { set } = await signIn('10.63.0.2', 'op05', passwordOf('op05'))
    const [session, desk] = ['yihu=', 'yihu-desk='].map((name) => set.find((one) => one.startsWith(name)) as string)
    expect(session).toMatch(/; Path=\/; HttpOnly; SameSite=Strict$/)
    expect(desk).toMatch(/Path=\/api\/v1\/sessions; HttpOnly; SameSite=Strict$/)
    centre.parts.env.publicBaseUrl = 'https://yihu.example'
    const { buildApp } = await import('../../server/wiring/app.ts')
    const app = await buildApp(centre.parts, {
      intake: centre.intake,
      unready: async () => [],
      consoleDir: '/nonexistent',
      map: () => ({ type: 'FeatureCollection', features: [] }),
    })
    const reply = await app.inject({
      method: 'POST',
      url: '/api/v1/sessions',
      headers: { host: 'yihu.example', origin: 'https://yihu.example' },
      payload: { username: 'op05', password: passwordOf('op05') },
    })
    for (const cookie of [reply.headers['set-cookie']].flat()) expect(cookie).toContain('; Secure')
    expect(reply.headers['strict-transport-security']).toMatch(/max-age=\d{7,}/)
    await app.close()
    centre.parts.env.publicBaseUrl = undefined
  })
})
