import { afterEach, beforeEach, expect, test } from 'vitest'
import type { HotlineView } from '../../server/contracts/hotlines.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { closed, type Line, listed } from './given.ts'

let centre: Centre
let line: Line
beforeEach(async () => {
  centre = await startCentre()
  line = await listed(centre)
})
afterEach(() => centre.close())
const takes = async () => {
  const { legId } = await centre.askedOnCall()
  await centre.phone.answers(legId)
  await centre.mediaDone()
  await centre.phone.say({ type: 'dtmf', legId, key: '1' })
  await centre.settled()
  await centre.phone.say({ type: 'played', legId, token: centre.phone.playing.get(legId)?.token })
  await centre.settled()
  return legId
}

test('whoever talks with an on-call telephone is left to talk, however long they waited for us', async () => {
  const ana = await centre.as('op01')
  await ana.available()
  await centre.phone.headset(ana.id)
  const passWith = async (s: number) => {
    for (let i = 0; i < s; i += 15) {
      await ana.beat()
      await centre.pass(15)
    }
    await centre.mediaDone()
  }
  const { callId, legId } = await line.dial()
  await passWith(75)
  const onCall = await takes()
  expect(centre.phone.rooms.get(callId)?.sort()).toEqual([legId, onCall].sort())
  await passWith(360)
  expect([(await line.call(callId))?.aside, centre.phone.rooms.get(callId)?.sort()]).toEqual([
    null,
    [legId, onCall].sort(),
  ])
}, 60_000)

test('an on-call telephone that takes it comes to who is leaving a message', async () => {
  const { callId, legId } = await line.dial()
  await centre.mediaDone()
  await line.heardOut(legId)
  expect((await line.call(callId))?.aside).toBe('message')
  await centre.pass(61)
  await centre.mediaDone()
  const onCall = await takes()
  expect(centre.phone.rooms.get(callId)?.sort()).toEqual([legId, onCall].sort())
}, 60_000)

test.each([['1'], ['5']])('%s after the tone still says that it cannot wait', async (key) => {
  await centre.db.query('UPDATE hotline SET hours = $1 WHERE number = $2', [JSON.stringify(closed), '80001234'])
  const ana = await centre.as('op01')
  await ana.available()
  await centre.phone.headset(ana.id)
  const { callId, legId, incident } = await line.dial()
  await centre.mediaDone()
  await line.heardOut(legId)
  expect((await line.call(callId))?.aside).toBe('message')
  await line.key(legId, key)
  expect(await line.incident(incident)).toMatchObject({ class: 2, quietUntil: null })
  expect([(await line.call(callId))?.aside, line.heard(legId)]).toEqual([null, ['noted', 'position-1']])
  expect(centre.phone.recording.has(callId)).toBe(false)
})

test('the on-call telephone that took a life is cut off: it does not rest for ten minutes, the leaders hear at once', async () => {
  const [life] = await centre.db.query<{ phone: string }>(
    'UPDATE resident SET line_class = 1 WHERE id = (SELECT id FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1) RETURNING phone',
  )
  const { incident, legId } = await line.dial(life?.phone)
  await centre.pass(61)
  await centre.mediaDone()
  const onCall = await takes()
  expect((await line.incident(incident)).onCallAt).not.toBeNull()
  centre.pushed.length = 0
  await centre.phone.goes(onCall, 'lost')
  await centre.settled()
  await centre.pass(2)
  expect((await line.incident(incident)).onCallAt).toBeNull()
  expect(
    centre.pushed.some(
      ({ name, payload }) => name === 'alert.raised' && (payload as { incidentId?: string }).incidentId === incident,
    ),
  ).toBe(true)
  expect((await line.facts(incident)).filter((type) => type === 'on-call-lapsed')).toHaveLength(1)
  expect(centre.phone.hungUp).not.toContain(legId)
}, 60_000)

test('a number of ours is no number outside', async () => {
  const admin = await centre.as('admin')
  const { items } = (await admin.get<{ items: HotlineView[] }>('/hotlines')).body
  const mine = items.find(({ number }) => number === '80001234') as HotlineView
  const { id, version, state: _, ...form } = mine
  const number = '+8657187650000'
  await admin.put(`/hotlines/${id}`, { version, form: { ...form, number } })
  const said = await admin.put<{ code: string }>(`/hotlines/${id}`, {
    version: version + 1,
    form: { ...form, number, overflowNumber: '0571-8765 0000' },
  })
  expect([said.status, said.body.code]).toEqual([422, 'invalid'])
})
