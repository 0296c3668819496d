import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { CallView } from '../../server/contracts/calls.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, startCentre } from '../support/centre.ts'

type Operator = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Operator
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
})
afterEach(() => centre.close())

const number = '+8613812345678'
const dialled = async (from: string | null) => {
  const { callId, legId } = await centre.phone.dial(from)
  await centre.phone.heardGreeting(callId, legId)
  await centre.work()
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
  return { callId, legId, incident: row?.id as string }
}
const key = async (legId: string, pressed: string) => {
  centre.clock.forward(1_000)
  await centre.phone.say({ type: 'dtmf', legId, key: pressed })
  await centre.mediaDone()
}
const talking = async () => {
  await ana.available()
  await centre.phone.headset(ana.id)
  const call = await dialled(number)
  await ana.post(`/incidents/${call.incident}/answer`)
  await centre.mediaDone()
  return call
}
const shown = async (incident: string) =>
  (await ana.get<{ items: CallView[] }>(`/incidents/${incident}/calls`)).body.items[0] as CallView
const heard = (legId: string) => centre.phone.playing.get(legId)?.prompts

describe('while they wait', () => {
  test('1 makes it urgent: it moves up, it is said, and they hear that it was noted', async () => {
    const { legId, incident } = await dialled(number)
    const before = await load(centre.db, incident)
    await key(legId, '1')
    const after = await load(centre.db, incident)
    expect([before?.class, after?.class]).toEqual([3, 2])
    expect(after?.rankAt.getTime()).toBeLessThan(before?.rankAt.getTime() as number)
    expect(heard(legId)).toEqual(['noted', 'position-1'])
  })
  test('5 says that they cannot speak: it is urgent, and stands in the timeline', async () => {
    const { legId, incident } = await dialled(number)
    await key(legId, '5')
    expect((await load(centre.db, incident))?.class).toBe(2)
    const facts = await centre.db.query(
      `SELECT data->>'wish' AS wish FROM fact WHERE incident_id = $1 AND type = 'keyed'`,
      [incident],
    )
    expect(facts).toEqual([{ wish: 'cannot-speak' }])
  })
  test('9 goes on in English, for the prompts and for who is rung', async () => {
    const { callId, legId, incident } = await dialled(number)
    await key(legId, '9')
    const [call] = await centre.db.query<{ locale: string }>('SELECT locale FROM call WHERE id = $1', [callId])
    expect([call?.locale, (await load(centre.db, incident))?.language]).toEqual(['en', 'en'])
  })
  test('2 ends the call with a promise; the incident keeps its place and says that they asked', async () => {
    const { callId, legId, incident } = await dialled(number)
    const before = await load(centre.db, incident)
    await key(legId, '2')
    const after = await load(centre.db, incident)
    expect(after?.rankAt).toEqual(before?.rankAt)
    const [call] = await centre.db.query<{ because: string }>(
      'SELECT ended_because AS because FROM call WHERE id = $1',
      [callId],
    )
    expect(call?.because).toBe('asked-call-back')
    // They hear it out; nobody cuts them off.
    expect([heard(legId), centre.phone.hungUp]).toEqual([['will-call-back', 'goodbye'], []])
  })
  test('2 on a line that is urgent lets nobody go: a finger slips, so it is noted and they wait on', async () => {
    const { callId, legId, incident } = await dialled(number)
    for (const one of ['1', '2']) await key(legId, one)
    const [call] = await centre.db.query<{ status: string }>('SELECT status FROM call WHERE id = $1', [callId])
    expect([call?.status, heard(legId)?.[0]]).toEqual(['queued', 'noted'])
    const facts = await centre.db.query(
      `SELECT data->>'wish' AS wish FROM fact WHERE incident_id = $1 AND type = 'keyed' ORDER BY seq`,
      [incident],
    )
    expect(facts).toEqual([{ wish: 'urgent' }, { wish: 'call-back' }])
  })
  test('a cat on the telephone fills no timeline', async () => {
    const { legId, incident } = await dialled(number)
    for (let i = 0; i < 30; i++) await key(legId, i % 2 === 0 ? '1' : '5')
    const facts = await centre.db.query(`SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'keyed'`, [incident])
    expect(facts).toHaveLength(20)
  })
  test('2 means nothing when their number is withheld, and another key nothing to anybody', async () => {
    const { callId, legId, incident } = await dialled(null)
    for (const one of ['2', '7', '#']) await key(legId, one)
    const [call] = await centre.db.query<{ status: string }>('SELECT status FROM call WHERE id = $1', [callId])
    expect([call?.status, (await load(centre.db, incident))?.callBack]).toEqual(['queued', null])
  })
  test('an event that is told twice is one key', async () => {
    const { legId, incident } = await dialled(number)
    const at = centre.clock.now()
    for (let i = 0; i < 2; i++) await centre.phone.say({ type: 'dtmf', legId, key: '1', at })
    const [call] = await centre.db.query('SELECT keyed FROM call WHERE incident_id = $1', [incident])
    expect(call).toEqual({ keyed: '1' })
  })
})

describe('in place of speech', () => {
  test('the operator asks by keys: they hear the question alone, then the operator again, and the key is seen', async () => {
    const { callId, legId, incident } = await talking()
    await ana.post(`/calls/${callId}/ask-by-keys`)
    await centre.mediaDone()
    expect([heard(legId), centre.phone.rooms.get(callId)?.includes(legId)]).toEqual([['ask-help'], false])
    const token = centre.phone.playing.get(legId)?.token as string
    await centre.phone.say({ type: 'played', legId, token })
    await centre.mediaDone()
    expect(centre.phone.rooms.get(callId)).toContain(legId)
    await key(legId, '5')
    expect((await shown(incident)).keyed).toBe('5')
  })
  test('the media never says that the question is over: after 15 s the two hear each other again', async () => {
    const { callId, legId } = await talking()
    await ana.post(`/calls/${callId}/ask-by-keys`)
    await centre.mediaDone()
    await centre.pass(16)
    await centre.mediaDone()
    expect(centre.phone.rooms.get(callId)).toContain(legId)
  })
  test('a key ends the question at once', async () => {
    const { callId, legId } = await talking()
    await ana.post(`/calls/${callId}/ask-by-keys`)
    await centre.mediaDone()
    await key(legId, '6')
    expect(centre.phone.rooms.get(callId)).toContain(legId)
  })
})

describe('after an everyday call', () => {
  test('they are asked how it was; the key is kept, and they are thanked', async () => {
    const { callId, legId, incident } = await talking()
    await ana.post(`/calls/${callId}/hang-up`)
    await centre.mediaDone()
    expect([heard(legId), centre.phone.hungUp]).toEqual([['survey'], []])
    await key(legId, '3')
    expect(heard(legId)).toEqual(['thanks'])
    expect((await shown(incident)).rating).toBe(3)
  })
  test('a key that means nothing, and one that comes late, change nothing', async () => {
    const { callId, legId, incident } = await talking()
    await ana.post(`/calls/${callId}/hang-up`)
    await centre.mediaDone()
    await key(legId, '8')
    await centre.pass(31)
    await key(legId, '1')
    expect((await shown(incident)).rating).toBeNull()
  })
})
