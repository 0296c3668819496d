import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { type Centre, startCentre } from '../support/centre.ts'

let centre: Centre
let ana: Awaited<ReturnType<Centre['as']>>
let recordingId: string
let incidentId: string
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  await ana.available()
  await centre.phone.headset(ana.id)
  const { callId, legId } = await centre.phone.dial(null)
  await centre.phone.heardGreeting(callId, legId)
  const [row] = await centre.db.query<{ id: string }>('SELECT incident_id AS id FROM call WHERE id = $1', [callId])
  incidentId = row?.id as string
  await ana.post(`/incidents/${incidentId}/answer`)
  await centre.work()
  recordingId = centre.phone.recording.get(callId) as string
  await ana.post(`/calls/${callId}/hang-up`)
  await centre.work()
})
afterEach(() => centre.close())

const recorded = () =>
  takeVoiceEvent(centre.parts, {
    type: 'recorded',
    recordingId,
    durationMs: 4_200,
    bytes: 67_200,
    at: centre.clock.now(),
  })
const audited = async (action: string) =>
  (await centre.db.query('SELECT 1 FROM audit WHERE action = $1 AND subject_id = $2', [action, recordingId])).length

test('is kept as long as the class of its incident asks, then its sound goes and the row stays; told twice is once', async () => {
  await recorded()
  await recorded()
  const [row] = await centre.db.query<{ days: number; ms: number }>(
    `SELECT round(extract(epoch FROM expires_at - ended_at) / 86400)::int AS days, duration_ms AS ms FROM recording WHERE id = $1`,
    [recordingId],
  )
  expect(row).toEqual({ days: 180, ms: 4_200 })
  expect(await centre.db.query(`SELECT 1 FROM outbox WHERE kind = 'expire-recording'`)).toHaveLength(1)
  centre.clock.forward(181 * 86_400_000)
  await centre.work(2)
  expect(new Set(centre.removed)).toEqual(new Set([recordingId]))
  const [gone] = await centre.db.query<{ reason: string }>(
    'SELECT delete_reason AS reason FROM recording WHERE id = $1',
    [recordingId],
  )
  expect(gone?.reason).toBe('expired')
  const later = await centre.as('op01') // her session of half a year ago is over
  expect((await later.get(`/recordings/${recordingId}/audio`)).status).toBe(404)
})

test('is played by who talked and by a supervisor, by nobody else, and each hearing is in the audit', async () => {
  await recorded()
  const hear = async (username: string) => {
    const who = await centre.as(username)
    const reply = await centre.app.inject({
      url: `/api/v1/recordings/${recordingId}/audio`,
      headers: { cookie: who.cookie },
    })
    return reply.statusCode
  }
  expect([await hear('op01'), await hear('sup01'), await hear('op02'), await hear('auditor')]).toEqual([
    200, 200, 403, 403,
  ])
  expect(await audited('play-recording')).toBe(2)
})

test('is deleted on request by a supervisor who says why, and not by the operator', async () => {
  await recorded()
  const lead = await centre.as('sup01')
  const remove = (cookie: string, body: object) =>
    centre.ask<{ code?: string }>('DELETE', `/recordings/${recordingId}`, body, { cookie })
  expect((await remove(ana.cookie, { reason: '本人要求' })).status).toBe(403)
  expect((await remove(lead.cookie, { reason: '' })).status).toBe(422)
  expect((await remove(lead.cookie, { reason: '本人要求' })).status).toBe(200)
  expect([centre.removed, await audited('delete-recording')]).toEqual([[recordingId], 1])
  expect((await remove(lead.cookie, { reason: '本人要求' })).status).toBe(404)
})

test('a recording whose file is gone says so, and is not asked for again and again', async () => {
  await recorded()
  centre.lostFiles.add(recordingId)
  for (const path of ['audio', 'waveform'])
    expect(await ana.get(`/recordings/${recordingId}/${path}`)).toMatchObject({
      status: 404,
      body: { code: 'not-found', detail: expect.stringContaining('no longer there') },
    })
})
