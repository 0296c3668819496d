import { afterEach, beforeEach, expect, test } from 'vitest'
import { canRing } from '../../server/calls/outbound.ts'
import { compareCalls, sweepCalls } from '../../server/calls/sweep.ts'
import { operatorLegId } from '../../server/contracts/voice.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Operator = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Operator
let ben: Operator
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  ben = await centre.as('op02')
  for (const operator of [ana, ben]) {
    await operator.available()
    await centre.phone.headset(operator.id)
  }
})
afterEach(() => centre.close())

const call = async (id: string) => {
  const [row] = await centre.db.query<{ status: string; because: string | null; incident: string; operator: string }>(
    'SELECT status, ended_because AS because, incident_id AS incident, operator_id AS operator FROM call WHERE id = $1',
    [id],
  )
  if (!row) throw new Error('no such call')
  return row
}
const settled = () => centre.mediaDone()
const code = async (answer: Promise<{ body: unknown }>) => ((await answer).body as { code?: string }).code
const talking = async (operator = ana) => {
  const dialled = await centre.phone.dial(null)
  await centre.phone.heardGreeting(dialled.callId, dialled.legId)
  const { incident } = await call(dialled.callId)
  await operator.post(`/incidents/${incident}/answer`)
  return { ...dialled, incident }
}
/** An incident in Ana's hands whose resident was called and picked up. */
const calledOut = async () => {
  const device = (await devicesIn(centre)).find((one) => one.lineClass >= 2 && one.language === 'zh')
  const incident = (await centre.press(device as { key: string })).body.incidentId
  await ana.post(`/incidents/${incident}/answer`)
  const { id } = (await ana.post<{ id: string }>(`/incidents/${incident}/call`, { to: { resident: true } })).body
  await centre.work()
  const legId = centre.phone.placed[0]?.legId as string
  return { id, incident, legId }
}

test('a resident who was called back and is handed on is not hung up: they talk on until the colleague takes it, and wait at one without a telephone', async () => {
  const { id, incident, legId } = await calledOut()
  await centre.phone.answers(legId)
  await centre.pass(40)
  await ana.beat()
  await ben.beat()
  await ana.post(`/incidents/${incident}/transfer`, { operatorId: ben.id })
  await centre.pass(5, 2)
  expect(await call(id)).toMatchObject({ status: 'answered', operator: ana.id })
  await centre.phone.headset(ben.id, false)
  await centre.pass(8)
  await ben.post(`/incidents/${incident}/answer`)
  await centre.pass(5, 2)
  await settled()
  await centre.phone.headset(ben.id)
  expect([(await call(id)).status, centre.phone.hungUp]).toEqual(['queued', []])
  expect(centre.phone.playing.get(legId)?.prompts.length).toBeGreaterThan(0)
  await ben.post(`/calls/${id}/answer`)
  await settled()
  expect(centre.phone.rooms.get(id)).toEqual([legId, operatorLegId(ben.id)])
})

test('nobody answers a call that still rings at the other side', async () => {
  const { id, legId } = await calledOut()
  expect(await code(ana.post(`/calls/${id}/answer`))).toBe('not-picked-up')
  await centre.phone.answers(legId)
  expect((await call(id)).status).toBe('answered')
})

test('after a long talk a broken line brings one apology, then the place every half minute, and one alert a round', async () => {
  const { callId, legId } = await talking()
  for (let i = 0; i < 40; i++) {
    await centre.pass(15)
    await ana.beat()
    await ben.beat()
  }
  await centre.phone.headset(ana.id, false)
  await centre.pass(8)
  await settled()
  expect(centre.phone.playing.get(legId)?.prompts[0]).toBe('apology')
  await centre.pass(20)
  await settled()
  expect(centre.phone.playing.get(legId)?.prompts[0]).toBe('apology')
  await centre.pass(12)
  await settled()
  expect(centre.phone.playing.get(legId)?.prompts).toEqual(['position-1'])
  expect((await call(callId)).status).not.toBe('ended')
})

test('the owner has their twenty seconds also after a transfer', async () => {
  const { callId, incident } = await talking()
  await centre.pass(40)
  await ana.beat()
  await ben.beat()
  const third = await centre.as('op03')
  await third.available()
  await centre.phone.headset(third.id)
  await ana.post(`/incidents/${incident}/transfer`, { operatorId: ben.id })
  await centre.phone.headset(ben.id, false)
  await centre.pass(8)
  await ben.post(`/incidents/${incident}/answer`)
  expect(await code(third.post(`/calls/${callId}/answer`))).toBe('not-owner')
})

