import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, expect, test } from 'vitest'
import { linksOf } from '../support/people.ts'
import { freePort } from '../support/ports.ts'
import { press, readDemo, startProcess } from '../support/product.ts'

const dataDir = mkdtempSync(join(tmpdir(), 'yihu-secrets-'))
afterAll(() => rmSync(dataDir, { recursive: true, force: true }))

type Reply = Record<string, unknown> & { id: string; items: Record<string, unknown>[] }

test('a whole story at LOG_LEVEL=debug leaves no password, key, session, link, name, number, door code or word in any log', async () => {
  const port = await freePort()
  const product = await startProcess(dataDir, port, { LOG_LEVEL: 'debug' })
  const { url } = product
  const demo = readDemo(dataDir)
  const secrets = new Map<string, string>()
  const ask = async (method: string, path: string, body?: object, headers: Record<string, string> = {}) => {
    const reply = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { origin: url, 'content-type': 'application/json', ...headers },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    })
    return { status: reply.status, headers: reply.headers, body: (await reply.json().catch(() => ({}))) as Reply }
  }
  const signIn = async (username: string) => {
    const password = demo.accounts.find((one) => one.username === username)?.password as string
    secrets.set(`password of ${username}`, password)
    const { headers } = await ask('POST', '/sessions', { username, password })
    const cookie = headers
      .getSetCookie()
      .find((one) => one.startsWith('yihu='))
      ?.split(';')[0] as string
    secrets.set(`session of ${username}`, cookie.replace('yihu=', ''))
    return async (method: string, path: string, said?: object) => {
      const answer = await ask(method, path, said, { cookie })
      expect([method, path, answer.status, answer.body['code']]).toEqual([method, path, 200, undefined])
      return answer
    }
  }
  try {
    await ask('POST', '/sessions', { username: 'op01', password: 'a-wrong-password-7781' })
    secrets.set('a wrong password', 'a-wrong-password-7781')
    const [ana, ben] = [await signIn('op01'), await signIn('op02')]

    // The first whose press calls somebody: some of the district are in test.
    let pendant = demo.devices[0] as (typeof demo.devices)[number]
    let incidentId = ''
    for (const device of demo.devices) {
      pendant = device
      incidentId = (await press(url, device)).incidentId
      if (incidentId) break
    }
    secrets.set('key of the pendant', pendant.key)
    secrets.set('name of the resident', pendant.residentName)
    await ask(
      'POST',
      '/alarms',
      { sequence: 1, type: 'button' },
      { authorization: 'Bearer a-wrong-key-of-nobody-9924' },
    )
    secrets.set('a wrong key', 'a-wrong-key-of-nobody-9924')
    await ask('POST', '/alarms', { sequence: 'x' }, { authorization: `Bearer ${pendant.key}` })
    await ana('POST', `/incidents/${incidentId}/answer`)
    await ben('GET', `/incidents/${incidentId}?breakGlass=${encodeURIComponent('邻居说听见呼救-8830')}`)
    secrets.set('the reason at the glass', '邻居说听见呼救-8830')
    await ana('POST', `/incidents/${incidentId}/note`, { text: '自由文字-8831' })
    secrets.set('a note', '自由文字-8831')
    const { body: detail } = await ana('GET', `/incidents/${incidentId}`)
    const file = detail['resident'] as {
      phone: string
      householdId: string
      contacts: { name: string; phone: string }[]
    }
    secrets.set('number of the resident', file.phone)
    for (const [i, contact] of file.contacts.entries()) {
      secrets.set(`name of contact ${i}`, contact.name)
      secrets.set(`number of contact ${i}`, contact.phone)
    }
    const door = await ana('POST', `/households/${file.householdId}/reveal-access`, { incidentId, reason: '' })
    if (door.body['access']) secrets.set('the door code', String(door.body['access']))

    await ana('POST', `/incidents/${incidentId}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
    await ana('POST', `/incidents/${incidentId}/dispatch`, {})
    await expect.poll(() => linksOf(url), { timeout: 20_000 }).not.toEqual([])
    const token = (await linksOf(url))[0]?.split('/r/')[1] as string
    secrets.set('token of a link', token)
    await ask('GET', `/r/${token}`)
    await ask('GET', `/r/${token.slice(0, -3)}AAA`)
    await ask('POST', `/r/${token}/accept`)

    const kiosk = demo.devices.find((one) => one.protocol === 'web') as (typeof demo.devices)[number]
    secrets.set('key of the kiosk', kiosk.key)
    const headers = { authorization: `Bearer ${kiosk.key}` }
    const said = { clientId: 'story-line-1', text: '我胸口疼-8832', locale: 'zh-CN' }
    secrets.set('a written word', '我胸口疼-8832')
    await ask('POST', '/kiosk/text-calls', said, headers)

    // Work that fails again and again, because of a subject that its database cannot read and names in its fault.
    const { port: at, password } = JSON.parse(readFileSync(join(dataDir, 'postgres.json'), 'utf8'))
    secrets.set('password of the database', password)
    secrets.set('the field key', readFileSync(join(dataDir, 'field.key'), 'utf8').trim())
    const db = new pg.Client(`postgres://yihu:${password}@127.0.0.1:${at}/yihu`)
    await db.connect()
    await db.query(
      `INSERT INTO outbox (id, kind, subject, due_at) VALUES (gen_random_uuid(), 'check-claim', $1, now())`,
      [`${pendant.residentName} ${file.phone}`],
    )
    await expect.poll(product.output, { timeout: 20_000 }).toContain('job failed')
    await db.end()
  } finally {
    product.child.kill('SIGINT')
    await product.exit
  }
  const logs = product.output() + readFileSync(join(dataDir, 'postgres.log'), 'utf8')
  expect(logs).toContain('check-claim')
  expect(logs.length).toBeGreaterThan(500)
  for (const [what, secret] of secrets) {
    expect([what, secret.length > 1]).toEqual([what, true])
    // A number also without its country, a code also without what stands around it.
    for (const form of [secret, secret.replace(/^\+86/, ''), encodeURIComponent(secret)])
      expect([what, logs.includes(form)]).toEqual([what, false])
  }
  expect(secrets.size).toBeGreaterThan(15)
})
