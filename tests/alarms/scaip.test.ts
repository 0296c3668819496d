import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { alarmIn } from '../../server/alarms/alarm-in.ts'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { keepHeard } from '../../server/devices/heard.ts'
import { sipMessages } from '../../server/wiring/scaip.ts'
import { answerChallenge } from '../../telephony/sip/auth/digest.ts'
import {
  header,
  headers,
  type Received,
  type ReceivedRequest,
  type ReceivedResponse,
} from '../../telephony/sip/message/message.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { freePort } from '../support/ports.ts'
import { rtpTelephone } from '../support/rtp-telephone.ts'
import { folder, has, run } from '../telephony/sip/support/binary.ts'
import { startSipVoice } from '../telephony/sip/support/carrier.ts'
import { farUdp } from '../telephony/sip/support/far.ts'
import { said } from '../telephony/sip/support/messages.ts'

// A unit of a resident over real SIP, stored by the real intake; only the rooms of the server are the test's own.
const cid = '100200300'
let centre: Centre
let heard: ReturnType<typeof keepHeard>
let voice: Awaited<ReturnType<typeof startSipVoice>>
let far: Awaited<ReturnType<typeof farUdp>>
let deviceId: string
let secret: string
let count = 0
beforeEach(async () => {
  centre = await startCentre()
  heard = keepHeard(centre.parts)
  const alarms = alarmIn(centre.parts, centre.intake, heard)
  voice = await startSipVoice({ peers: [], sip: sipMessages(alarms, centre.parts.log) })
  far = await farUdp(voice.port)
  const [device] = await centre.db.query<{ id: string }>(
    `UPDATE device SET protocol = 'scaip', account = $1 WHERE id = (SELECT id FROM device WHERE state = 'in-service' AND kind = 'pendant' ORDER BY id LIMIT 1) RETURNING id`,
    [cid],
  )
  deviceId = device?.id as string
  secret = (await (await centre.as('admin')).post<{ key: string }>(`/devices/${deviceId}/key`)).body.key
})
afterEach(async () => {
  far.close()
  await voice.stop()
  await heard.stop()
  await centre.close()
})

const alarm = (ref: string, more = '<stc>0010</stc><lco>011</lco><crd>sip:</crd>') =>
  `<mrq><ref>${ref}</ref><mty>ME</mty><cid>${cid}</cid><dty>0003</dty>${more}</mrq>`
const asMessage = (body: string, what: { user?: string; words?: string; type?: string } = {}) => {
  const { user = cid, type = 'application/scaip+xml' } = what
  return said({
    method: 'MESSAGE',
    uri: 'sip:arc@127.0.0.1',
    callId: `m${++count}`,
    branch: `z9hG4bKm${count}`,
    from: `<sip:${user}@127.0.0.2>;tag=unit`,
    more: [`Content-Type: ${type}`, ...(what.words ? [`Authorization: ${what.words}`] : [])],
    body,
  })
}
const words = (challenged: Received, password: string, method = 'MESSAGE') =>
  answerChallenge(
    headers(challenged as ReceivedResponse, 'www-authenticate'),
    { user: cid, password },
    { method, uri: 'sip:arc@127.0.0.1' },
  ) as string
/** Says it, is asked for its secret, and says it again with that. */
async function unit(body: string, password = secret): Promise<void> {
  far.say(asMessage(body))
  far.say(asMessage(body, { words: words(await far.next(401), password) }))
}
/** What is said back, in a message of its own. */
async function answer(): Promise<string> {
  await far.next(200)
  const request = (await far.request('MESSAGE')) as ReceivedRequest
  far.answer(request, 200)
  expect(header(request, 'content-type')).toBe('application/scaip+xml')
  return request.body.toString()
}
const incidents = () =>
  centre.db.query<{ id: string; kind: string; signals: number }>(
    `SELECT id, kind, signals FROM incident WHERE subject IN (SELECT coalesce('resident:' || resident_id, 'device:' || id) FROM device WHERE id = $1)`,
    [deviceId],
  )
const strangers = () => centre.db.query('SELECT account, because FROM stranger ORDER BY account')
/** Says it with a wrong secret, as often. */
async function wrongly(ref: string, times: number): Promise<void> {
  far.say(asMessage(alarm(ref)))
  for (let i = 0; i < times; i++) far.say(asMessage(alarm(ref), { words: words(await far.next(401), 'wrong') }))
  await far.next(401)
}

test('a press is stored, answered 200, and then with a message that says where to call; the same again opens nothing', async () => {
  await unit(alarm('A1'))
  const mrs = `<mrs><ref>A1</ref><snu>0</snu><mre>1</mre><cre>62</cre><tnu>sip:hotline@127.0.0.1:${voice.port}</tnu></mrs>`
  expect(await answer()).toBe(mrs)
  await unit(alarm('A1'))
  expect(await answer()).toBe(mrs)
  expect(await incidents()).toMatchObject([{ kind: 'button', signals: 1 }])
  const [row] = await centre.db.query<{ said: string }>('SELECT said FROM alarm WHERE device_id = $1', [deviceId])
  expect(row?.said).toContain('lco 011')
})

