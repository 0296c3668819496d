import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import type { CallView } from '../../server/contracts/calls.ts'
import { operatorLegId } from '../../server/contracts/voice.ts'
import { load } from '../../server/incidents/store.ts'
import { passTyping } from '../../server/messages/typing.ts'
import { type Centre, devicesIn, startCentre } from '../support/centre.ts'

type Operator = Awaited<ReturnType<Centre['as']>>
let centre: Centre
let ana: Operator
let ben: Operator
beforeEach(async () => {
  centre = await startCentre()
  ana = await centre.as('op01')
  ben = await centre.as('op02')
})
afterEach(() => centre.close())

const ready = async (...operators: Operator[]) => {
  for (const operator of operators) {
    await operator.available()
    await centre.phone.headset(operator.id)
  }
}
const call = async (id: string) => {
  const [row] = await centre.db.query<{
    status: string
    because: string | null
    incident: string
    operator: string | null
  }>(
    'SELECT status, ended_because AS because, incident_id AS incident, operator_id AS operator FROM call WHERE id = $1',
    [id],
  )
  if (!row) throw new Error('no such call')
  return row
}
const someone = async (n = 0) => {
  const [row] = await centre.db.query<{ id: string; phone: string }>(
    `SELECT r.id, r.phone FROM resident r WHERE r.phone IS NOT NULL AND r.languages[1] = 'zh' AND r.line_class >= 2
       AND (SELECT count(*) FROM resident o WHERE o.phone = r.phone) = 1 ORDER BY r.id OFFSET $1 LIMIT 1`,
    [n],
  )
  return row as { id: string; phone: string }
}
const settled = () => centre.mediaDone()
/** Dials, hears the greeting, waits. */
const queued = async (number: string | null) => {
  const dialled = await centre.phone.dial(number)
  await centre.phone.heardGreeting(dialled.callId, dialled.legId)
  await centre.work()
  return { ...dialled, incident: (await call(dialled.callId)).incident }
}
const talking = async (number: string | null) => {
  await ready(ana)
  const waiting = await queued(number)
  await ana.post(`/incidents/${waiting.incident}/answer`)
  await settled()
  return waiting
}

