import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AlertView } from '../../server/contracts/queue.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { type Line, listed, outside } from './given.ts'

let centre: Centre
let line: Line
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

const alerted = () =>
  centre.pushed.filter(({ name }) => name === 'alert.raised').map(({ payload }) => (payload as { kind: string }).kind)
/** Calls to the number outside; the on-call telephone is rung as well, and is another matter. */
const rungOutside = () => centre.phone.placed.filter(({ to }) => 'phone' in to && to.phone === outside)
const third = () => rungOutside().at(-1) as { legId: string; to: object }
const onDuty = async () => {
  const ana = await centre.as('op01')
  await ana.available()
  await centre.phone.headset(ana.id)
  return ana
}
/** Time passes while the console of this operator is alive. */
const passWith = async (ana: { beat: () => Promise<void> }, seconds: number) => {
  for (let second = 0; second < seconds; second += 15) {
    await ana.beat()
    await centre.pass(Math.min(15, seconds - second))
  }
  await centre.mediaDone()
}

describe('with a number outside', () => {
  beforeEach(async () => {
    line = await listed(centre, { overflowNumber: outside })
  })
  test('nobody on duty: it is rung at once, its caller is told, and the leaders hear of it', async () => {
    const { callId, legId, incident } = await line.dial()
    await centre.mediaDone()
    expect(third().to).toEqual({ phone: outside })
    expect([line.heard(legId), (await line.call(callId))?.aside]).toEqual([['overflow'], 'overflow'])
    expect(await line.facts(incident)).toEqual(['opened', 'overflowed'])
    expect(alerted()).toContain('nobody-live')
    const list = await (await centre.as('sup01')).get<{ items: AlertView[] }>('/alerts')
    expect(list.body.items.map(({ kind }) => kind)).toContain('nobody-live')
    await (await centre.as('op01')).post(`/incidents/${incident}/answer`)
    const after = await (await centre.as('sup01')).get<{ items: AlertView[] }>('/alerts')
    expect(after.body.items.map(({ kind }) => kind)).not.toContain('nobody-live')
  })
  test('it answers: the two talk and are not recorded; the incident waits on, and an operator may come into the call', async () => {
    const { callId, legId, incident } = await line.dial()
    await centre.phone.answers(third().legId)
    await centre.mediaDone()
    expect(centre.phone.rooms.get(callId)?.sort()).toEqual([legId, third().legId].sort())
    expect([centre.phone.recording.has(callId), (await line.incident(incident)).status]).toEqual([false, 'waiting'])
    const ana = await onDuty()
    await ana.post(`/incidents/${incident}/answer`)
    await centre.mediaDone()
    expect(centre.phone.rooms.get(callId)).toHaveLength(3)
    expect(await line.facts(incident)).toEqual([
      'opened',
      'overflowed',
      'overflow-answered',
      'answered',
      'call-answered',
    ])
  })
  test('an operator answers while it still rings: it is let be, and does not come into the recorded talk', async () => {
    const { callId, incident } = await line.dial()
    const { legId } = third()
    const ana = await onDuty()
    await ana.post(`/incidents/${incident}/answer`)
    await centre.mediaDone()
    expect(centre.phone.hungUp).toContain(legId)
    await centre.phone.answers(legId)
    await centre.mediaDone()
    expect([centre.phone.rooms.get(callId)?.includes(legId), centre.phone.recording.has(callId)]).toEqual([false, true])
  })
  test('their talk ends with the caller’s hanging up: the number outside is let go, and the incident still waits for us', async () => {
    const { callId, legId, incident } = await line.dial()
    await centre.phone.answers(third().legId)
    await centre.phone.goes(legId)
    await centre.mediaDone()
    expect([(await line.call(callId))?.endedBecause, centre.phone.hungUp.includes(third().legId)]).toEqual([
      'hung-up',
      true,
    ])
    expect(await line.incident(incident)).toMatchObject({ status: 'waiting', callBack: null })
  })
  test.each([
    ['does not answer', () => centre.pass(31)],
    ['declines', () => centre.phone.goes(third().legId, 'declined')],
  ])('it %s: the caller is asked for a message', async (_, happens) => {
    const { callId, legId, incident } = await line.dial()
    await happens()
    await centre.mediaDone()
    expect([(await line.call(callId))?.aside, line.heard(legId)]).toEqual(['offer', ['offer-message', 'tone']])
    expect((await line.facts(incident)).filter((type) => type === 'message-offered')).toHaveLength(1)
    await line.heardOut(legId)
    centre.clock.forward(5_000)
    await centre.phone.goes(legId)
    expect((await line.incident(incident)).callBack).toBe('voicemail')
  })
  test('it has many lines: a second caller is rung through while the first talks there', async () => {
    await line.dial()
    await centre.phone.answers(third().legId)
    const second = await line.dial('+8613812345679')
    expect([(await line.call(second.callId))?.aside, rungOutside()]).toMatchObject(['overflow', { length: 2 }])
  })
  test('it cannot be rung: the caller is asked for a message at once', async () => {
    centre.phone.reachable(false)
    const { callId } = await line.dial()
    expect([(await line.call(callId))?.aside, rungOutside()]).toEqual(['offer', []])
  })
  test('somebody on duty: it is rung only after five minutes, or when they have gone', async () => {
    const ana = await onDuty()
    const first = await line.dial()
    await passWith(ana, 299)
    expect([(await line.call(first.callId))?.aside, rungOutside()]).toEqual([null, []])
    await passWith(ana, 2)
    expect([(await line.call(first.callId))?.aside, third().to]).toEqual(['overflow', { phone: outside }])
    expect(alerted().filter((kind) => kind === 'caller-waits')).toHaveLength(1)
    await centre.phone.goes(first.legId)
    const second = await line.dial('+8613812345679')
    expect((await line.call(second.callId))?.aside).toBeNull()
    // Her console falls silent; it is seen within the 45 s of every console and the 30 s between two looks.
    await centre.pass(80)
    expect((await line.call(second.callId))?.aside).toBe('overflow')
  })
  test('a life stays with whoever of us is there, however long it waits; with nobody there it is rung, and never asked for a message', async () => {
    const [life] = await centre.db.query<{ phone: string }>(
      'UPDATE resident SET line_class = 1 WHERE id = (SELECT id FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1) RETURNING phone',
    )
    const ana = await onDuty()
    const { callId, legId } = await line.dial(life?.phone)
    await passWith(ana, 400)
    expect([(await line.call(callId))?.aside, rungOutside()]).toEqual([null, []])
    await centre.pass(80)
    expect(third().to).toEqual({ phone: outside })
    await centre.pass(31)
    await centre.mediaDone()
    // It did not come: tried again with each look, and no message asked for.
    expect(rungOutside().length).toBeGreaterThan(1)
    expect(['overflow', null]).toContain((await line.call(callId))?.aside)
    expect(line.heard(legId)).not.toContain('offer-message')
  })
})

