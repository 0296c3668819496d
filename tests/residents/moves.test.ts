import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { HouseholdView, ResidentForm, ResidentRow, ResidentView } from '../../server/contracts/residents.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
beforeAll(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
})
afterAll(() => centre.close())

const areaNamed = async (name: string) =>
  (await centre.db.query<{ id: string; path: string }>('SELECT id, path FROM area WHERE name = $1', [name]))[0] as {
    id: string
    path: string
  }
const fileOf = async (id: string) => (await ana.get<ResidentView>(`/residents/${id}`)).body
const formOf = ({ id: _, areaId: __, household: ___, devices: ____, version: _____, ...form }: ResidentView) => ({
  ...form,
  contacts: form.contacts.map(({ id, position, lastReachedAt, lastResult, ...contact }) => contact),
})
const householdForm = ({ id: _, hasAccess: __, residents: ___, version: ____, ...form }: HouseholdView) => form
const incidentArea = async (key: string) => {
  const { body } = await centre.press({ key })
  return (
    await centre.db.query<{ path: string }>('SELECT area_path AS path FROM incident WHERE id = $1', [body.incidentId])
  )[0]?.path
}

describe('somebody who moves takes the button along', () => {
  test('the household moves to another street: the press is heard there', async () => {
    const [device] = await devicesIn(centre, '望澜街道')
    const there = await areaNamed('杏林坊社区')
    const { household } = await fileOf(device?.residentId as string)
    const moved = await ana.put(`/households/${household.id}`, {
      version: household.version,
      form: { ...householdForm(household), areaId: there.id, access: null },
    })
    expect(moved.status).toBe(200)
    expect(await incidentArea(device?.key as string)).toBe(there.path)
  })
  test('the resident moves to another household: the press is heard there', async () => {
    const [, device] = await devicesIn(centre, '望澜街道')
    const there = await areaNamed('半山社区')
    const list = await ana.get<{ items: HouseholdView[] }>(`/households?areaId=${there.id}&limit=1`)
    const file = await fileOf(device?.residentId as string)
    const moved = await ana.put(`/residents/${file.id}`, {
      version: file.version,
      form: { ...formOf(file), householdId: list.body.items[0]?.id },
    })
    expect(moved.status).toBe(200)
    expect(await incidentArea(device?.key as string)).toBe(there.path)
  })
})

test('the search keeps in step when the name and the address are changed at the same moment', async () => {
  const [, , , device] = await devicesIn(centre)
  const id = device?.residentId as string
  for (let i = 0; i < 12; i++) {
    const file = await fileOf(id)
    const { household } = file
    const [moved, renamed] = await Promise.all([
      ana.put(`/households/${household.id}`, {
        version: household.version,
        form: { ...householdForm(household), address: `新址路${i}号`, access: null },
      }),
      ana.put(`/residents/${id}`, { version: file.version, form: { ...formOf(file), name: `改名${i}` } }),
    ])
    expect([moved.status, renamed.status]).toEqual([200, 200])
    const [row] = await centre.db.query<{ search: string }>('SELECT search FROM resident WHERE id = $1', [id])
    expect(row?.search).toContain(`新址路${i}号`)
    expect(row?.search).toContain(`改名${i}`)
  }
})

describe('contacts', () => {
  const contact = { relation: '女儿', phone: '0571-8111 2222', keyholder: false, hours: '', minutesAway: null }
  let file: ResidentView
  const save = async (more: Partial<ResidentForm>) => {
    const reply = await ana.put<ResidentView>(`/residents/${file.id}`, {
      version: file.version,
      form: { ...formOf(file), ...more },
    })
    expect(reply.status).toBe(200)
    file = reply.body
  }
  test('two who share one telephone are both kept, also when saved again', async () => {
    const [, , device] = await devicesIn(centre)
    file = await fileOf(device?.residentId as string)
    await save({
      contacts: [
        { ...contact, name: '甲' },
        { ...contact, name: '乙' },
      ],
    })
    await save({
      contacts: [
        { ...contact, name: '乙' },
        { ...contact, name: '甲' },
      ],
    })
    expect(file.contacts.map(({ name, position }) => [position, name])).toEqual([
      [1, '乙'],
      [2, '甲'],
    ])
  })
  test('the result of a call stays with the contact and is in the audit', async () => {
    const [second] = file.contacts.filter((one) => one.name === '甲')
    const result = await ana.post(`/contacts/${second?.id}/result`, { result: 'reached', incidentId: null })
    expect(result.body).toMatchObject({ lastResult: 'reached', lastReachedAt: centre.clock.now().toISOString() })
    await save({ contacts: formOf(file).contacts })
    expect(file.contacts.map(({ name, lastResult }) => [name, lastResult])).toEqual([
      ['乙', null],
      ['甲', 'reached'],
    ])
    expect(
      await centre.db.query('SELECT action FROM audit WHERE subject_id = $1 AND action = $2', [
        file.id,
        'contact-reached',
      ]),
    ).toHaveLength(1)
  })
})

describe('the search', () => {
  const find = async (q: string, list = 'residents') =>
    (await ana.get<{ items: ResidentRow[] }>(`/${list}?limit=200&q=${encodeURIComponent(q)}`)).body.items
  test('finds a number whichever way it is written, whole or in part', async () => {
    const [row] = await centre.db.query<{ id: string; phone: string }>(
      'SELECT id, phone FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1',
    )
    const own = (row?.phone ?? '').slice(3)
    const spaced = `${own.slice(0, 3)} ${own.slice(3, 7)} ${own.slice(7)}`
    for (const q of [own, spaced, `+86 ${spaced}`, `0086${own}`, `+86${own}`, own.slice(0, 8), own.slice(4)])
      expect([q, (await find(q)).some((found) => found.id === row?.id)]).toEqual([q, true])
  })
  test('a wildcard finds nothing in any list', async () => {
    for (const list of ['residents', 'households', 'devices', 'providers', 'responders'])
      expect([list, (await find('_%_', list)).length]).toEqual([list, 0])
  })
  test('all words must be found, an account beside a name', async () => {
    const [one] = await centre.db.query<{ id: string; account: string; name: string }>(
      'SELECT d.id, d.account, r.name FROM device d JOIN resident r ON r.id = d.resident_id ORDER BY d.account LIMIT 1',
    )
    expect((await find(`${one?.account} ${one?.name}`, 'devices')).map((row) => row.id)).toEqual([one?.id])
  })
  test('is answered by the index, for Chinese of one or two characters as well', async () => {
    const { residentQuery } = await import('../../server/residents/queries.ts')
    const [root] = await centre.db.query<{ path: string }>(`SELECT path FROM area WHERE level = 'district'`)
    for (const q of ['耀', '秀英', '王秀英', 'wangxiuy', '听潮路 王', '13800138000']) {
      const { text, values } = residentQuery([root?.path as string], { q, limit: 50 })
      const plan = await centre.db.transaction(async (tx) => {
        await tx.query('SET LOCAL enable_seqscan = off')
        await tx.query('SET LOCAL enable_indexscan = off')
        return tx.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values)
      })
      const [scan] = JSON.stringify(plan).match(/"Index Name":"resident_search".*?"Actual Rows":[\d.]+/) ?? ['']
      // Few rows: an index that cannot use the word would hand over all three thousand.
      expect([q, Number(scan.split(':').at(-1) || 3000) < 1500]).toEqual([q, true])
    }
  })
})
