import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// A resident is spoken with through their alarm unit: it calls or is called, is told what to do, and is let go.
type Person = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Person
let unit: string
let incident: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  await ana.available()
  await centre.phone.headset(ana.id)
  const [device] = await devicesIn(centre, '听潮社区')
  unit = device?.id as string
  await centre.db.query(`UPDATE device SET protocol = 'scaip', type_code = 'ip-unit', room = '客厅' WHERE id = $1`, [
    unit,
  ])
  incident = (await centre.press(device as { key: string })).body.incidentId
  expect((await ana.post(`/incidents/${incident}/answer`)).status).toBe(200)
})
afterEach(() => centre.close())

const facts = async (type: string) =>
  (
    await centre.db.query<{ data: Record<string, unknown> }>(
      'SELECT data FROM fact WHERE incident_id = $1 AND type = $2 ORDER BY seq',
      [incident, type],
    )
  ).map(({ data }) => data)
const call = () => ana.post<{ id: string; code?: string }>(`/incidents/${incident}/call`, { to: { unit } })
/** Rung, and it has picked up. */
async function talking(): Promise<{ callId: string; legId: string }> {
  const { body } = await call()
  await centre.work()
  const legId = centre.phone.placed.at(-1)?.legId as string
  await centre.phone.answers(legId)
  await centre.work()
  return { callId: body.id, legId }
}

test('the unit is shown in the incident, is rung from it, and talks with the operator when it picks up', async () => {
  await centre.db.query(`UPDATE device SET own_number = '+8619900092081' WHERE id = $1`, [unit])
  const { body } = await ana.get<{ units: unknown[] }>(`/incidents/${incident}`)
  expect(body.units).toEqual([{ deviceId: unit, kind: 'pendant', room: '客厅', number: '+8619900092081' }])
  const { callId, legId } = await talking()
  expect(centre.phone.placed.at(-1)?.to).toEqual({ unit, number: '+8619900092081' })
  expect(centre.phone.rooms.get(callId)).toEqual([legId, `operator:${ana.id}`])
  const { body: calls } = await ana.get<{ items: object[] }>(`/incidents/${incident}/calls`)
  expect(calls.items).toMatchObject([
    { status: 'answered', direction: 'out', unit: { kind: 'pendant', room: '客厅', commands: true, way: 'duplex' } },
  ])
  expect(await facts('call-placed')).toMatchObject([{ to: 'unit' }])
  // It is the resident's own, who consented with their enrolment.
  expect(centre.phone.recording.has(callId)).toBe(true)
  expect((await call()).body.code).toBe('on-a-call')
})

test('somebody else’s unit, and a device that cannot speak, are not rung', async () => {
  const [other] = await devicesIn(centre, '听潮社区').then((all) => all.slice(1))
  await centre.db.query(`UPDATE device SET protocol = 'scaip' WHERE id = $1`, [other?.id])
  const to = { unit: other?.id }
  expect((await ana.post(`/incidents/${incident}/call`, { to })).body['code']).toBe('no-number')
  await centre.db.query(`UPDATE device SET protocol = 'dc09' WHERE id = $1`, [unit])
  expect((await call()).body.code).toBe('no-number')
})

test('one that cannot be rung says so, and the operator dials by hand', async () => {
  centre.phone.reachable(false)
  expect((await call()).body.code).toBe('not-reachable')
})

test('within the call the unit is told by keys, each stands in the timeline, and the type says which key is louder', async () => {
  const { callId, legId } = await talking()
  await centre.db.query(`UPDATE device_type SET quirks = '{"volumeUp":"1"}' WHERE code = 'ip-unit'`)
  for (const command of ['listen', 'duplex', 'volume-up'])
    expect((await ana.post(`/calls/${callId}/unit`, { command })).status).toBe(200)
  expect(centre.phone.pressed).toEqual([`${legId} 7`, `${legId} 4`, `${legId} 1`])
  expect((await facts('unit-commanded')).map((data) => data['command'])).toEqual(['listen', 'duplex', 'volume-up'])
  await ana.post(`/calls/${callId}/unit`, { command: 'listen' })
  // A page that is opened anew shows which way it was told last.
  const { body: calls } = await ana.get<{ items: { unit: object }[] }>(`/incidents/${incident}/calls`)
  expect(calls.items[0]?.unit).toMatchObject({ way: 'listen' })
  centre.phone.takesKeys(false)
  expect((await ana.post(`/calls/${callId}/unit`, { command: 'speak' })).body['code']).toBe('no-keys')
  expect(await facts('unit-commanded')).toHaveLength(4)
})

test('hanging up says clear down to the unit first; to a telephone it does not', async () => {
  const { callId, legId } = await talking()
  await ana.post(`/calls/${callId}/hang-up`)
  await centre.mediaDone()
  expect([centre.phone.hungUp, centre.phone.pressed]).toEqual([[legId], [`${legId} 0`]])
  await ana.post(`/incidents/${incident}/call`, { to: { resident: true } })
  await centre.work()
  const telephone = centre.phone.placed.at(-1)?.legId as string
  await centre.phone.answers(telephone)
  await centre.work()
  const [row] = await centre.db.query<{ id: string }>(`SELECT id FROM call WHERE status = 'answered'`)
  expect((await ana.post(`/calls/${row?.id}/unit`, { command: 'listen' })).body['code']).toBe('no-unit')
  await ana.post(`/calls/${row?.id}/hang-up`)
  await centre.mediaDone()
  expect(centre.phone.hungUp).toContain(telephone)
  expect(centre.phone.pressed).toEqual([`${legId} 0`])
})

test('when the unit was told to be called, its answer settles that', async () => {
  await centre.intake.receive({
    deviceId: unit,
    sequence: 9_000_001,
    type: 'button',
    voice: 'asks',
    receivedAt: centre.clock.now(),
  })
  await centre.work()
  const state = async () => (await ana.get<{ row: { callBack: string | null } }>(`/incidents/${incident}`)).body.row
  expect((await state()).callBack).toBe('unit-asked')
  await talking()
  expect((await state()).callBack).toBeNull()
})