describe('without a number outside', () => {
  beforeEach(async () => {
    line = await listed(centre)
  })
  test('nobody on duty: they are asked for a message; 1 waits on and is no emergency, and it is asked again after five minutes', async () => {
    const { callId, legId, incident } = await line.dial()
    await centre.mediaDone()
    expect(line.heard(legId)).toEqual(['offer-message', 'tone'])
    await line.key(legId, '1')
    expect([(await line.call(callId))?.aside, line.heard(legId), (await line.incident(incident)).class]).toEqual([
      null,
      ['noted', 'position-1'],
      3,
    ])
    await centre.pass(299)
    expect((await line.call(callId))?.aside).toBeNull()
    await centre.pass(2)
    expect((await line.call(callId))?.aside).toBe('offer')
  })
  test('2 asks to be called back; 5 says that they cannot speak, which is urgent', async () => {
    const first = await line.dial()
    await line.key(first.legId, '2')
    expect((await line.incident(first.incident)).callBack).toBe('asked')
    const second = await line.dial('+8613812345679')
    await line.key(second.legId, '5')
    expect(await line.incident(second.incident)).toMatchObject({ class: 2 })
    expect((await line.call(second.callId))?.aside).toBeNull()
  })
  test('a number that stands in no list has no such rule: its callers wait', async () => {
    const { callId, legId } = await centre.phone.dial('+8613812345679')
    await centre.phone.heardGreeting(callId, legId)
    await centre.pass(400)
    expect((await line.call(callId))?.aside).toBeNull()
  })
})