test('a heartbeat and a weak battery ask for no voice; the battery is technical', async () => {
  await unit(`<mrq><ref>H1</ref><mty>PI</mty><cid>${cid}</cid><dty>0002</dty></mrq>`)
  expect(await answer()).toBe('<mrs><ref>H1</ref><snu>0</snu></mrs>')
  expect(await incidents()).toEqual([])
  await unit(alarm('B1', '<stc>0016</stc>'))
  expect(await answer()).toBe('<mrs><ref>B1</ref><snu>0</snu></mrs>')
  expect(await incidents()).toMatchObject([{ kind: 'low-battery' }])
})

test('what cannot be read from a unit of ours is an unknown signal: somebody may be behind it', async () => {
  await unit(`<mrq><ref>C1</ref><cid>${cid}</cid></mrq>`)
  expect(await answer()).toBe('<mrs><ref>C1</ref><snu>7</snu><ste>missing dty</ste></mrs>')
  expect(await incidents()).toMatchObject([{ kind: 'unknown' }])
})

test('a heartbeat that cannot be read is none the less no alarm', async () => {
  await unit(`<mrq><ref>P1</ref><mty>PI</mty><cid>${cid}</cid></mrq>`)
  expect(await answer()).toContain('<snu>7</snu>')
  expect(await incidents()).toEqual([])
})

test('a wrong secret, a secret that was taken away, and somebody who names another unit change nothing', async () => {
  far.say(asMessage(alarm('D1')))
  far.say(asMessage(alarm('D1'), { words: words(await far.next(401), 'wrong') }))
  await far.next(401)
  const stolen = secret
  await (await centre.as('admin')).post(`/devices/${deviceId}/key`)
  far.say(asMessage(alarm('D2')))
  far.say(asMessage(alarm('D2'), { words: words(await far.next(401), stolen) }))
  await far.next(401)
  expect(await incidents()).toEqual([])
  secret = (await (await centre.as('admin')).post<{ key: string }>(`/devices/${deviceId}/key`)).body.key
  await unit(alarm('D3').replace(`<cid>${cid}`, '<cid>999'))
  expect(await answer()).toContain('<snu>5</snu>')
  expect([await incidents(), await strangers()]).toEqual([[], [{ account: '999', because: 'wrong-secret' }]])
})

test('a name that nobody has hears nothing, and another kind of message is told what is taken here', async () => {
  far.say(asMessage(alarm('E1'), { user: '777777' }))
  await unit(alarm('E2'))
  await answer()
  expect(far.heard.filter((one) => one.kind === 'response' && one.status === 401)).toHaveLength(1)
  far.say(asMessage('hello', { type: 'text/plain' }))
  far.say(asMessage('hello', { type: 'text/plain', words: words(await far.next(401), secret) }))
  const refused = (await far.next(415)) as ReceivedResponse
  expect(header(refused, 'accept')).toBe('application/scaip+xml')
})

test('a unit that nobody knows gets no answer, and leaders see it; other messages of strangers are not kept', async () => {
  far.say(asMessage(alarm('U1').replaceAll(cid, '555666'), { user: '555666' }))
  far.say(asMessage('hello', { user: '555777', type: 'text/plain' }))
  await expect.poll(strangers, { timeout: 5_000 }).toEqual([{ account: '555666', because: 'unknown-account' }])
  await unit(alarm('U2'))
  await answer()
  expect(far.heard.filter((one) => one.kind === 'response' && one.status === 401)).toHaveLength(1)
  expect(await strangers()).toHaveLength(1)
})

test('a unit that shows a wrong secret again and again is seen by leaders, and is heard as soon as it shows the right one', async () => {
  await wrongly('W1', 3)
  expect(await strangers()).toEqual([])
  await wrongly('W1', 9)
  await expect.poll(strangers, { timeout: 5_000 }).toEqual([{ account: cid, because: 'wrong-secret' }])
  await unit(alarm('W2'))
  expect(await answer()).toContain('<snu>0</snu>')
})

