import { afterEach, beforeEach, expect, test } from 'vitest'
import { looksAnHourMax } from '../../server/access/many-looks.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

type List = { items: { id: string }[] }
type Audit = { items: { action: string; words: string | null; named: number; accountName: string }[] }
const alerts = async (leader: Awaited<ReturnType<Centre['as']>>) =>
  (await leader.get<{ items: { kind: string; count: number; accountName?: string }[] }>('/alerts')).body.items.filter(
    ({ kind }) => kind === 'many-looks',
  )

test('a search leaves its words, sealed, and whom it named, each time', async () => {
  const ana = await centre.as('op01')
  const found = (await ana.get<List>('/residents?q=li')).body.items
  await ana.get('/residents?q=li')
  const rows = await centre.db.query<{ words: Buffer; named: string[] }>(
    `SELECT words, named FROM audit WHERE action = 'search' AND account_id = $1`,
    [ana.id],
  )
  expect(rows).toHaveLength(2)
  expect(rows[0]?.named).toEqual(found.map(({ id }) => id))
  expect(rows[0]?.words.toString('latin1')).not.toContain('li')
  const auditor = await centre.as('auditor')
  const [shown] = (await auditor.get<Audit>('/audit?action=search')).body.items
  expect(shown).toMatchObject({ words: 'li', named: found.length })
})

test.each([
  '/residents?limit=20',
  '/households?limit=20',
  '/devices?limit=20',
  '/unprotected?limit=20',
  '/responders?limit=20',
])('the list %s leaves whom it named', async (path) => {
  const admin = await centre.as('admin')
  const { items } = (await admin.get<List>(path)).body
  const [row] = await centre.db.query<{ named: string[] }>(
    `SELECT named FROM audit WHERE account_id = $1 AND named IS NOT NULL`,
    [admin.id],
  )
  expect([path, row?.named.length]).toEqual([path, items.length])
  const next = `${path}&cursor=5`
  await admin.get(next)
  expect(
    await centre.db.query(`SELECT 1 FROM audit WHERE account_id = $1 AND reason = 'from 5'`, [admin.id]),
  ).toHaveLength(1)
})

test('who reads a street through by short searches is shown to their leader, by name; who had the calls for it is not', async () => {
  const [curious, lead] = [await centre.as('op01'), await centre.as('sup01')]
  for (const q of ['li', 'wa', 'zh'])
    for (const cursor of [0, 50]) await curious.get(`/residents?q=${q}&limit=50&cursor=${cursor}`)
  const [alert] = await alerts(lead)
  expect(alert?.count).toBeGreaterThan(looksAnHourMax)
  expect(alert?.accountName).toBe(
    (await centre.db.query<{ name: string }>('SELECT name FROM account WHERE id = $1', [curious.id]))[0]?.name,
  )
  for (const device of (await devicesIn(centre)).slice(0, 12)) {
    const { incidentId } = (await centre.press(device)).body
    await centre.db.query('UPDATE incident SET owner_id = $2, answered_at = $3 WHERE id = $1', [
      incidentId,
      curious.id,
      centre.clock.now(),
    ])
  }
  expect(await alerts(lead)).toEqual([])
  await centre.db.query('UPDATE incident SET owner_id = NULL')
  centre.clock.forward(3_600_001)
  expect(await alerts(await centre.as('sup01'))).toEqual([])
})
