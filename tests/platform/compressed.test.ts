import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildApp } from '../../server/wiring/app.ts'
import { type Centre, startCentre } from '../support/centre.ts'

const page = `<!doctype html><title>一呼</title>${'<p>one and the same</p>'.repeat(200)}`
const dir = mkdtempSync(join(tmpdir(), 'yihu-pages-'))
let centre: Centre
let app: Awaited<ReturnType<typeof buildApp>>
beforeAll(async () => {
  mkdirSync(join(dir, 'assets'))
  for (const name of ['index.html', 'assets/app-1.js']) {
    writeFileSync(join(dir, name), page)
    writeFileSync(join(dir, `${name}.br`), brotliCompressSync(page))
  }
  centre = await startCentre()
  app = await buildApp(centre.parts, {
    intake: centre.intake,
    unready: async () => [],
    consoleDir: dir,
    map: () => ({ type: 'FeatureCollection', features: [] }),
  })
})
afterAll(async () => {
  await app.close()
  await centre.close()
  rmSync(dir, { recursive: true })
})

const get = (url: string, encoding: string) => app.inject({ url, headers: { 'accept-encoding': encoding } })

test.each(['/', '/r/a-link', '/assets/app-1.js'])(
  'over a weak line %s comes as the bytes that were compressed at the build',
  async (url) => {
    const reply = await get(url, 'gzip, br')
    expect(reply.headers['content-encoding']).toBe('br')
    expect(brotliDecompressSync(reply.rawPayload).toString()).toBe(page)
    expect((await get(url, 'identity')).body).toBe(page)
  },
)

test('a long list is compressed, and a short answer to a device is not', async () => {
  const long = await get('/api/openapi.json', 'gzip')
  expect(long.headers['content-encoding']).toBe('gzip')
  expect(JSON.parse(gunzipSync(long.rawPayload).toString())).toMatchObject({ openapi: expect.any(String) })
  const short = await app.inject({ method: 'POST', url: '/api/v1/alarms', headers: { 'accept-encoding': 'gzip' } })
  expect(short.headers['content-encoding']).toBeUndefined()
})