describe('a call comes in', () => {
  test('from a number that one resident has: their file, their area, the greeting, then the queue', async () => {
    const resident = await someone()
    const { callId, legId } = await centre.phone.dial(resident.phone)
    await settled()
    expect(centre.phone.playing.get(legId)?.prompts).toEqual(['greeting'])
    await centre.phone.heardGreeting(callId, legId)
    await settled()
    expect(centre.phone.playing.get(legId)?.prompts).toEqual(['wait', 'position-1', 'keys', 'other-language'])
    const { incident, status } = await call(callId)
    expect(status).toBe('queued')
    expect(await load(centre.db, incident)).toMatchObject({ kind: 'call', residentId: resident.id, status: 'waiting' })
  })
  test('written without a country, with spaces, it is the same number', async () => {
    const resident = await someone()
    const { callId } = await centre.phone.dial(resident.phone.replace('+86', '0086 '))
    expect((await load(centre.db, (await call(callId)).incident))?.residentId).toBe(resident.id)
  })
  test('from a number that several have, the operator sees who may be calling and says who it is', async () => {
    const first = await someone(0)
    const second = await someone(1)
    await centre.db.query('UPDATE resident SET phone = $1 WHERE id = $2', [first.phone, second.id])
    const { incident } = await talking(first.phone)
    const { items } = (await ana.get<{ items: { id: string }[] }>(`/incidents/${incident}/candidates`)).body
    expect(items.map((item) => item.id).sort()).toEqual([first.id, second.id].sort())
    await ana.post(`/incidents/${incident}/identify`, { residentId: second.id })
    expect(await load(centre.db, incident)).toMatchObject({ residentId: second.id, subject: `resident:${second.id}` })
  })
  test('withheld, it is still an incident, and a new caller is entered in five fields', async () => {
    const { incident } = await talking(null)
    const [area] = await centre.db.query<{ id: string }>(`SELECT id FROM area WHERE level = 'community' LIMIT 1`)
    const form = { name: '周小满', phone: '13900008888', areaId: area?.id, address: '新开路 3 号', language: 'zh' }
    const households = async () => (await centre.db.query('SELECT id FROM household')).length
    const before = await households()
    const wrong = await ana.post<{ code?: string }>(`/incidents/${incident}/new-caller`, {
      ...form,
      phone: '1969-12-31',
    })
    expect([wrong.body.code, await households()]).toEqual(['invalid', before])
    expect((await ana.post<{ code?: string }>(`/incidents/${incident}/new-caller`, form)).body.code).toBeUndefined()
    const saved = await load(centre.db, incident)
    expect([saved?.areaId, saved?.residentId !== null]).toEqual([area?.id, true])
  })
  test('from somebody whose incident is open: it attaches, and rings at who has it', async () => {
    await ready(ana)
    const device = (await devicesIn(centre)).find((one) => one.lineClass >= 2 && one.language === 'zh')
    const opened = (await centre.press(device as { key: string })).body.incidentId
    await ana.post(`/incidents/${opened}/answer`)
    await centre.db.query('UPDATE resident SET phone = $1 WHERE id = $2', ['+8613911112222', device?.residentId])
    const { callId, incident } = await queued('13911112222')
    expect(incident).toBe(opened)
    expect((await ben.post<{ code: string }>(`/calls/${callId}/answer`)).body.code).toBe('not-owner')
    expect((await ana.post<CallView>(`/calls/${callId}/answer`)).body).toMatchObject({ status: 'answered' })
  })
  test('the same arrival told twice is one call and one incident', async () => {
    const event = {
      type: 'arrived' as const,
      callId: crypto.randomUUID(),
      legId: 'x',
      line: 'web',
      locale: 'zh-CN' as const,
    }
    const party = { kind: 'phone' as const, number: null }
    for (let i = 0; i < 2; i++) await takeVoiceEvent(centre.parts, { ...event, party, at: centre.clock.now() })
    expect(await centre.db.query(`SELECT 1 FROM incident WHERE kind = 'call'`)).toHaveLength(1)
  })
})

