import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildWorld, type World } from './authorization/world.ts'

let w: World
beforeAll(async () => {
  w = await buildWorld()
})
afterAll(() => w.close())

/** Every row of every table as text, as whoever has stolen the database's files would read it. */
async function rawDatabase(): Promise<string> {
  const tables = await w.db.query<{ name: string }>(
    `SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) AS name FROM information_schema.tables
     WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
  )
  let all = ''
  for (const { name } of tables) {
    const rows = await w.db.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`)
    all += rows.map(({ row }) => row).join('\n')
  }
  return all
}

test('health notes, door codes and written words cannot be read in the database, and come back whole', async () => {
  const secrets = {
    health: '胰岛素每日两次，青霉素过敏-XK71',
    access: '门禁 4471#，钥匙在邻居处-XK72',
    first: '我摔倒了，请帮帮我-XK73',
    answer: '别动，护工已经出发-XK74',
  }
  const { administrator, owner } = w.people
  const { version, form } = await w.form<{ householdId: string }>(`/residents/${w.pendant.residentId}`, [
    'id',
    'areaId',
    'household',
    'devices',
    'version',
  ])
  await w.must(
    administrator.put(`/residents/${w.pendant.residentId}`, {
      version,
      form: { ...form, healthNotes: secrets.health },
    }),
  )
  const home = await w.form(`/households/${w.resident.householdId}`, ['id', 'hasAccess', 'residents', 'version'])
  await w.must(
    administrator.put(`/households/${w.resident.householdId}`, {
      version: home.version,
      form: { ...home.form, access: secrets.access },
    }),
  )
  const said = { clientId: 'sealed-line', text: secrets.first, locale: 'zh-CN' }
  const headers = { authorization: `Bearer ${w.kioskKey}` }
  const { id: callId } = await w.must(w.centre.ask<{ id: string }>('POST', '/kiosk/text-calls', said, headers))
  const [call] = await w.db.query<{ incident: string }>('SELECT incident_id AS incident FROM call WHERE id = $1', [
    callId,
  ])
  await w.must(owner.post(`/incidents/${call?.incident}/answer`))
  await w.must(owner.post(`/calls/${callId}/texts`, { clientId: 'sealed-answer', text: secrets.answer }))
  await w.centre.work()

  const raw = await rawDatabase()
  for (const [what, secret] of Object.entries(secrets))
    for (const form of [
      secret,
      secret.slice(-4),
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ])
      expect([what, form, raw.includes(form)]).toEqual([what, form, false])
  // It is all there: what is sealed opens with the key, and what was never meant to be sealed is found by the same search.
  expect(raw).toContain(w.pendant.residentId)
  const file = await w.must(owner.get<{ healthNotes: string }>(`/residents/${w.pendant.residentId}`))
  expect(file.healthNotes).toBe(secrets.health)
  const door = { incidentId: null, reason: '急救人员需要' }
  const shown = await w.must(
    owner.post<{ access: string }>(`/households/${w.resident.householdId}/reveal-access`, door),
  )
  expect(shown.access).toBe(secrets.access)
  const texts = await w.must(owner.get<{ items: { text: string }[] }>(`/calls/${callId}/texts`))
  expect(texts.items.map(({ text }) => text)).toEqual([secrets.first, secrets.answer])
})

test('neither a password, a device key nor a session can be read in the database', async () => {
  const raw = await rawDatabase()
  const { accounts, devices } = w.centre.demo
  const cookie = w.people.owner.cookie.replace('yihu=', '')
  // A panel of the district reports in clear and has none.
  const keys = devices.map(({ key }) => key).filter((key) => key !== '')
  expect(keys.length).toBeGreaterThan(devices.length - 3)
  for (const secret of [...accounts.map(({ password }) => password), ...keys, cookie]) {
    expect(secret.length).toBeGreaterThan(7)
    expect(raw.includes(secret)).toBe(false)
    expect(raw.includes(Buffer.from(secret).toString('hex'))).toBe(false)
  }
})
