import { afterEach, beforeEach, expect, test } from 'vitest'
import { readLedger } from '../../server/incidents/ledger.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, startCentre } from '../support/centre.ts'

// Nobody answers; the on-call telephone of the area is rung and answers by keys.
let centre: Centre
let call: { callId: string; legId: string }
let id: string
beforeEach(async () => {
  centre = await startCentre()
  call = await centre.phone.dial('+8613812345678')
  await centre.phone.heardGreeting(call.callId, call.legId)
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [call.callId])
  id = row?.id as string
  await centre.pass(61)
  await centre.mediaDone()
})
afterEach(() => centre.close())

const answersWith = async (legId: string, key: string) => {
  await centre.phone.answers(legId)
  await centre.mediaDone()
  expect(centre.phone.playing.get(legId)?.prompts).toEqual(['on-call-3', 'waited-1', 'on-call-keys'])
  await centre.phone.say({ type: 'dtmf', legId, key })
  await centre.settled()
}
const breaches = async () => (await readLedger(centre.parts, ['/'])).breaches
const facts = async (type: string) =>
  centre.db.query<{ data: { name: string } }>('SELECT data FROM fact WHERE incident_id = $1 AND type = $2', [id, type])

test('1 takes responsibility: it stands in the timeline, the caller is connected, and the steps rest for ten minutes', async () => {
  const { legId } = await centre.askedOnCall()
  await answersWith(legId, '1')
  const taken = await load(centre.db, id)
  expect([taken?.status, taken?.ownerId, taken?.onCallAt]).toEqual(['waiting', null, centre.clock.now()])
  expect((await facts('on-call-accepted'))[0]?.data.name).toBeTruthy()
  expect(centre.phone.playing.get(legId)?.prompts).toEqual(['on-call-noted'])
  await centre.phone.say({ type: 'played', legId, token: centre.phone.playing.get(legId)?.token })
  await centre.settled()
  expect(centre.phone.rooms.get(call.callId)?.sort()).toEqual([call.legId, legId].sort())
  expect(centre.phone.hungUp).not.toContain(legId)
  expect([centre.phone.recording.size, await breaches()]).toEqual([0, 0])
  await centre.pass(9 * 60)
  expect((await load(centre.db, id))?.escalation).toBe(4)
  expect(await breaches()).toBe(0)
  await centre.pass(61)
  expect(await load(centre.db, id)).toMatchObject({ escalation: 5, limitOpen: true, onCallAt: null })
  expect([(await facts('on-call-lapsed')).length, await breaches()]).toEqual([1, 0])
}, 60_000)

test('an operator who answers comes to both, and it is theirs', async () => {
  const { legId } = await centre.askedOnCall()
  await answersWith(legId, '1')
  await centre.phone.say({ type: 'played', legId, token: centre.phone.playing.get(legId)?.token })
  await centre.settled()
  const ana = await centre.as('op01')
  await centre.phone.headset(ana.id)
  await ana.post(`/incidents/${id}/answer`)
  await centre.settled()
  expect(centre.phone.rooms.get(call.callId)?.sort()).toEqual([call.legId, legId, `operator:${ana.id}`].sort())
  expect(await load(centre.db, id)).toMatchObject({ ownerId: ana.id, onCallAt: null })
})

test('2, or nobody there, is on the leaders’ list with the number', async () => {
  const { legId } = await centre.askedOnCall()
  await answersWith(legId, '2')
  const lead = await centre.as('sup01')
  const kinds = (await lead.get<{ items: { kind: string; phone: string }[] }>('/alerts')).body.items
  expect(kinds.find((one) => one.kind === 'on-call-not-reached')?.phone).toMatch(/^\+86/)
  expect((await facts('on-call-declined')).length).toBe(1)
})

test('while it rings an operator answers: it rings no more; while it is asked, it hears that it is taken care of', async () => {
  const { legId } = await centre.askedOnCall()
  await centre.phone.answers(legId)
  await centre.mediaDone()
  const ana = await centre.as('op01')
  await ana.post(`/incidents/${id}/answer`)
  await centre.settled()
  expect(centre.phone.playing.get(legId)?.prompts).toEqual(['taken-care'])
  await centre.phone.say({ type: 'dtmf', legId, key: '1' })
  await centre.settled()
  expect(await facts('on-call-accepted')).toEqual([])
})