test('a noisy unit does not silence another behind the same address', async () => {
  const other = '100200999'
  await centre.db.query(
    `UPDATE device SET protocol = 'scaip', account = $1, secret = (SELECT secret FROM device WHERE id = $2)
    WHERE id = (SELECT id FROM device WHERE id <> $2 AND state = 'in-service' ORDER BY id LIMIT 1)`,
    [other, deviceId],
  )
  await wrongly('N1', 12)
  for (let i = 0; i < 60; i++) far.say(asMessage(alarm(`N${i}`), { words: 'Digest username="x"' }))
  far.say(asMessage(alarm('O1').replace(cid, other), { user: other }))
  const asked = `m${count}`
  const its = () => far.heard.find((one) => one.callId === asked)
  await expect.poll(its, { timeout: 5_000 }).toMatchObject({ status: 401 })
  const challenged = its()
  const authorization = answerChallenge(
    headers(challenged as ReceivedResponse, 'www-authenticate'),
    { user: other, password: secret },
    { method: 'MESSAGE', uri: 'sip:arc@127.0.0.1' },
  ) as string
  far.say(asMessage(alarm('O1').replace(cid, other), { user: other, words: authorization }))
  expect(await answer()).toContain('<ref>O1</ref><snu>0</snu>')
})

test('a type of unit that wants its answer inside the 200 gets it there, and no message', async () => {
  await centre.db.query(`UPDATE device_type SET quirks = '{"scaipReply":"inside"}' WHERE code = 'ip-unit'`)
  await centre.db.query(`UPDATE device SET type_code = 'ip-unit' WHERE id = $1`, [deviceId])
  await unit(alarm('I1'))
  const ok = (await far.next(200)) as ReceivedResponse
  expect(header(ok, 'content-type')).toBe('application/scaip+xml')
  expect(ok.body.toString()).toContain('<mrs><ref>I1</ref><snu>0</snu><mre>1</mre>')
  await unit(`<mrq><ref>I2</ref><mty>PI</mty><cid>${cid}</cid><dty>0002</dty></mrq>`)
  expect(((await far.next(200)) as ReceivedResponse).body.toString()).toBe('<mrs><ref>I2</ref><snu>0</snu></mrs>')
  expect(far.heard.filter((one) => one.kind === 'request')).toEqual([])
})

test('while it cannot be stored it is answered 503, so that the unit takes its next way', async () => {
  await centre.db.query('ALTER TABLE alarm RENAME TO away')
  await unit(alarm('F1'))
  await far.next(503)
  await centre.db.query('ALTER TABLE away RENAME TO alarm')
  await unit(alarm('F1'))
  expect(await answer()).toContain('<snu>0</snu>')
})

test('the unit calls after its alarm: the call belongs to that incident, and whoever answers speaks with the resident', async () => {
  voice.stores = (event) => takeVoiceEvent(centre.parts, event)
  await unit(alarm('G1'))
  await answer()
  const sound = await rtpTelephone({ hz: 440, address: '127.0.0.2' })
  const invite = (callId: string, authorization?: string) =>
    said({
      uri: 'sip:arc@127.0.0.1',
      callId,
      branch: `z9hG4bK${callId}`,
      from: `<sip:${cid}@127.0.0.2>;tag=${callId}`,
      more: [
        `Contact: <sip:${cid}@127.0.0.2:${far.port}>`,
        'Content-Type: application/sdp',
        ...(authorization ? [`Authorization: ${authorization}`] : []),
      ],
      body: sound.offer(),
    })
  far.say(invite('call1'))
  const challenged = await far.next(401)
  far.say(invite('call2', words(challenged, secret, 'INVITE')))
  const ok = (await far.next(200)) as ReceivedResponse
  far.say(
    said({
      method: 'ACK',
      callId: 'call2',
      from: `<sip:${cid}@127.0.0.2>;tag=call2`,
      to: header(ok, 'to') ?? '',
      branch: 'z9hG4bKack',
    }),
  )
  const [incident] = await incidents()
  const calls = await centre.db.query('SELECT incident_id AS incident, device_id AS device, number FROM call')
  expect(calls).toEqual([{ incident: incident?.id, device: deviceId, number: null }])
  // Pressed again while they talk: it is stored, and not told to call once more.
  await unit(alarm('G2'))
  expect(await answer()).toBe('<mrs><ref>G2</ref><snu>0</snu></mrs>')
  expect(await incidents()).toMatchObject([{ signals: 3 }])
  await sound.close()
})

test.skipIf(!has('sipp'))('Debian’s sipp, with a digest of its own, is a unit like any other (sipp)', async () => {
  const cwd = folder('scaip')
  writeFileSync(join(cwd, 'units.csv'), `SEQUENTIAL\n${cid};[authentication username=${cid} password=${secret}];\n`)
  const scenario = join(import.meta.dirname, '../telephony/sip/scenarios/scaip.xml')
  const place = ['-i', '127.0.0.3', '-p', String(await freePort('127.0.0.3')), `127.0.0.1:${voice.port}`]
  const { code, output } = await run(
    'sipp',
    ['-sf', scenario, '-inf', join(cwd, 'units.csv'), ...place, '-m', '3', '-r', '5', '-nostdin', '-timeout', '20'],
    { cwd },
  )
  expect([code, output.slice(code === 0 ? output.length : -2_000)]).toEqual([0, ''])
  expect(await incidents()).toMatchObject([{ kind: 'button', signals: 3 }])
})
