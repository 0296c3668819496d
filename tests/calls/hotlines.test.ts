import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { load } from '../../server/incidents/store.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
beforeEach(async () => {
  centre = await startCentre()
})
afterEach(() => centre.close())

const unknown = '+8613812345678'
let n = 0
const id = () => `01a20000-0000-7000-8000-${String(++n).padStart(12, '0')}`
/** Somebody dials this number of ours. */
const arrives = async (line: string, number: string | null) => {
  const callId = id()
  const party = { kind: 'phone' as const, number }
  await takeVoiceEvent(centre.parts, {
    type: 'arrived',
    callId,
    legId: id(),
    party,
    line,
    locale: 'zh-CN',
    at: centre.clock.now(),
  })
  const [call] = await centre.db.query<{ incident: string; locale: string }>(
    'SELECT incident_id AS incident, locale FROM call WHERE id = $1',
    [callId],
  )
  const incident = await load(centre.db, call?.incident as string)
  return { callId, locale: call?.locale, incident }
}
const areaNamed = async (level: string) => {
  const [area] = await centre.db.query<{ id: string }>('SELECT id FROM area WHERE level = $1 ORDER BY path LIMIT 1', [
    level,
  ])
  return area?.id as string
}

test('each number has its area and its language; one that stands in no list is answered for the district', async () => {
  const admin = await centre.as('admin')
  const areaId = await areaNamed('street')
  const form = { number: '80001234', name: '北街热线', nameEn: 'North street', areaId, locale: 'en', active: true }
  expect((await admin.post('/hotlines', form)).status).toBe(200)
  expect((await admin.post<{ code: string }>('/hotlines', form)).body.code).toBe('number-taken')
  const known = await arrives('80001234', unknown)
  expect([known.incident?.areaId, known.locale, known.incident?.language]).toEqual([areaId, 'en', 'en'])
  const other = await arrives('99999', '+8613812345679')
  expect([other.incident?.areaId, other.locale]).toEqual([await areaNamed('district'), 'zh-CN'])
})

test('the calls of a marked number come last, for as long as it is marked; a key still makes them urgent', async () => {
  const leader = await centre.as('sup01')
  const first = await arrives('12349', unknown)
  expect(first.incident?.class).toBe(3)
  await centre.db.query(`UPDATE incident SET status = 'closed' WHERE id = $1`, [first.incident?.id])
  const marked = await leader.post<{ id: string }>(`/calls/${first.callId}/nuisance`, { reason: '反复骚扰', hours: 2 })
  expect(marked.status).toBe(200)
  const again = await arrives('12349', unknown)
  expect(again.incident?.class).toBe(5)
  await takeVoiceEvent(centre.parts, {
    type: 'dtmf',
    legId: (
      await centre.db.query<{ id: string }>('SELECT leg_id AS id FROM call_leg WHERE call_id = $1', [again.callId])
    )[0]?.id as string,
    key: '1',
    at: centre.clock.now(),
  })
  expect((await load(centre.db, again.incident?.id as string))?.class).toBe(2)
  await centre.db.query(`UPDATE incident SET status = 'closed' WHERE id = $1`, [again.incident?.id])
  centre.clock.forward(2 * 3_600_000 + 1)
  expect((await arrives('12349', unknown)).incident?.class).toBe(3)
})

test('the number of a life line is never marked, and a withheld one cannot be', async () => {
  const leader = await centre.as('sup01')
  const [life] = await centre.db.query<{ phone: string }>(
    'UPDATE resident SET line_class = 1 WHERE id = (SELECT id FROM resident WHERE phone IS NOT NULL ORDER BY id LIMIT 1) RETURNING phone',
  )
  const call = await arrives('12349', life?.phone as string)
  const form = { reason: '反复骚扰', hours: 2 }
  expect((await leader.post<{ code: string }>(`/calls/${call.callId}/nuisance`, form)).body.code).toBe('life-line')
  const withheld = await arrives('12349', null)
  expect((await leader.post<{ code: string }>(`/calls/${withheld.callId}/nuisance`, form)).body.code).toBe('no-number')
})
