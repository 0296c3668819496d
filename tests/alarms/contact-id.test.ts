import { afterEach, beforeEach, expect, test } from 'vitest'
import { alarmIn } from '../../server/alarms/alarm-in.ts'
import { takeVoiceEvent } from '../../server/calls/voice-events.ts'
import { keepHeard } from '../../server/devices/heard.ts'
import { onlyOfPanels } from '../../server/wiring/panel-numbers.ts'
import { writeLine } from '../../telephony/alarm/contact-id-line/message.ts'
import { header, type ReceivedResponse } from '../../telephony/sip/message/message.ts'
import { type Centre, startCentre } from '../support/centre.ts'
import { panel } from '../support/line-panel.ts'
import { startSipVoice } from '../telephony/sip/support/carrier.ts'
import { farUdp } from '../telephony/sip/support/far.ts'
import { said } from '../telephony/sip/support/messages.ts'

// A panel of a resident calls over a trunk and presses its message as tones within the sound; all of ours is the real thing.
const panels = '80001234'
const residents = '12349'
const number = '+8657187654321'
const press = writeLine({ account: '4711', data: '1101 01 015' })
const wait = { timeout: 15_000 }
let centre: Centre
let heard: ReturnType<typeof keepHeard>
let voice: Awaited<ReturnType<typeof startSipVoice>>
let far: Awaited<ReturnType<typeof farUdp>>
let line: Awaited<ReturnType<typeof panel>>
let deviceId: string
let count = 0
/** How often it was tried to store something. */
let tries = 0
beforeEach(async () => {
  centre = await startCentre()
  heard = keepHeard(centre.parts)
  const alarms = alarmIn(centre.parts, centre.intake, heard)
  tries = 0
  const receive: typeof alarms.receive = (...said) => alarms.receive(...said).finally(() => tries++)
  voice = await startSipVoice({ peers: [{ name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }] })
  voice.running.hearPanels([panels], { ...alarms, receive })
  voice.stores = (event) => takeVoiceEvent(centre.parts, event)
  far = await farUdp(voice.port)
  line = await panel('127.0.0.2')
  const [device] = await centre.db.query<{ id: string }>(
    `UPDATE device SET protocol = 'contact-id', account = '4711' WHERE id = (SELECT id FROM device WHERE state = 'in-service' AND kind = 'pendant' ORDER BY id LIMIT 1) RETURNING id`,
  )
  deviceId = device?.id as string
})
afterEach(async () => {
  await line.close()
  far.close()
  await voice.stop()
  await heard.stop()
  await centre.close()
})

const dialog = (what: object) =>
  said({
    uri: `sip:${panels}@127.0.0.1`,
    callId: `panel${count}`,
    from: `<sip:${number}@trunk.example>;tag=panel`,
    ...what,
  })