describe('who hears whom', () => {
  test('the operator who accepts is connected at once, and both are recorded', async () => {
    const { callId, legId } = await talking((await someone()).phone)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ana.id)])
    expect(centre.phone.recording.get(callId)).toBeTruthy()
  })
  test('who answers during the greeting is connected at its end', async () => {
    await ready(ana)
    const { callId, legId } = await centre.phone.dial((await someone()).phone)
    await ana.post(`/incidents/${(await call(callId)).incident}/answer`)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([operatorLegId(ana.id)])
    await centre.phone.heardGreeting(callId, legId)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ana.id)])
  })
  test('a call is offered only to operators whose telephone is connected and free', async () => {
    await ana.available()
    await ready(ben)
    const first = await queued((await someone(0)).phone)
    const ringing = () =>
      centre.db.query<{ operators: string[] }>(
        `SELECT operators FROM offer WHERE status = 'ringing' AND incident_id = $1`,
        [first.incident],
      )
    expect(await ringing()).toEqual([{ operators: [ben.id] }])
  })
  test('hold and resume', async () => {
    const { callId, legId } = await talking((await someone()).phone)
    await ana.post(`/calls/${callId}/hold`)
    await settled()
    expect([centre.phone.rooms.get(callId), centre.phone.playing.get(legId)?.prompts]).toEqual([
      [operatorLegId(ana.id)],
      ['hold'],
    ])
    await ana.post(`/calls/${callId}/resume`)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ana.id)])
  })
  test('warm transfer: the colleague is asked, told, takes both conversation and incident, and the first one leaves', async () => {
    const { callId, legId, incident } = await talking((await someone()).phone)
    await ready(ben)
    await ana.post(`/calls/${callId}/join`, { to: { operatorId: ben.id } })
    await settled()
    expect(centre.phone.playing.get(legId)?.prompts).toEqual(['hold'])
    expect((await ana.post<{ code: string }>(`/calls/${callId}/hand-over`, { operatorId: ben.id })).body.code).toBe(
      'colleague-not-there',
    )
    await ben.post(`/calls/${callId}/accept-join`)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([operatorLegId(ana.id), operatorLegId(ben.id)])
    await ana.post(`/calls/${callId}/hand-over`, { operatorId: ben.id })
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ben.id)])
    expect(await load(centre.db, incident)).toMatchObject({ ownerId: ben.id, claimSeen: true })
  })
  test('an ambulance is rung into the conversation; a number abroad is not', async () => {
    const { callId, incident } = await talking((await someone()).phone)
    for (const number of ['+4930123456', '1234', '999'])
      expect((await ana.post<{ code: string }>(`/calls/${callId}/join`, { to: { number } })).body.code).toBe(
        'no-number',
      )
    const { body } = await ana.post<CallView>(`/calls/${callId}/join`, { to: { number: '120' } })
    await centre.work()
    expect(body.legs.find((leg) => leg.side === 'third')?.label).toBe('120')
    expect(centre.phone.placed.map(({ to }) => to)).toEqual([{ phone: '120' }])
    const said = await centre.db.query<{ number: string }>(
      `SELECT data->>'number' AS number FROM fact WHERE incident_id = $1 AND type = 'third-called'`,
      [incident],
    )
    expect(said).toEqual([{ number: '120' }])
    // An emergency centre may let it ring: they are not let go when somebody at home would be.
    const third = () => centre.db.query(`SELECT status FROM call_leg WHERE call_id = $1 AND side = 'third'`, [callId])
    await centre.pass(60)
    expect(await third()).toEqual([{ status: 'early' }])
    await centre.pass(125)
    expect(await third()).toEqual([{ status: 'down' }])
  })
  test('a contact joins as a third, and leaves', async () => {
    const resident = await someone()
    const { callId, legId } = await talking(resident.phone)
    const [contact] = await centre.db.query<{ id: string }>('SELECT id FROM contact WHERE resident_id = $1', [
      resident.id,
    ])
    await ana.post(`/calls/${callId}/join`, { to: { contactId: contact?.id } })
    await centre.work(2)
    expect(centre.phone.placed).toHaveLength(1)
    const third = centre.phone.placed[0]?.legId as string
    await centre.phone.answers(third)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ana.id), third])
    await ana.post(`/calls/${callId}/drop`, { legId: third })
    await settled()
    expect([centre.phone.rooms.get(callId), centre.phone.hungUp]).toEqual([[legId, operatorLegId(ana.id)], [third]])
  })
  test('blind transfer: it rings at the colleague while the caller talks on, and accepting brings the caller along', async () => {
    const { callId, incident } = await talking((await someone()).phone)
    await ready(ben)
    expect((await ana.post(`/incidents/${incident}/transfer`, { operatorId: ben.id })).status).toBe(200)
    expect(await call(callId)).toMatchObject({ status: 'answered', operator: ana.id })
    expect((await ben.post(`/incidents/${incident}/answer`)).status).toBe(200)
    expect(await call(callId)).toMatchObject({ status: 'answered', operator: ben.id })
  })
})

