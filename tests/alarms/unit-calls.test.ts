import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepUnitTimers } from '../../server/alarms/unit-calls.ts'
import type { DeviceSignal } from '../../server/contracts/alarms.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

let centre: Centre
let unit: string
let count = 0
beforeEach(async () => {
  centre = await startCentre()
  unit = (await devicesIn(centre))[0]?.id as string
})
afterEach(() => centre.close())

const says = async (voice: DeviceSignal['voice']): Promise<string> => {
  const said = { deviceId: unit, sequence: ++count, type: 'button' as const, receivedAt: centre.clock.now() }
  const result = await centre.intake.receive({ ...said, ...(voice && { voice }) })
  if ('refused' in result) throw new Error(result.refused)
  return result.receipt.incidentId as string
}
const told = (incident: string) =>
  centre.db.query<{ because: string }>(
    `SELECT data->>'because' AS because FROM fact WHERE incident_id = $1 AND type = 'unit-to-call' ORDER BY seq`,
    [incident],
  )
const callBack = async (incident: string) =>
  (await centre.db.query<{ it: string | null }>('SELECT call_back AS it FROM incident WHERE id = $1', [incident]))[0]
    ?.it

test('a unit that was told to call and has not within a minute is to be called, and that is told once', async () => {
  const incident = await says('calls')
  await centre.pass(59)
  expect([await told(incident), await callBack(incident)]).toEqual([[], null])
  await centre.pass(2, 3)
  expect([await told(incident), await callBack(incident)]).toEqual([[{ because: 'unit-silent' }], 'unit-silent'])
  const rows = await centre.db.query('SELECT 1 FROM alarm WHERE voice_due_at IS NOT NULL')
  expect(rows).toEqual([])
})

test('one that has called is not, however soon it hung up', async () => {
  const incident = await says('calls')
  await centre.pass(20)
  const { legId } = await centre.phone.dial(null, unit)
  await centre.phone.goes(legId)
  await centre.pass(60)
  expect(await told(incident)).toEqual([])
})

test('pressed three times within that minute, it is told of once', async () => {
  const incident = await says('calls')
  await centre.pass(10)
  await says('calls')
  await centre.pass(10)
  await says('calls')
  await centre.pass(120)
  expect(await told(incident)).toEqual([{ because: 'unit-silent' }])
})

test('one that asks to be called is told of at once, and again when it asks again', async () => {
  const incident = await says('asks')
  await centre.work()
  expect([await told(incident), await callBack(incident)]).toEqual([[{ because: 'unit-asked' }], 'unit-asked'])
  await centre.pass(5)
  await says('asks')
  await centre.work()
  expect(await told(incident)).toHaveLength(2)
})

test('a unit without a voice is not waited for, nor one in test', async () => {
  const incident = await says(undefined)
  await centre.db.query(`UPDATE device SET state = 'in-test', test_expires_at = NULL WHERE id = $1`, [unit])
  await says('calls')
  expect(await centre.db.query(`SELECT 1 FROM outbox WHERE kind = 'check-unit-call'`)).toEqual([])
  expect(await told(incident)).toEqual([])
})

test('a closed incident is told nothing more', async () => {
  const incident = await says('calls')
  await centre.db.query(`UPDATE incident SET status = 'closed', closed_at = now() WHERE id = $1`, [incident])
  await centre.pass(70)
  expect(await told(incident)).toEqual([])
})

test('when the timer is lost the sweep sets it again', async () => {
  const incident = await says('calls')
  await centre.db.query(`DELETE FROM outbox WHERE kind = 'check-unit-call'`)
  await centre.pass(70)
  expect(await told(incident)).toEqual([])
  await keepUnitTimers(centre.parts)
  await keepUnitTimers(centre.parts)
  expect(await centre.db.query(`SELECT 1 FROM outbox WHERE kind = 'check-unit-call'`)).toHaveLength(1)
  await centre.work()
  expect(await told(incident)).toEqual([{ because: 'unit-silent' }])
})