/** Calls this number, and is answered. */
async function calls(to = panels): Promise<string> {
  count++
  const more = [`Contact: <sip:trunk@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp']
  const offer = line.telephone.offer()
  far.say(dialog({ uri: `sip:${to}@127.0.0.1`, branch: `z9hG4bKi${count}`, more, body: offer }))
  const ok = (await far.next(200)) as ReceivedResponse
  line.telephone.follow(ok.body.toString())
  far.say(dialog({ method: 'ACK', branch: `z9hG4bKa${count}`, to: header(ok, 'to') ?? '', cseq: '1 ACK' }))
  return ok.body.toString()
}
const handshakes = () => Math.min(line.heard(1_400, { from: 80, to: 140 }), line.heard(2_300, { from: 80, to: 140 }))
const kissoffs = () => line.heard(1_400, { from: 750, to: 1_000 })
const incidents = () =>
  centre.db.query<{ id: string; kind: string; signals: number }>(
    `SELECT id, kind, signals FROM incident WHERE subject IN (SELECT coalesce('resident:' || resident_id, 'device:' || id) FROM device WHERE id = $1)`,
    [deviceId],
  )
const voiceCalls = () => centre.db.query('SELECT incident_id AS incident, device_id AS device, status FROM call')

test('a panel is asked by tones, its message is stored and told so, and then the resident is on the line', async () => {
  const answered = await calls()
  // Its keys shall come as the tones that they are.
  expect(line.telephone.offer()).toContain('telephone-event')
  expect(answered).not.toContain('telephone-event')
  await expect.poll(handshakes, wait).toBe(1)
  expect(kissoffs()).toBe(0)
  line.press(press)
  await expect.poll(kissoffs, wait).toBe(1)
  const [incident] = await incidents()
  expect(incident).toMatchObject({ kind: 'button', signals: 1 })
  await expect.poll(voiceCalls, wait).toMatchObject([{ incident: incident?.id, device: deviceId }])
  await expect.poll(() => voice.told('leg-up').at(-1)?.party, wait).toEqual({ kind: 'kiosk', deviceId })
  const [device] = await centre.db.query('SELECT own_number AS number FROM device WHERE id = $1', [deviceId])
  expect(device).toEqual({ number })
})

test('a message with a wrong sum is not told as stored; said again rightly it is', async () => {
  await calls()
  await expect.poll(handshakes, wait).toBe(1)
  line.press(press.replace('1101', '1102'))
  line.press(press)
  await expect.poll(kissoffs, wait).toBe(1)
  const rows = await centre.db.query('SELECT said FROM alarm WHERE device_id = $1', [deviceId])
  expect(rows).toEqual([{ said: 'CID 1101 01 015' }])
})

test('what cannot be stored is not told as stored', async () => {
  await centre.db.query('ALTER TABLE alarm RENAME TO away')
  await calls()
  await expect.poll(handshakes, wait).toBe(1)
  line.press(press)
  line.press(press)
  await expect.poll(() => tries, wait).toBe(2)
  expect(kissoffs()).toBe(0)
  await centre.db.query('ALTER TABLE away RENAME TO alarm')
  line.press(press)
  await expect.poll(kissoffs, wait).toBe(1)
})

test('an account that nobody has is looked at by a person, and let go', async () => {
  await calls()
  await expect.poll(handshakes, wait).toBe(1)
  line.press(writeLine({ account: '9999', data: '1101 01 015' }))
  await far.request('BYE')
  expect(await centre.db.query('SELECT account, because FROM stranger')).toEqual([
    { account: '9999', because: 'unknown-account' },
  ])
  expect([kissoffs(), await voiceCalls()]).toEqual([0, []])
})

test('a panel that hangs up in the middle leaves nothing behind', async () => {
  await calls()
  await expect.poll(handshakes, wait).toBe(1)
  far.say(
    dialog({ method: 'BYE', branch: 'z9hG4bKbye', to: `<sip:${panels}@127.0.0.1>;tag=${tagOf()}`, cseq: '2 BYE' }),
  )
  await far.next(200)
  await expect.poll(() => voice.running.stats()?.legs, wait).toBe(0)
  expect([await incidents(), await voiceCalls()]).toEqual([[], []])
})
const tagOf = () => {
  const ok = far.heard.find((one) => one.kind === 'response' && one.status === 200) as ReceivedResponse
  return /tag=(\S+)/.exec(header(ok, 'to') ?? '')?.[1] ?? ''
}

test('who calls the number of the residents hears no tones', async () => {
  await calls(residents)
  await expect.poll(voiceCalls, wait).toHaveLength(1)
  // A leg to which nobody speaks is kept open by a packet a second: by now a panel would have been asked.
  await expect.poll(() => line.telephone.heard.length, wait).toBeGreaterThan(12)
  expect([handshakes(), kissoffs()]).toEqual([0, 0])
})

test('a number in the list of those that residents call is refused at the start', async () => {
  await expect(onlyOfPanels(centre.parts, [panels])).resolves.toBeUndefined()
  await expect(onlyOfPanels(centre.parts, [panels, residents])).rejects.toThrow(/12349, which residents call/)
})