describe('how it ends', () => {
  test('who gives up waiting leaves an incident to be called back', async () => {
    const { callId, legId, incident } = await queued((await someone()).phone)
    await centre.phone.goes(legId)
    await centre.phone.goes(legId)
    expect(await call(callId)).toMatchObject({ status: 'ended', because: 'abandoned' })
    expect(await load(centre.db, incident)).toMatchObject({ status: 'waiting', callBack: 'abandoned' })
    expect((await ana.get<{ items: { id: string }[] }>('/call-backs')).body.items.map((row) => row.id)).toEqual([
      incident,
    ])
  })
  test('hung up by the operator, everybody but the operator is hung up, and the incident stays in hand', async () => {
    const { callId, legId, incident } = await talking((await someone()).phone)
    // A matter of urgency: nobody asks how it was.
    await centre.db.query('UPDATE incident SET class = 2 WHERE id = $1', [incident])
    expect((await ana.post<{ code: string }>(`/incidents/${incident}/resolve`)).body.code).toBe('call-still-up')
    await ana.post(`/calls/${callId}/hang-up`)
    await settled()
    expect([centre.phone.hungUp, centre.phone.rooms.has(callId)]).toEqual([[legId], false])
    expect((await ana.post(`/incidents/${incident}/resolve`)).status).toBe(200)
  })
  test('the operator’s tab is closed while talking: an apology, the first queue time, and a colleague answers', async () => {
    const { callId, legId, incident } = await talking((await someone()).phone)
    const before = await load(centre.db, incident)
    await ready(ben)
    await centre.phone.headset(ana.id, false)
    await centre.pass(3, 2)
    expect((await call(callId)).status).toBe('answered')
    await centre.pass(4, 2)
    await settled()
    expect(await call(callId)).toMatchObject({ status: 'ringing', operator: null })
    expect(centre.phone.playing.get(legId)?.prompts).toEqual(['apology', 'position-1'])
    expect(await load(centre.db, incident)).toMatchObject({ status: 'waiting', queuedAt: before?.queuedAt })
    await ben.post(`/incidents/${incident}/answer`)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ben.id)])
  })
  test('a page that was only reloaded has its call again', async () => {
    const { callId, legId } = await talking((await someone()).phone)
    await centre.phone.headset(ana.id, false)
    await centre.pass(3)
    await centre.phone.headset(ana.id)
    await centre.pass(10)
    await settled()
    expect(centre.phone.rooms.get(callId)).toEqual([legId, operatorLegId(ana.id)])
  })
  test('the media process dies: the call ends as media-lost, and they are called back before everybody', async () => {
    const { callId, legId, incident } = await queued((await someone()).phone)
    await centre.phone.goes(legId, 'media-lost')
    expect(await call(callId)).toMatchObject({ status: 'ended', because: 'media-lost' })
    expect(await load(centre.db, incident)).toMatchObject({ callBack: 'media-lost', class: 1 })
  })
  test('who could not be taken is called back in the usual order, and is among the missed calls', async () => {
    const number = (await someone()).phone
    const before = (await load(centre.db, (await queued(number)).incident))?.class
    const { callId, legId } = await centre.phone.dial(number)
    await centre.phone.goes(legId, 'not-taken')
    expect(await call(callId)).toMatchObject({ status: 'ended', because: 'not-taken' })
    expect(before).toBeGreaterThan(1)
    const { incident } = await call(callId)
    expect(await load(centre.db, incident)).toMatchObject({ callBack: 'not-taken', class: before })
    const { items } = (await ana.get<{ items: { id: string }[] }>('/calls?missed=true')).body
    expect(items.map((item) => item.id)).toContain(callId)
  })
  test('what comes late or twice after the end changes nothing', async () => {
    const { callId, legId } = await talking((await someone()).phone)
    await centre.phone.goes(legId)
    const version = async () =>
      (await centre.db.query<{ version: number }>('SELECT version FROM call WHERE id = $1', [callId]))[0]?.version
    const before = await version()
    await centre.phone.goes(legId, 'media-lost')
    await centre.phone.heardGreeting(callId, legId)
    await centre.phone.answers(legId)
    expect((await ana.post<{ code: string }>(`/calls/${callId}/hold`)).body.code).toBe('call-over')
    expect(await version()).toBe(before)
  })
  test('a greeting whose end nobody tells is over after its limit, and nothing is recorded without the notice', async () => {
    await ready(ana)
    const { callId } = await centre.phone.dial((await someone()).phone)
    await centre.pass(13, 2)
    expect((await call(callId)).status).toBe('queued')
    await ana.post(`/incidents/${(await call(callId)).incident}/answer`)
    await settled()
    expect(centre.phone.recording.has(callId)).toBe(false)
  })
})

