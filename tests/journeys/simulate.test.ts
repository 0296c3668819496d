import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkCentre } from '../simulate/check.ts'
import { report } from '../simulate/report.ts'
import { type Ran, simulate } from '../simulate/run.ts'

let ran: Ran
beforeAll(async () => {
  ran = await simulate({
    residents: 60,
    minutes: 20,
    operators: 3,
    seed: 7,
    profile: 'embedded',
    // A busy afternoon: more than three operators like, so that timers and escalations run.
    pressesPerHour: 1.5,
  })
}, 240_000)
afterAll(() => ran?.close())

const check = () => checkCentre(ran.centre.db, ran.notes, ran.clock.now())
const one = async <T extends object>(sql: string): Promise<T> => (await ran.centre.db.query<T>(sql))[0] as T

test('a simulated afternoon loses no press, rings nobody twice and forgets no timer', async () => {
  expect(ran.notes.acknowledged.size).toBeGreaterThan(15)
  expect(ran.notes.ledgerAsked).toBe(20)
  expect(ran.notes.heardByPush).toBeGreaterThan(0)
  expect(await one("SELECT 1 AS answered FROM fact WHERE type = 'answered' LIMIT 1")).toEqual({ answered: 1 })
  expect(await check()).toEqual([])
})

test('every offer is heard by its push, none only by asking again', () => {
  expect(ran.notes.heardByAsking).toBe(0)
})

test('its table says how many presses were acknowledged and how long people waited', async () => {
  const table = (await report(ran.centre.db, ran)).join('\n')
  expect(table).toContain(`alarms acknowledged       ${ran.notes.acknowledged.size}`)
  expect(table).toMatch(/waited, all +p50 \d/)
})

// From here on the database is spoilt, one thing after the other, and the check must name it.
test('an acknowledged press that is gone is named', async () => {
  const alarm = [...ran.notes.acknowledged.values()].at(-1)
  const [gone] = await ran.centre.db.query<Record<string, unknown>>('DELETE FROM alarm WHERE id = $1 RETURNING *', [
    alarm?.alarmId,
  ])
  expect(await check()).toEqual([`acknowledged alarm ${alarm?.alarmId} is there 0 times`])
  await ran.centre.db.query('INSERT INTO alarm SELECT * FROM jsonb_populate_record(NULL::alarm, $1)', [gone])
  expect(await check()).toEqual([])
})

test('an acknowledged press that is there twice is named', async () => {
  const alarm = [...ran.notes.acknowledged.values()].at(-1)
  await ran.centre.db.query(
    `INSERT INTO alarm SELECT * FROM jsonb_populate_record(NULL::alarm, (SELECT to_jsonb(a) || jsonb_build_object('id', gen_random_uuid(), 'round', 1) FROM alarm a WHERE id = $1))`,
    [alarm?.alarmId],
  )
  expect(await check()).toEqual([`acknowledged alarm ${alarm?.alarmId} is there 2 times`])
  await ran.centre.db.query('DELETE FROM alarm WHERE device_id = $1 AND sequence = $2 AND round = 1', [
    alarm?.deviceId,
    alarm?.sequence,
  ])
})

test('a press that is there under another number than it was acknowledged with is named twice: missing, and told to nobody', async () => {
  const alarm = [...ran.notes.acknowledged.values()].at(0)
  await ran.centre.db.query('UPDATE alarm SET sequence = sequence + 100000 WHERE id = $1', [alarm?.alarmId])
  expect(await check()).toEqual([
    `acknowledged alarm ${alarm?.alarmId} is there 0 times`,
    `alarm ${alarm?.alarmId} is stored and nobody was told`,
  ])
  await ran.centre.db.query('UPDATE alarm SET sequence = sequence - 100000 WHERE id = $1', [alarm?.alarmId])
})

test('an incident that nobody answered and no timer watches is named', async () => {
  const { id } = await one<{ id: string }>(`SELECT incident_id AS id FROM fact WHERE type = 'answered' LIMIT 1`)
  const [answered] = await ran.centre.db.transaction(async (tx) => {
    await tx.query(`SELECT set_config('yihu.rewriting', 'a fact that is missing', true)`)
    return tx.query<Record<string, unknown>>(
      `DELETE FROM fact WHERE incident_id = $1 AND type = 'answered' AND seq = (SELECT min(seq) FROM fact WHERE incident_id = $1 AND type = 'answered') RETURNING *`,
      [id],
    )
  })
  expect(answered).toBeDefined()
  const faults = await check()
  expect(
    faults.some((fault) => fault.startsWith(`incident ${id}`) && fault.endsWith('never reached an operator')),
  ).toBe(true)
  expect(faults).toContain(`the timeline of incident ${id} is not intact`)
})

test('a timer that is missing is named', async () => {
  const timer = await one<{ kind: string; subject: string }>(
    `DELETE FROM outbox WHERE id = (SELECT o.id FROM outbox o JOIN incident i ON i.id::text = o.subject
       WHERE i.status <> 'closed' AND o.kind IN ('escalate-incident', 'check-claim', 'end-wrap-up') LIMIT 1) RETURNING kind, subject`,
  )
  expect(timer).toBeDefined()
  expect(await check()).toContain(`timer ${timer.kind} of ${timer.subject} is not armed`)
})

test('a ledger breach that was seen fails the run', async () => {
  ran.notes.breaches += 1
  expect((await check()).some((fault) => fault.startsWith('the ledger was broken 1 times'))).toBe(true)
})
