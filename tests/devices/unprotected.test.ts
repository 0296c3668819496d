import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UnprotectedMap, UnprotectedView } from '../../server/contracts/unprotected.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let ids: [string, string]
beforeAll(async () => {
  centre = await startCentre()
  const now = centre.clock.now()
  await centre.db.query(
    `UPDATE device SET last_good_test_at = $1, battery = 0.9, silence = NULL, state = 'in-service', test_expires_at = NULL`,
    [now],
  )
  await centre.db.query(`UPDATE resident SET line_class = 2, risks = '{}', mobility = 'ordinary'`)
  await centre.db.query(
    `INSERT INTO contact (id, resident_id, position, name, relation, phone) SELECT gen_random_uuid(), id, 99, '邻居', '邻居', '+8613800000000' FROM resident`,
  )
  const [one, two] = await devicesIn(centre, '望澜街道')
  ids = [one?.residentId as string, two?.residentId as string]
})
afterAll(() => centre.close())

const list = async (user: string, query = '') =>
  (await (await centre.as(user)).get<{ items: UnprotectedView[] }>(`/unprotected?limit=200${query}`)).body.items

test('whoever has a tested device that is heard, and somebody to ring, is not on the list', async () => {
  expect(await list('op01')).toEqual([])
})

test('the frailest stands first, each with every reason; a reason can be asked for, and another street sees nothing', async () => {
  const [plain, frail] = ids
  await centre.db.query(
    `UPDATE device SET silence = 'lost', silent_since = $2, last_good_test_at = NULL WHERE resident_id = $1`,
    [plain, centre.clock.now()],
  )
  await centre.db.query(`UPDATE device SET battery = 0.19, last_good_test_at = $2 WHERE resident_id = $1`, [
    frail,
    new Date(centre.clock.now().getTime() - 31 * 86_400_000),
  ])
  await centre.db.query(`UPDATE contact SET last_result = 'wrong-number' WHERE resident_id = $1`, [frail])
  await centre.db.query(`UPDATE resident SET risks = '{oxygen}' WHERE id = $1`, [frail])
  const found = await list('op01')
  expect(found.map((one) => [one.residentId, one.reasons, one.daysSinceTest])).toEqual([
    [frail, ['low-battery', 'no-contact', 'untested'], 31],
    [plain, ['silent', 'untested'], null],
  ])
  expect((await list('op01', '&reason=silent')).map((one) => one.residentId)).toEqual([plain])
  expect(await list('op12')).toEqual([])
  const map = async (user: string) =>
    (await (await centre.as(user)).get<UnprotectedMap>('/unprotected/map?reason=silent')).body
  const [home] = await centre.db.query(
    'SELECT h.lat, h.lon, r.name FROM resident r JOIN household h ON h.id = r.household_id WHERE r.id = $1',
    [plain],
  )
  expect(await map('op01')).toEqual({
    items: [{ ...home, residentId: plain, reasons: ['silent', 'untested'] }],
    more: 0,
  })
  expect(await map('op12')).toEqual({ items: [], more: 0 })
  await centre.db.query(`UPDATE device SET state = 'activated' WHERE resident_id = $1`, [plain])
  expect((await list('op01', '&reason=never-activated')).map((one) => one.residentId)).toEqual([plain])
  const only = (state: string) => centre.db.query(`UPDATE device SET state = $2 WHERE resident_id = $1`, [plain, state])
  await only('out-of-service')
  expect((await list('op01', '&reason=out-of-service')).map((one) => one.residentId)).toEqual([plain])
  // A press of somebody in test calls nobody, until the test is over.
  await only('in-test')
  const until = (minutes: number) =>
    centre.db.query('UPDATE device SET test_expires_at = $2 WHERE resident_id = $1', [
      plain,
      new Date(centre.clock.now().getTime() + minutes * 60_000),
    ])
  await until(10)
  expect((await list('op01', '&reason=in-test')).map((one) => one.residentId)).toEqual([plain])
  await until(-1)
  expect(await list('op01', '&reason=in-test')).toEqual([])
})
