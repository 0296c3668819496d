import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
const dataDir = mkdtempSync(join(tmpdir(), 'yihu-demo-'))
beforeAll(async () => {
  writeFileSync(join(dataDir, 'demo.json'), inject('demo'))
  centre = await startCentre()
  centre.parts.env.dataDir = dataDir
})
afterAll(async () => {
  await centre.close()
  rmSync(dataDir, { recursive: true, force: true })
})

const asked = async (remoteAddress: string, headers: Record<string, string> = {}, url = '/api/v1/demo/devices') => {
  const reply = await centre.app.inject({
    method: 'GET',
    url,
    remoteAddress,
    headers: { host: 'localhost:3000', ...headers },
  })
  return { status: reply.statusCode, keys: (reply.body.match(/"key"/g) ?? []).length }
}

test('the keys of the pretend pendants are shown at this machine and to who is signed in, to nobody else', async () => {
  const ana = await centre.as('op01')
  for (const here of ['127.0.0.1', '::1', '::ffff:127.0.0.1'])
    expect([here, (await asked(here)).keys]).toEqual([here, 909])
  for (const path of ['devices', 'phones', 'messages', 'responders'])
    expect([path, await asked('192.168.1.7', {}, `/api/v1/demo/${path}`)]).toEqual([path, { status: 401, keys: 0 }])
  expect(await asked('192.168.1.7', { cookie: ana.cookie })).toEqual({ status: 200, keys: 909 })
  // Behind a proxy at this machine everybody would come from here.
  expect(await asked('127.0.0.1', { 'x-forwarded-for': '203.0.113.9' })).toEqual({ status: 401, keys: 0 })
  for (const header of ['x-real-ip', 'forwarded', 'via', 'x-forwarded-host', 'cf-connecting-ip'])
    expect([header, (await asked('127.0.0.1', { [header]: '203.0.113.9' })).status]).toEqual([header, 401])
  // A page of somebody else, whose name leads to this machine.
  expect((await asked('127.0.0.1', { host: 'evil.test' })).status).toBe(401)
  const put = await centre.app.inject({
    method: 'PUT',
    url: '/api/v1/demo/responders',
    remoteAddress: '192.168.1.7',
    headers: { host: 'yihu.test', origin: 'http://yihu.test' },
    payload: { on: true },
  })
  expect(put.statusCode).toBe(401)
})

test('a pretend telephone is found by the name of whose it is', async () => {
  const [resident] = await centre.db.query<{ name: string; phone: string }>(
    `SELECT name, phone FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1`,
  )
  const reply = await centre.app.inject({
    method: 'GET',
    url: `/api/v1/demo/phones?q=${encodeURIComponent(resident?.name as string)}`,
    headers: { host: 'localhost:3000' },
  })
  const { items } = reply.json() as { items: { name: string; number: string; of: string }[] }
  expect(items.map((one) => one.number)).toContain(resident?.phone)
  // Theirs and those of their contacts.
  expect(items.every((one) => one.of.includes(resident?.name as string))).toBe(true)
})

test('every community has a kiosk in service, whose key opens it', async () => {
  const { devices } = JSON.parse(inject('demo')) as { devices: { protocol: string; key: string }[] }
  const kiosks = devices.filter((device) => device.protocol === 'web')
  const areas = new Set<string>()
  for (const { key } of kiosks) {
    const headers = { host: 'yihu.test', authorization: `Bearer ${key}` }
    const reply = await centre.app.inject({ method: 'GET', url: '/api/v1/kiosk', headers })
    expect(reply.statusCode).toBe(200)
    areas.add((reply.json() as { areaName: string }).areaName)
  }
  expect([kiosks.length, areas.size]).toEqual([9, 9])
})
