import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HotlineForm, HotlineView } from '../../server/contracts/hotlines.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { type Line, listed } from './given.ts'

let centre: Centre
let line: Line
const menu = [
  { key: '3', catalogueCode: 'meals' },
  { key: '4', catalogueCode: 'plumbing' },
] as HotlineForm['menu']
beforeEach(async () => {
  centre = await startCentre()
  const codes = await centre.db.query<{ code: string }>(
    'SELECT code FROM catalogue_item WHERE active ORDER BY code LIMIT 2',
  )
  for (const [n, { code }] of codes.entries()) (menu[n] as { catalogueCode: string }).catalogueCode = code
  line = await listed(centre, { menu })
  const ana = await centre.as('op01')
  await ana.available()
})
afterEach(() => centre.close())

/** Somebody of ours has spoken the words for it. */
const record = () =>
  centre.db.query(
    `INSERT INTO prompt (id, locale, key, audio, duration_ms, created_by, created_at, approved_by, approved_at, in_use)
     SELECT gen_random_uuid(), 'zh-CN', $1, '\\x00', 3000, id, now(), id, now(), true FROM account LIMIT 1`,
    ['menu@80001234'],
  )
const dialled = async () => {
  const call = await line.dial()
  await centre.mediaDone()
  return call
}
test('once its words are recorded, who waits hears the choices and names one by a key; whoever answers finds it filled in', async () => {
  await record()
  const { legId, incident } = await dialled()
  expect(line.heard(legId)).toContain('menu@80001234')
  await line.key(legId, '4')
  expect((await load(centre.db, incident))?.catalogueCode).toBe(menu[1]?.catalogueCode)
  expect((await load(centre.db, incident))?.class).toBe(3)
  const [fact] = await centre.db.query(
    `SELECT data->>'wish' AS wish FROM fact WHERE incident_id = $1 AND type = 'keyed'`,
    [incident],
  )
  expect(fact).toEqual({ wish: 'service' })
})

test('without them nothing is announced, and the key means nothing', async () => {
  const { legId, incident } = await dialled()
  expect(line.heard(legId)?.some((prompt) => prompt.startsWith('menu'))).toBe(false)
  await line.key(legId, '3')
  expect((await load(centre.db, incident))?.catalogueCode).toBeNull()
})

test('1 stays urgent, and what was found out stays, whatever is pressed', async () => {
  await record()
  const { legId, incident } = await dialled()
  await line.key(legId, '3')
  await line.key(legId, '4')
  expect((await load(centre.db, incident))?.catalogueCode).toBe(menu[0]?.catalogueCode)
  await line.key(legId, '1')
  expect((await load(centre.db, incident))?.class).toBe(2)
})

test('a key twice, a key that everybody has, and a service that is not offered are refused', async () => {
  const admin = await centre.as('admin')
  const { items } = (await admin.get<{ items: HotlineView[] }>('/hotlines')).body
  const { id, version, state: _, ...form } = items[0] as HotlineView
  for (const wrong of [
    [menu[0], { ...menu[1], key: '3' }],
    [{ key: '1', catalogueCode: menu[0]?.catalogueCode }],
    [{ key: '3', catalogueCode: 'no-such-service' }],
  ]) {
    const said = await admin.put<{ code: string }>(`/hotlines/${id}`, { version, form: { ...form, menu: wrong } })
    expect([said.status, said.body.code]).toEqual([422, 'invalid'])
  }
})