describe('calling out', () => {
  const inHand = async () => {
    await ready(ana)
    const device = (await devicesIn(centre)).find((one) => one.lineClass >= 2 && one.language === 'zh')
    const id = (await centre.press(device as { key: string })).body.incidentId
    await ana.post(`/incidents/${id}/answer`)
    return id
  }
  test('to the resident of an alarm: it rings, they pick up, both talk', async () => {
    const id = await inHand()
    const out = (await ana.post<CallView>(`/incidents/${id}/call`, { to: { resident: true } })).body
    expect(out).toMatchObject({ status: 'ringing', direction: 'out' })
    expect((await ana.post<{ code: string }>(`/incidents/${id}/call`, { to: { resident: true } })).body.code).toBe(
      'on-a-call',
    )
    await centre.work(2)
    expect(centre.phone.placed).toHaveLength(1)
    const legId = centre.phone.placed[0]?.legId as string
    await centre.phone.answers(legId)
    await settled()
    expect(centre.phone.rooms.get(out.id)).toEqual([legId, operatorLegId(ana.id)])
  })
  test('without a telephone, or where nobody can be rung, it says what to do', async () => {
    const id = await inHand()
    centre.phone.reachable(false)
    const refused = async () =>
      (await ana.post<{ code: string }>(`/incidents/${id}/call`, { to: { resident: true } })).body.code
    expect(await refused()).toBe('not-reachable')
    await centre.phone.headset(ana.id, false)
    expect(await refused()).toBe('no-headset')
  })
  test('nobody speaks: the ladder calls the resident, then each contact twice, then sends a helper, then advises', async () => {
    const id = await inHand()
    await ana.post(`/incidents/${id}/no-response`)
    await centre.work(2)
    const steps = async () =>
      (
        await centre.db.query<{ step: string }>(
          `SELECT data->>'step' AS step FROM fact WHERE incident_id = $1 AND type = 'ladder-climbed' ORDER BY seq`,
          [id],
        )
      ).map((row) => row.step)
    expect(await steps()).toEqual(['call-back'])
    for (let i = 0; i < 24 && (await steps()).at(-1) !== 'helper'; i++) {
      await ana.beat()
      await centre.pass(10, 2)
    }
    const climbed = await steps()
    const contacts = climbed.filter((step) => step === 'contact').length
    expect([climbed[0], climbed.at(-1), contacts % 2]).toEqual(['call-back', 'helper', 0])
    expect(centre.phone.placed).toHaveLength(1 + contacts)
    await centre.work(2)
    expect(await centre.db.query('SELECT 1 FROM assignment WHERE incident_id = $1 LIMIT 1', [id])).toHaveLength(1)
    for (let i = 0; i < 15; i++) {
      await ana.beat()
      await centre.pass(10, 2)
    }
    expect((await steps()).at(-1)).toBe('advice')
    expect(centre.pushed.some((push) => (push.payload as { kind?: string }).kind === 'ambulance-advice')).toBe(true)
  })
  test('without a headset nobody is said to be called: what is to be dialled is said, and who did not dial', async () => {
    const id = await inHand()
    await centre.phone.headset(ana.id, false)
    await centre.pass(8)
    await ana.post(`/incidents/${id}/no-response`)
    const said = () =>
      centre.db.query<{ type: string; step: string; byHand: boolean | null; because: string | null }>(
        `SELECT type, data->>'step' AS step, (data->>'byHand')::boolean AS "byHand", data->>'because' AS because FROM fact
         WHERE incident_id = $1 AND type IN ('ladder-climbed', 'rung-skipped', 'call-placed') ORDER BY seq`,
        [id],
      )
    expect(await said()).toEqual([{ type: 'ladder-climbed', step: 'call-back', byHand: true, because: null }])
    for (let i = 0; i < 8; i++) {
      await ana.beat()
      await centre.pass(10, 2)
    }
    expect(await said()).toMatchObject([
      { step: 'call-back', byHand: true },
      { type: 'rung-skipped', step: 'call-back', because: 'not-dialled' },
      { type: 'ladder-climbed', byHand: true },
    ])
    expect(centre.phone.placed).toEqual([])
  })
  test('a rung from which nothing can come is skipped at once, and said: no number, no service, nobody near', async () => {
    const id = await inHand()
    const { residentId } = (await load(centre.db, id)) as { residentId: string }
    await centre.db.query('UPDATE resident SET phone = NULL WHERE id = $1', [residentId])
    await centre.db.query('DELETE FROM contact WHERE resident_id = $1', [residentId])
    await centre.db.query('UPDATE call SET number = NULL WHERE incident_id = $1', [id])
    await centre.db.query('UPDATE responder SET on_duty = false')
    await ana.post(`/incidents/${id}/no-response`)
    await centre.work(2)
    const skipped = await centre.db.query<{ because: string }>(
      `SELECT data->>'because' AS because FROM fact WHERE incident_id = $1 AND type = 'rung-skipped' ORDER BY seq`,
      [id],
    )
    expect(skipped.map(({ because }) => because)).toEqual(['no-number', 'nobody-near'])
    expect(await load(centre.db, id)).toMatchObject({ ladderUntil: null })
    expect(centre.pushed.some((push) => (push.payload as { kind?: string }).kind === 'ambulance-advice')).toBe(true)
  })
  test('a contact who picks up ends the ladder', async () => {
    const id = await inHand()
    await ana.post(`/incidents/${id}/no-response`)
    await centre.pass(32, 2)
    await centre.work()
    const legId = centre.phone.placed[1]?.legId as string
    await centre.phone.answers(legId)
    expect(await load(centre.db, id)).toMatchObject({ ladderRung: null, ladderUntil: null })
  })
})

