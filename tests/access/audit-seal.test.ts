import { afterEach, beforeEach, expect, test } from 'vitest'
import { brokenSeals, sealAudit } from '../../server/access/audit-seal.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
  const ana = await centre.as('op01')
  for (let i = 0; i < 3; i++) {
    await ana.get('/residents')
    await ana.get(`/residents?limit=${i + 1}&cursor=${i + 1}`)
    await sealAudit(centre.parts)
  }
})
afterEach(() => centre.close())

const rewriting = (text: string) =>
  centre.db.transaction(async (tx) => {
    await tx.query(`SELECT set_config('yihu.rewriting', 'somebody with the password of the database', true)`)
    await tx.query(text)
  })

test('what the audit says is sealed in batches, and whole it holds', async () => {
  expect(await sealAudit(centre.parts)).toBe(false)
  expect(await centre.db.query('SELECT 1 FROM audit WHERE sealed_in IS NULL')).toEqual([])
  expect((await brokenSeals(centre.parts)).broken).toEqual([])
})

test.each([
  ['changed', `UPDATE audit SET account_id = NULL WHERE id = (SELECT min(id) FROM audit WHERE sealed_in = 2)`],
  ['removed', `DELETE FROM audit WHERE id = (SELECT max(id) FROM audit WHERE sealed_in = 2)`],
  [
    'put in',
    `INSERT INTO audit (at, action, subject_kind, subject_id, sealed_in) VALUES (now(), 'look', 'resident-list', 'x', 2)`,
  ],
  ['moved', `UPDATE audit SET sealed_in = 1 WHERE sealed_in = 2`],
])('a row that was %s by whoever holds the database is found', async (_, text) => {
  await rewriting(text)
  expect((await brokenSeals(centre.parts)).broken).toContain(2)
})

test('a batch that is gone as a whole is found', async () => {
  await rewriting('DELETE FROM audit WHERE sealed_in = 2')
  await rewriting('DELETE FROM audit_seal WHERE n = 2')
  expect((await brokenSeals(centre.parts)).broken.length).toBeGreaterThan(0)
})

test('nobody changes or removes a row of the audit, its seal or a fact by the way', async () => {
  for (const text of [
    `UPDATE audit SET reason = 'x'`,
    'DELETE FROM audit',
    'UPDATE audit SET sealed_in = 1',
    'DELETE FROM audit_seal',
  ])
    await expect(centre.db.query(text)).rejects.toThrow('not changed')
  const [device] = centre.demo.devices
  await centre.press(device as { key: string })
  await expect(centre.db.query('DELETE FROM fact')).rejects.toThrow('not changed')
})
