import { afterAll, beforeAll, expect, test } from 'vitest'
import { searchVersion } from '../../server/platform/search-text.ts'
import { renewSearch } from '../../server/wiring/write-search.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('after an update somebody is found by the reading of their surname, though their file was written before it', async () => {
  await centre.db.query(
    `UPDATE resident SET name = '曾小明', search = 'ceng' WHERE id = (SELECT max(id::text)::uuid FROM resident)`,
  )
  const before = await centre.db.query<{ id: string; search: string }>('SELECT id, search FROM household ORDER BY id')
  await renewSearch(centre.parts)
  await renewSearch(centre.parts) // two workers start at once
  for (let steps = 0; steps < 100; steps++) {
    centre.clock.forward(50)
    await centre.work(steps === 0 ? 2 : 1)
  }
  const admin = await centre.as('admin')
  const found = await admin.get<{ items: { name: string }[] }>('/residents?q=zengxiaoming')
  expect(found.body.items.map(({ name }) => name)).toEqual(['曾小明'])
  expect(await centre.db.query('SELECT search_version AS v FROM system')).toEqual([{ v: searchVersion }])
  expect(await centre.db.query(`SELECT 1 FROM outbox WHERE kind = 'write-search'`)).toEqual([])
  // What was written in this form already stays as it is.
  expect(await centre.db.query('SELECT id, search FROM household ORDER BY id')).toEqual(before)
})