describe('in writing', () => {
  const kiosk = async () => {
    const [area] = await centre.db.query<{ id: string }>(
      `SELECT id FROM area WHERE level = 'community' ORDER BY path LIMIT 1`,
    )
    const admin = await centre.as('admin')
    const form = {
      residentId: null,
      areaId: area?.id,
      protocol: 'web',
      account: 'KIOSK-1',
      kind: 'kiosk',
      room: '大厅',
      state: 'registered',
      testExpiresAt: null,
    }
    const device = (await admin.post<{ id: string }>('/devices', form)).body
    const { key } = (await admin.post<{ key: string }>(`/devices/${device.id}/key`)).body
    const headers = { authorization: `Bearer ${key}` }
    return {
      write: (path: string, body: object) =>
        centre.ask<{ id: string; status: string; texts: { text: string }[]; code?: string }>(
          'POST',
          path,
          body,
          headers,
        ),
      look: (id: string) =>
        centre.ask<{ status: string; position: number; texts: { text: string }[] }>(
          'GET',
          `/kiosk/calls/${id}`,
          undefined,
          headers,
        ),
    }
  }
  test('a copied key of a kiosk opens a few conversations and not hundreds; who stands there in a minute is heard', async () => {
    const desk = await kiosk()
    const begin = (n: number) =>
      desk.write('/kiosk/text-calls', { clientId: `line-number-${n}`, text: '你好', locale: 'zh-CN' })
    const all = await Promise.all(Array.from({ length: 12 }, (_, n) => begin(n)))
    expect(all.map(({ status }) => status).sort()).toEqual([200, 200, 200, ...Array(9).fill(429)])
    const rows = await centre.db.query(`SELECT 1 FROM call WHERE medium = 'text'`)
    expect(rows).toHaveLength(3)
    centre.clock.forward(61_000)
    expect((await begin(100)).status).toBe(200)
  })
  test('what one side types is shown to the other, and to nobody else; nothing of it is kept', async () => {
    await ready(ana)
    const desk = await kiosk()
    const line = { clientId: 'first-line', text: '我听不见', locale: 'zh-CN' }
    const { id } = (await desk.write('/kiosk/text-calls', line)).body
    const [{ deviceId = '' } = {}] = await centre.db.query<{ deviceId: string }>(
      'SELECT device_id AS "deviceId" FROM call WHERE id = $1',
      [id],
    )
    const here = { kind: 'kiosk', deviceId } as const
    const asOperator = { kind: 'operator', accountId: ana.id } as const
    const types = async (from: Parameters<typeof passTyping>[1], text: unknown) => {
      centre.pushed.length = 0
      await passTyping(centre.parts, from, { callId: id, text })
      return centre.pushed.map(({ to, payload }) => ({ to, payload }))
    }
    expect(await types(here, '我')).toEqual([]) // nobody reads it yet
    await centre.work(2)
    await ana.post(`/incidents/${(await call(id)).incident}/answer`)
    expect(await types(here, '我要')).toEqual([{ to: `operator:${ana.id}`, payload: { callId: id, text: '我要' } }])
    expect(await types(asOperator, '好')).toEqual([{ to: `kiosk:${deviceId}`, payload: { callId: id, text: '好' } }])
    for (const stranger of [
      { kind: 'kiosk', deviceId: ana.id },
      { kind: 'operator', accountId: (await centre.as('op02')).id },
      { kind: 'phone', number: null },
    ] as const)
      expect(await types(stranger, '坏')).toEqual([])
    for (const wrong of [undefined, 7, 'x'.repeat(1001)]) expect(await types(here, wrong)).toEqual([])
    await ana.post(`/calls/${id}/hang-up`)
    expect(await types(here, '还在')).toEqual([])
  })
  test('it waits in the same queue with the same targets, and both write', async () => {
    await ready(ana)
    const desk = await kiosk()
    const line = { clientId: 'first-line', text: '我听不见，请帮我交水费', locale: 'zh-CN' }
    const begun = (await desk.write('/kiosk/text-calls', line)).body
    expect((await desk.write('/kiosk/text-calls', line)).body.id).toBe(begun.id)
    await centre.work(2)
    const { incident } = await call(begun.id)
    expect(await load(centre.db, incident)).toMatchObject({ kind: 'call', class: 3, status: 'waiting' })
    expect((await ana.get<{ items: object[] }>('/offers')).body.items).toHaveLength(1)
    await ana.post(`/incidents/${incident}/answer`)
    const said = { clientId: 'operator-1', text: '您好，我来帮您' }
    await ana.post(`/calls/${begun.id}/texts`, said)
    await ana.post(`/calls/${begun.id}/texts`, said)
    const seen = (await desk.look(begun.id)).body
    expect([seen.status, seen.texts.map((one) => one.text)]).toEqual([
      'answered',
      ['我听不见，请帮我交水费', '您好，我来帮您'],
    ])
    const [stored] = await centre.db.query<{ plain: boolean }>(
      `SELECT position(convert_to('水费', 'UTF8') IN sealed) > 0 AS plain FROM call_text LIMIT 1`,
    )
    expect(stored?.plain).toBe(false)
  })
  test('a page that has gone leaves somebody to be asked for', async () => {
    const desk = await kiosk()
    const begun = (await desk.write('/kiosk/text-calls', { clientId: 'first-line', text: '你好', locale: 'zh-CN' }))
      .body
    await centre.pass(60, 2)
    await desk.look(begun.id)
    await centre.pass(60, 2)
    expect((await call(begun.id)).status).toBe('queued')
    await centre.pass(40, 2)
    expect(await call(begun.id)).toMatchObject({ status: 'ended', because: 'abandoned' })
  })
  test('another key learns nothing', async () => {
    const desk = await kiosk()
    const begun = (await desk.write('/kiosk/text-calls', { clientId: 'first-line', text: '你好', locale: 'zh-CN' }))
      .body
    const [pendant] = await devicesIn(centre)
    const stranger = { authorization: `Bearer ${pendant?.key}` }
    expect((await centre.ask('GET', `/kiosk/calls/${begun.id}`, undefined, stranger)).status).toBe(401)
  })
})
