import { afterEach, beforeEach, expect, test } from 'vitest'
import { operatorLegId } from '../../server/contracts/voice.ts'
import { type Centre, startCentre } from '../support/centre.ts'

type Person = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Person
let leader: Person
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  leader = await centre.as('sup01')
})
afterEach(() => centre.close())

const talking = async () => {
  await ana.available()
  await centre.phone.headset(ana.id)
  const { callId, legId } = await centre.phone.dial('+8613812345678')
  await centre.phone.heardGreeting(callId, legId)
  await centre.work()
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
  await ana.post(`/incidents/${row?.id}/answer`)
  await centre.mediaDone()
  return { callId, legId }
}
/** Somebody else calls, and waits. */
const another = async () => {
  const other = await centre.phone.dial('+8613812345679')
  await centre.phone.heardGreeting(other.callId, other.legId)
  await centre.work()
  return other
}
const supervise = async (callId: string, mode: string) => {
  const said = await leader.post<{ code?: string }>(`/calls/${callId}/supervise`, { mode })
  await centre.mediaDone()
  return said.body.code
}
const audited = () =>
  centre.db.query<{ mode: string }>(`SELECT reason AS mode FROM audit WHERE action = 'listen-call' ORDER BY id`)

test('a supervisor listens, coaches and joins in: heard by nobody, by the operator, by both; each is in the audit', async () => {
  const { callId, legId } = await talking()
  await centre.phone.headset(leader.id)
  const [operator, listener] = [operatorLegId(ana.id), operatorLegId(leader.id)]
  for (const [mode, only] of [
    ['listen', { [listener]: [] }],
    ['coach', { [listener]: [operator] }],
    ['join', {}],
  ] as const) {
    expect(await supervise(callId, mode)).toBeUndefined()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operator, listener])
    expect(centre.phone.only.get(callId) ?? {}).toEqual(only)
  }
  expect(await audited()).toEqual([{ mode: 'listen' }, { mode: 'coach' }, { mode: 'join' }])
  await leader.post(`/calls/${callId}/drop`, { legId: listener })
  await centre.mediaDone()
  expect(centre.phone.rooms.get(callId)).toEqual([legId, operator])
})

test('without a telephone, or when nobody talks, there is nothing to listen to, and nothing is written', async () => {
  const { callId } = await talking()
  expect(await supervise(callId, 'listen')).toBe('no-headset')
  await centre.phone.headset(leader.id)
  await ana.post(`/calls/${callId}/hang-up`)
  expect(await supervise(callId, 'listen')).toBe('not-talking')
  expect(await audited()).toEqual([])
})

test('whoever listens is rung for nothing else, and is out when the call ends', async () => {
  const { callId } = await talking()
  await centre.phone.headset(leader.id)
  await supervise(callId, 'listen')
  await another()
  await ana.post(`/calls/${callId}/hang-up`)
  await centre.mediaDone()
  const legs = await centre.db.query<{ status: string }>(
    `SELECT status FROM call_leg WHERE call_id = $1 AND side = 'listener'`,
    [callId],
  )
  expect(legs).toEqual([{ status: 'down' }])
  expect(centre.phone.hungUp).not.toContain(operatorLegId(leader.id))
})

test('a supervisor who listened and takes the call over is its operator: both are heard, and nobody listens any more', async () => {
  const { callId, legId } = await talking()
  await centre.phone.headset(leader.id)
  await supervise(callId, 'listen')
  await leader.available()
  await centre.phone.headset(ana.id, false)
  await centre.pass(7)
  await centre.mediaDone()
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
  await leader.post(`/incidents/${row?.id}/answer`)
  await centre.mediaDone()
  expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(leader.id)])
  expect(centre.phone.only.get(callId)).toEqual({})
})

test('a supervisor who takes another incident leaves the conversation that they listened to', async () => {
  const { callId } = await talking()
  await centre.phone.headset(leader.id)
  await supervise(callId, 'listen')
  const other = await another()
  await leader.available()
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [
    other.callId,
  ])
  await leader.post(`/incidents/${row?.id}/answer`)
  await centre.work()
  await centre.mediaDone()
  expect(centre.phone.rooms.get(other.callId)).toEqual([other.legId, operatorLegId(leader.id)])
  expect(centre.phone.rooms.get(callId)).not.toContain(operatorLegId(leader.id))
})

test('a conversation is handed to who was asked into it, and not to who listens', async () => {
  const { callId } = await talking()
  await centre.phone.headset(leader.id)
  await supervise(callId, 'listen')
  const said = await ana.post<{ code?: string }>(`/calls/${callId}/hand-over`, { operatorId: leader.id })
  expect(said.body.code).toBe('colleague-not-there')
})
