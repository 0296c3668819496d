import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { buildApp } from '../../server/wiring/app.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

const tried = (remoteAddress: string, headers: Record<string, string> = {}) =>
  centre.app.inject({
    method: 'POST',
    url: '/api/v1/sessions',
    remoteAddress,
    headers: { host: 'yihu.test', origin: 'http://yihu.test', ...headers },
    payload: { username: 'nobody', password: 'nonsense' },
  })

test('the twenty-first try to sign in within a minute is refused, and another desk is not', async () => {
  for (let i = 0; i < 20; i++) expect((await tried('10.9.0.1')).statusCode).toBe(401)
  const reply = await tried('10.9.0.1')
  expect(reply.statusCode).toBe(429)
  expect(reply.headers['content-type']).toContain('application/problem+json')
  expect(reply.json()).toMatchObject({ code: 'too-many-requests', status: 429 })
  // A header that anybody can write does not make another desk of it; without a trusted proxy it is not read.
  expect((await tried('10.9.0.1', { 'x-forwarded-for': '10.9.0.3' })).statusCode).toBe(429)
  expect((await tried('10.9.0.2')).statusCode).toBe(401)
})

test('over https the session is a cookie that no other host and no plain line can set', async () => {
  const env = { ...centre.parts.env, publicBaseUrl: 'https://yihu.test' }
  const app = await buildApp(
    { ...centre.parts, env },
    {
      intake: centre.intake,
      unready: async () => [],
      consoleDir: '/nonexistent',
      map: () => ({ type: 'FeatureCollection', features: [] }),
    },
  )
  const { accounts } = JSON.parse(inject('demo')) as { accounts: { username: string; password: string }[] }
  const { username, password } = accounts.find((one) => one.username === 'op01') ?? {}
  const headers = { host: 'yihu.test', origin: 'https://yihu.test' }
  const signedIn = await app.inject({
    method: 'POST',
    url: '/api/v1/sessions',
    remoteAddress: '10.9.0.9',
    headers,
    payload: { username, password },
  })
  expect(signedIn.statusCode).toBe(200)
  const session = signedIn.cookies.find(({ name }) => name === '__Host-yihu')
  expect(session).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict', path: '/' })
  expect(session?.domain).toBeUndefined()
  const me = async (name: string) =>
    (
      await app.inject({
        url: '/api/v1/sessions/current',
        headers: { ...headers, cookie: `${name}=${session?.value}` },
      })
    ).statusCode
  expect([await me('__Host-yihu'), await me('yihu')]).toEqual([200, 401])
  await app.close()
})
