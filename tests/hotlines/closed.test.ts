import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { HotlineView } from '../../server/contracts/hotlines.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'
import { closed, type Line, listed, number } from './given.ts'

let centre: Centre
let line: Line
beforeEach(async () => {
  centre = await startCentre()
  line = await listed(centre, { hours: closed })
})
afterEach(() => centre.close())

const offers = async (incident: string) =>
  (await centre.db.query(`SELECT 1 FROM offer WHERE incident_id = $1`, [incident])).length

describe('a number that is closed', () => {
  test('says so and until when, to everybody who looks at the list', async () => {
    const { items } = (await (await centre.as('op01')).get<{ items: HotlineView[] }>('/hotlines')).body
    // The centre's tests begin on 2026-11-24 in daylight; at three in the morning of Shanghai it opens.
    expect(items.find((one) => one.number === '80001234')?.state).toEqual({
      open: false,
      until: '2026-11-24T19:00:00.000Z',
    })
    expect(items.find((one) => one.number === '12349')?.state).toEqual({ open: true, until: null })
  })
  test('takes the call, and tells what the keys do; nobody is rung, and nothing escalates until it opens', async () => {
    await (await centre.as('op01')).available()
    const { callId, legId, incident } = await line.dial()
    await centre.mediaDone()
    expect(line.heard(legId)).toEqual(['closed@80001234', 'closed-keys', 'tone'])
    expect(await line.call(callId)).toMatchObject({ status: 'queued', aside: 'closed' })
    await centre.phone.goes(legId)
    await centre.pass(600)
    const { callBack, escalation, quietUntil } = await line.incident(incident)
    expect([callBack, escalation, await offers(incident)]).toEqual(['abandoned', 0, 0])
    expect(quietUntil?.toISOString()).toBe('2026-11-24T19:00:00.000Z')
    expect((await line.facts(incident)).slice(0, 2)).toEqual(['opened', 'out-of-hours'])
  })
  test('rings its callers of the night at operators when it opens', async () => {
    const { legId, incident } = await line.dial()
    await centre.phone.goes(legId)
    centre.clock.set(new Date('2026-11-24T19:00:00Z'))
    await (await centre.as('op01')).available()
    await centre.work()
    expect(await offers(incident)).toBe(1)
    await centre.pass(61)
    expect((await line.incident(incident)).escalation).toBe(4)
  })
  test.each([['1'], ['5']])('%s says that it cannot wait: it is urgent and rings like any other', async (key) => {
    const ana = await centre.as('op01')
    await ana.available()
    await centre.phone.headset(ana.id)
    const { callId, legId, incident } = await line.dial()
    await line.key(legId, key)
    expect(await line.call(callId)).toMatchObject({ status: 'ringing', aside: null })
    expect(await line.incident(incident)).toMatchObject({ class: 2, quietUntil: null })
    expect([await offers(incident), line.heard(legId)]).toEqual([1, ['noted', 'position-1']])
  })
  test('2 asks to be called back, and 9 has it said again in English', async () => {
    const first = await line.dial()
    await line.key(first.legId, '9')
    const [call] = await centre.db.query<{ locale: string }>('SELECT locale FROM call WHERE id = $1', [first.callId])
    expect([call?.locale, line.heard(first.legId)?.[1]]).toEqual(['en', 'closed-keys'])
    await line.key(first.legId, '2')
    expect((await line.incident(first.incident)).callBack).toBe('asked')
  })
  test('is open to a life line, to whoever is urgent already, and to a matter that is in hand', async () => {
    await (await centre.as('op01')).available()
    const [life] = await centre.db.query<{ phone: string }>(
      'UPDATE resident SET line_class = 1 WHERE id = (SELECT id FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1) RETURNING phone',
    )
    expect((await line.call((await line.dial(life?.phone)).callId))?.aside).toBeNull()
    const urgent = await line.dial()
    await line.key(urgent.legId, '1')
    await centre.phone.goes(urgent.legId)
    expect((await line.call((await line.dial()).callId))?.aside).toBeNull()
    const other = await line.dial('+8613812345679')
    await centre.phone.goes(other.legId)
    await (await centre.as('op01')).post(`/incidents/${other.incident}/answer`)
    expect((await line.call((await line.dial('+8613812345679')).callId))?.aside).toBeNull()
  })
  test('who calls at night and then presses their button is rung for at once', async () => {
    const [device] = await devicesIn(centre)
    const [resident] = await centre.db.query<{ phone: string }>(
      `UPDATE resident SET line_class = 3, phone = $2 WHERE id = $1 RETURNING phone`,
      [device?.residentId, number],
    )
    const { legId, incident } = await line.dial(resident?.phone)
    await centre.phone.goes(legId)
    expect((await line.incident(incident)).quietUntil).not.toBeNull()
    await (await centre.as('op01')).available()
    const pressed = await centre.press(device as { key: string })
    await centre.pass(11)
    expect([pressed.body.incidentId, (await line.incident(incident)).quietUntil]).toEqual([incident, null])
    expect(await offers(incident)).toBeGreaterThan(0)
  })
})

