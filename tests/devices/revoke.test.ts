import { afterAll, beforeAll, expect, test } from 'vitest'
import type { UnprotectedView } from '../../server/contracts/unprotected.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
beforeAll(async () => {
  centre = await startCentre()
})
afterAll(() => centre.close())

test('a button whose key is revoked is refused from then on, and its resident is shown as unprotected until it has another', async () => {
  const ana = await centre.as('op01')
  const [button] = await devicesIn(centre, '望澜街道')
  if (!button) throw new Error('no button here')
  await centre.db.query('DELETE FROM device WHERE resident_id = $1 AND id <> $2', [button.residentId, button.id])
  const never = async () =>
    (await ana.get<{ items: UnprotectedView[] }>('/unprotected?limit=200&reason=never-activated')).body.items.some(
      (one) => one.residentId === button.residentId,
    )
  expect((await centre.press(button)).status).toBe(201)
  expect(await never()).toBe(false)
  expect((await ana.post(`/devices/${button.id}/revoke`, { reason: '' })).status).toBe(422)
  expect((await ana.post(`/devices/${button.id}/revoke`, { reason: '失窃' })).status).toBe(200)
  expect((await centre.press(button)).status).toBe(401)
  expect(await never()).toBe(true)
  const [row] = await centre.db.query(
    `SELECT action, reason FROM audit WHERE subject_id = $1 AND action = 'revoke-key'`,
    [button.id],
  )
  expect(row).toEqual({ action: 'revoke-key', reason: '失窃' })
  const { key } = (await ana.post<{ key: string }>(`/devices/${button.id}/key`)).body
  expect((await centre.press({ key })).status).toBe(201)
  expect(await never()).toBe(false)
})

test('a kiosk whose key is revoked is cut off at once', async () => {
  const [kiosk] = await centre.db.query<{ id: string }>(`SELECT id FROM device WHERE kind = 'kiosk' LIMIT 1`)
  await (await centre.as('admin')).post(`/devices/${kiosk?.id}/revoke`, { reason: '更换' })
  expect(centre.pushed).toContainEqual({ to: `kiosk:${kiosk?.id}`, name: 'disconnect', payload: null })
})
