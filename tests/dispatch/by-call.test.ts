import { afterEach, beforeEach, expect, test } from 'vitest'
import { linkToken } from '../../server/dispatch/link.ts'
import { takeReply } from '../../server/dispatch/take-reply.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

// Responders who want to be asked by telephone, rung through a carrier without sound.
let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let id: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  const [device] = await devicesIn(centre)
  id = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${id}/answer`)
  await ana.post(`/incidents/${id}/classify`, { catalogueCode: 'fall-help', class: 2, answers: {} })
  await centre.db.query(`UPDATE responder SET told_by = 'call'`)
})
afterEach(() => centre.close())

type Asked = { callId: string; legId: string; assignment: string; status: string; outcome: string | null }
const calls = () =>
  centre.db.query<Asked>(
    `SELECT c.id AS "callId", l.leg_id AS "legId", c.asks_id AS assignment, c.status, c.outcome FROM call c JOIN call_leg l ON l.call_id = c.id
     WHERE c.asks = 'assignment' ORDER BY c.offered_at, c.id`,
  )
const send = async () => {
  await ana.post(`/incidents/${id}/dispatch`, {})
  await centre.work()
  await centre.mediaDone()
  return calls()
}
const pickUp = async ({ legId }: Asked) => {
  await centre.phone.answers(legId)
  await centre.mediaDone()
}
const press = async ({ legId }: Asked, key: string) => {
  centre.clock.forward(1_000)
  const at = centre.clock.now()
  for (let i = 0; i < 2; i++) await centre.phone.say({ type: 'dtmf', legId, key, at })
  await centre.settled()
}
const heard = ({ legId }: Asked) => centre.phone.playing.get(legId)?.prompts
const played = async ({ legId }: Asked) => {
  await centre.phone.say({ type: 'played', legId, token: centre.phone.playing.get(legId)?.token })
  await centre.settled()
}
const statusOf = async ({ assignment }: Asked) =>
  (await centre.db.query<{ status: string }>('SELECT status FROM assignment WHERE id = $1', [assignment]))[0]?.status

test('each is rung, hears the question, and 3 has it said again', async () => {
  const all = await send()
  expect(all.length).toBeGreaterThan(0)
  expect(centre.phone.placed).toHaveLength(all.length)
  expect(await centre.db.query(`SELECT 1 FROM message WHERE channel = 'sms'`)).toEqual([])
  const first = all[0] as Asked
  await pickUp(first)
  expect(heard(first)).toEqual(['help-request', 'help-keys'])
  const token = centre.phone.playing.get(first.legId)?.token
  await press(first, '3')
  expect(heard(first)).toEqual(['help-request', 'help-keys'])
  expect(centre.phone.playing.get(first.legId)?.token).not.toBe(token)
  expect(centre.phone.recording.size).toBe(0)
})

test('1 accepts: it is stored, then they hear so, and are connected to the operator who is free', async () => {
  await centre.phone.headset(ana.id)
  const all = await send()
  const [first, second] = all as [Asked, Asked]
  await pickUp(first)
  if (second) await pickUp(second)
  await press(first, '1')
  expect(await statusOf(first)).toBe('accepted')
  expect(heard(first)).toEqual(['help-accepted'])
  expect(centre.phone.rooms.get(first.callId)).toBeUndefined()
  await played(first)
  expect(centre.phone.rooms.get(first.callId)).toContain(first.legId)
  expect(centre.phone.rooms.get(first.callId)).toContain(`operator:${ana.id}`)
  expect(centre.phone.recording.size).toBe(0)
  if (second) expect(heard(second)).toEqual(['taken-care'])
  expect((await calls()).filter(({ status }) => status !== 'ended').length).toBeLessThanOrEqual(2)
  // A helper who was called is nobody to be called back.
  await centre.phone.goes(first.legId, 'lost')
  await centre.settled()
  const [row] = await centre.db.query<{ callBack: string | null }>(
    'SELECT call_back AS "callBack" FROM incident WHERE id = $1',
    [id],
  )
  expect(row?.callBack).toBeNull()
})

test('with nobody free to speak to them, the operator has it as a task until they have rung them', async () => {
  const [first] = (await send()) as [Asked]
  await pickUp(first)
  await press(first, '1')
  const task = async () =>
    (
      await ana.get<{ assignments: { id: string; tellWhere: boolean; responderId: string }[] }>(`/incidents/${id}`)
    ).body.assignments.find((one) => one.id === first.assignment)
  expect((await task())?.tellWhere).toBe(true)
  await centre.phone.goes(first.legId)
  await centre.settled()
  await centre.phone.headset(ana.id)
  centre.clock.forward(1_000)
  await ana.post(`/incidents/${id}/call`, { to: { responderId: (await task())?.responderId } })
  await centre.settled()
  await centre.phone.answers(centre.phone.placed.at(-1)?.legId as string)
  await centre.settled()
  expect((await task())?.tellWhere).toBe(false)
})

test('who accepts and is gone before the operator was with them is a task of the operator, and gets the link once', async () => {
  await centre.phone.headset(ana.id)
  const [first] = (await send()) as [Asked]
  await pickUp(first)
  await press(first, '1')
  expect(heard(first)).toEqual(['help-accepted'])
  await centre.phone.goes(first.legId)
  await centre.settled()
  await takeReply(centre.parts, first.callId)
  const { body } = await ana.get<{ assignments: { id: string; tellWhere: boolean }[] }>(`/incidents/${id}`)
  expect(body.assignments.find((one) => one.id === first.assignment)?.tellWhere).toBe(true)
  const sent = `SELECT 1 FROM message m JOIN responder r ON r.phone = m.phone JOIN assignment s ON s.responder_id = r.id WHERE s.id = $1`
  expect(await centre.db.query(sent, [first.assignment])).toHaveLength(1)
})

test('2 declines', async () => {
  const [first] = (await send()) as [Asked]
  await pickUp(first)
  await press(first, '2')
  expect([await statusOf(first), heard(first)]).toEqual(['declined', ['thanks']])
})

test('who does not come to the telephone is rung once more within the minute, and no more', async () => {
  const [first] = (await send()) as [Asked]
  const rung = () => centre.db.query(`SELECT 1 FROM call WHERE asks_id = $1`, [first.assignment])
  await centre.pass(29, 2)
  expect(await rung()).toHaveLength(1)
  await centre.pass(3, 2)
  expect(await rung()).toHaveLength(2)
  await ana.beat()
  await centre.pass(40, 2)
  expect(await rung()).toHaveLength(2)
  expect(await statusOf(first)).toBe('expired')
  expect((await calls()).filter((one) => one.assignment === first.assignment && one.status !== 'ended')).toEqual([])
})

test('whose telephone cannot be rung gets the message', async () => {
  centre.phone.reachable(false)
  await send()
  expect(await calls()).toEqual([])
  expect((await centre.db.query(`SELECT 1 FROM message WHERE channel = 'sms'`)).length).toBeGreaterThan(0)
})

test('without a gateway who has no page open is rung, whatever they want; who has it open is not', async () => {
  await centre.db.query(`UPDATE responder SET told_by = 'sms'`)
  Object.assign(centre.parts, { env: { ...centre.parts.env, demo: false }, sms: undefined })
  const ids = await centre.db.query<{ id: string }>('SELECT id FROM responder')
  for (const one of ids) centre.pagesOpen.add(one.id)
  expect(await send()).toEqual([])
  for (const { id: one } of await centre.db.query<{ id: string }>(`SELECT id FROM assignment`))
    await centre.ask('POST', `/r/${linkToken(centre.parts.seal, one)}/decline`, { reason: 'busy' }, {})
  centre.pagesOpen.clear()
  await centre.settled()
  expect((await calls()).length).toBeGreaterThan(0)
})