describe('a message', () => {
  const leaves = async (ms: number) => {
    const call = await line.dial()
    await centre.mediaDone()
    await line.heardOut(call.legId)
    const recordingId = centre.phone.recording.get(call.callId) as string
    centre.clock.forward(ms)
    return { ...call, recordingId }
  }
  test('is recorded from the tone on, with nobody but its caller, and stays in the queue to be called back', async () => {
    const { callId, legId, incident, recordingId } = await leaves(9_000)
    expect(centre.phone.rooms.get(callId)).toEqual([legId])
    expect(recordingId).toBeDefined()
    await centre.phone.goes(legId)
    await line.recorded(recordingId, 9_000)
    await centre.work()
    expect(await line.call(callId)).toEqual({ status: 'ended', aside: null, endedBecause: 'voicemail' })
    expect(await line.incident(incident)).toMatchObject({ status: 'waiting', class: 3, callBack: 'voicemail' })
    expect((await line.facts(incident)).at(-1)).toBe('call-ended')
    const backs = await (await centre.as('op01')).get<{ items: { id: string }[] }>('/call-backs')
    expect(backs.body.items.map(({ id }) => id)).toContain(incident)
  })
  test('ends with #, and its caller hears that we have it', async () => {
    const { callId, legId } = await leaves(9_000)
    await line.key(legId, '#')
    expect([(await line.call(callId))?.endedBecause, line.heard(legId), centre.phone.hungUp]).toEqual([
      'voicemail',
      ['message-taken'],
      [],
    ])
  })
  test('ends after three minutes, and when its recording has ended by silence', async () => {
    const long = await leaves(0)
    await centre.pass(179)
    expect((await line.call(long.callId))?.status).not.toBe('ended')
    await centre.pass(2)
    expect((await line.call(long.callId))?.endedBecause).toBe('voicemail')
    const silent = await leaves(14_000)
    await line.recorded(silent.recordingId, 14_000)
    expect((await line.call(silent.callId))?.endedBecause).toBe('voicemail')
  })
  test('that is shorter than two seconds is somebody who hung up', async () => {
    const { callId, legId, incident } = await leaves(1_900)
    await centre.phone.goes(legId)
    expect([(await line.call(callId))?.endedBecause, (await line.incident(incident)).callBack]).toEqual([
      'abandoned',
      'abandoned',
    ])
  })
  test('of which nothing was written is an ordinary call-back, told once', async () => {
    const { callId, legId, incident, recordingId } = await leaves(9_000)
    await centre.phone.goes(legId)
    for (let i = 0; i < 2; i++) await line.recorded(recordingId, 200)
    expect([(await line.call(callId))?.endedBecause, (await line.incident(incident)).callBack]).toEqual([
      'abandoned',
      'abandoned',
    ])
    expect((await line.facts(incident)).filter((type) => type === 'message-failed')).toHaveLength(1)
  })
  test('begins all the same when it was lost that the tone is over', async () => {
    const { callId } = await line.dial()
    await centre.pass(44)
    expect((await line.call(callId))?.aside).toBe('closed')
    await centre.pass(2)
    expect((await line.call(callId))?.aside).toBe('message')
  })
  test('is heard by whoever has the incident in hand and by a supervisor, and each hearing is in the audit', async () => {
    const { legId, incident, recordingId } = await leaves(9_000)
    await centre.phone.goes(legId)
    await line.recorded(recordingId, 9_000)
    const hears = async (username: string) => {
      const { cookie } = await centre.as(username)
      return (await centre.app.inject({ url: `/api/v1/recordings/${recordingId}/audio`, headers: { cookie } }))
        .statusCode
    }
    expect(await hears('op01')).toBe(403)
    await (await centre.as('op01')).post(`/incidents/${incident}/answer`)
    expect([await hears('op01'), await hears('op02'), await hears('sup01')]).toEqual([200, 403, 200])
    const audited = await centre.db.query(`SELECT 1 FROM audit WHERE action = 'play-recording' AND subject_id = $1`, [
      recordingId,
    ])
    expect(audited).toHaveLength(2)
  })
  test('may be cut short by an operator who answers', async () => {
    const ana = await centre.as('op01')
    await ana.available()
    await centre.phone.headset(ana.id)
    const { callId, legId, incident } = await leaves(3_000)
    await ana.post(`/incidents/${incident}/answer`)
    await centre.mediaDone()
    expect(await line.call(callId)).toMatchObject({ status: 'answered', aside: null })
    expect(centre.phone.rooms.get(callId)).toContain(legId)
  })
})