test('one operator has one conversation: who has joined a colleague’s answers nothing else, and the other way round', async () => {
  const first = await talking()
  await ana.post(`/calls/${first.callId}/join`, { to: { operatorId: ben.id } })
  const second = await talking(ben)
  expect((await call(second.callId)).operator).toBe(ben.id)
  expect(await code(ben.post(`/calls/${first.callId}/accept-join`))).toBe('on-a-call')
  expect(await code(ana.post(`/calls/${first.callId}/hand-over`, { operatorId: ben.id }))).toBe('colleague-not-there')
})

test('an invited colleague who does not come keeps nobody on hold', async () => {
  const { callId } = await talking()
  await ana.post(`/calls/${callId}/join`, { to: { operatorId: ben.id } })
  expect((await call(callId)).status).toBe('held')
  await centre.pass(31, 2)
  expect((await call(callId)).status).toBe('answered')
  expect(await code(ben.post(`/calls/${callId}/accept-join`))).toBe('invitation-over')
})

test('a minute on hold is heard by the leaders, and each minute again', async () => {
  const { callId } = await talking()
  await ana.post(`/calls/${callId}/hold`)
  const told = () =>
    centre.pushed.filter((push) => (push.payload as { kind?: string } | null)?.kind === 'caller-waits').length
  for (let i = 0; i < 9; i++) {
    await centre.pass(15)
    await ana.beat()
  }
  expect(told()).toBe(2)
})

test('no calls out of an incident that is over', async () => {
  const { callId, incident } = await talking()
  await ana.post(`/calls/${callId}/hang-up`)
  await ana.post(`/incidents/${incident}/resolve`)
  expect(await code(ana.post(`/incidents/${incident}/call`, { to: { resident: true } }))).toBe('not-in-hand')
})

test('what no event told is found: a caller who is gone, a telephone that is up, a timer that was lost', async () => {
  const { callId, incident } = await talking()
  centre.phone.states.set(operatorLegId(ana.id), 'up')
  await centre.pass(20)
  await ana.beat()
  await compareCalls(centre.parts)
  await compareCalls(centre.parts)
  expect(await call(callId)).toMatchObject({ status: 'ended', because: 'lost' })
  expect((await load(centre.db, incident))?.callBack).toBe('lost')
  const waiting = await centre.phone.dial(null)
  centre.phone.states.set(waiting.legId, 'up')
  await centre.db.query('DELETE FROM outbox WHERE subject = $1', [waiting.callId])
  await sweepCalls(centre.parts)
  await centre.pass(13)
  expect((await call(waiting.callId)).status).not.toBe('offered')
})

test('a recording that was cut off with its process is ended, kept and expires like any other', async () => {
  const { callId, legId } = await talking()
  await centre.work()
  await settled()
  await centre.phone.goes(legId, 'media-lost')
  await centre.pass(15)
  await sweepCalls(centre.parts)
  const [row] = await centre.db.query<{ over: boolean }>(
    'SELECT ended_at IS NOT NULL AND expires_at IS NOT NULL AS over FROM recording WHERE call_id = $1',
    [callId],
  )
  expect(row?.over).toBe(true)
})

test('two that wait for each other: one is done again, nobody gets an error', async () => {
  await centre.db.query('CREATE TABLE two (id int PRIMARY KEY, n int)')
  await centre.db.query('INSERT INTO two VALUES (1, 0), (2, 0)')
  const add = (first: number, second: number) =>
    centre.db.transaction(async (tx) => {
      await tx.query('UPDATE two SET n = n + 1 WHERE id = $1', [first])
      await tx.query('SELECT pg_sleep(0.1)')
      await tx.query('UPDATE two SET n = n + 1 WHERE id = $1', [second])
    })
  await Promise.all([add(1, 2), add(2, 1)])
  expect(await centre.db.query('SELECT n FROM two ORDER BY id')).toEqual([{ n: 2 }, { n: 2 }])
})

test('who is in a conversation already is not rung a second time', async () => {
  const { incident, callId } = await talking()
  const [leg] = await centre.db.query<{ address: { phone: string } }>(
    `SELECT address FROM call_leg WHERE call_id = $1 AND side = 'caller'`,
    [callId],
  )
  const to = leg?.address as { phone: string }
  expect(await canRing(centre.parts, centre.db, to)).toBe(false)
  await ana.post(`/calls/${callId}/hang-up`)
  expect(await canRing(centre.parts, centre.db, to)).toBe(true)
  await ana.post(`/incidents/${incident}/resolve`)
})
