import { afterAll, beforeAll, expect, test } from 'vitest'
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
