import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerChallenge } from '../../../telephony/sip/auth/digest.ts'
import { header, headers, type ReceivedRequest, type ReceivedResponse } from '../../../telephony/sip/message/message.ts'
import { unitName } from '../../../telephony/sip/settings.ts'
import { type RtpTelephone, rtpTelephone } from '../../support/rtp-telephone.ts'
import { startSipVoice } from './support/carrier.ts'
import { farUdp } from './support/far.ts'
import { said } from './support/messages.ts'

// An alarm unit that has registered is rung where it is, told by keys, and told that the call is over before we hang up.
const [account, password, deviceId] = ['100200300', 'its secret', '0197b000-0000-7000-8000-000000000001']
const ids = { callId: '0197b000-0000-7000-8000-0000000000c1', legId: '0197b000-0000-7000-8000-0000000000f1' }
const unit = { unit: deviceId, number: null }
const clearing = { keys: '0', pressMs: 200, waitMs: 10_000 }
const wait = { timeout: 8_000 }
let voice: Awaited<ReturnType<typeof startSipVoice>>
let far: Awaited<ReturnType<typeof farUdp>>
let sound: RtpTelephone
beforeEach(async () => {
  const guest = { name: unitName(deviceId), kind: 'telephone' as const, from: [], user: account, password, deviceId }
  voice = await startSipVoice({
    peers: [],
    sip: { guestOf: async (user: string) => (user === account ? guest : undefined) },
  })
  far = await farUdp(voice.port)
  sound = await rtpTelephone({ hz: 440, address: '127.0.0.2' })
})
afterEach(async () => {
  await sound.close()
  far.close()
  await voice.stop()
})

const uri = 'sip:127.0.0.1'
async function register(): Promise<void> {
  const ask = (n: number, words?: string) =>
    said({
      method: 'REGISTER',
      uri,
      callId: 'register',
      branch: `z9hG4bKr${n}`,
      cseq: `${n} REGISTER`,
      from: `<sip:${account}@127.0.0.1>;tag=unit`,
      to: `<sip:${account}@127.0.0.1>`,
      more: [
        `Contact: <sip:${account}@127.0.0.2:${far.port}>`,
        'Expires: 300',
        ...(words ? [`Authorization: ${words}`] : []),
      ],
    })
  far.say(ask(1))
  const challenges = headers((await far.next(401)) as ReceivedResponse, 'www-authenticate')
  far.say(ask(2, answerChallenge(challenges, { user: account, password }, { method: 'REGISTER', uri })))
  await far.next(200)
}
/** Rung, and it has picked up. */
async function rung(eventType: number | null = 101): Promise<ReceivedRequest> {
  await register()
  expect(await voice.running.voice.place({ ...ids, to: unit })).toBe('ringing')
  const invite = await far.request('INVITE')
  sound.follow(invite.body.toString())
  const answer = sound.offer().replace(/ 101( |$)/gm, eventType === null ? ' ' : ` ${eventType} `)
  const sdp = eventType === null ? answer.replace(/a=rtpmap:101.*\r\n/, '') : answer
  far.answer(invite, 200, {
    headers: [['contact', `<sip:${account}@127.0.0.2:${far.port}>`]],
    sdp,
  })
  sound.talk()
  await expect.poll(() => voice.told('leg-up').length, wait).toBe(1)
  return invite
}
const pressed = () => {
  const packets = sound.heard.filter(({ payloadType }) => payloadType === 101)
  const lengthMs = Math.max(0, ...packets.map(({ payload }) => (((payload[2] ?? 0) << 8) | (payload[3] ?? 0)) / 8))
  return { keys: [...new Set(packets.map(({ payload }) => payload[0]))], lengthMs }
}

test('it is reached once it has registered, and rung there by its device', async () => {
  expect(await voice.running.voice.reaches(unit)).toBe(false)
  expect(await voice.running.voice.place({ ...ids, to: unit })).toBe('unreachable')
  const invite = await rung()
  expect(await voice.running.voice.reaches(unit)).toBe(true)
  expect(invite.uri).toBe(`sip:${account}@127.0.0.2:${far.port}`)
  expect(voice.told('leg-up')[0]).toMatchObject({ ...ids, party: { kind: 'kiosk', deviceId } })
})

test('one that has not registered is rung at its own number, if there is one', async () => {
  await register()
  const other = { unit: '0197b000-0000-7000-8000-000000000002', number: '+8613800138000' }
  // There is no trunk, and so no way to a number.
  expect(await voice.running.voice.reaches(other)).toBe(false)
})

test('it is told by keys of 200 ms', async () => {
  await rung()
  expect(await voice.running.voice.press(ids.legId, '7', 200)).toBe('pressed')
  await expect.poll(pressed, wait).toEqual({ keys: [7], lengthMs: 200 })
  expect(await voice.running.voice.press('nobody', '7', 200)).toBe('gone')
})

test('hanging up says clear down first, and the unit ends the call itself', async () => {
  await rung()
  await voice.running.voice.hangUp(ids.legId, 'hung-up', clearing)
  await voice.running.voice.hangUp(ids.legId, 'hung-up', clearing) // ordered twice
  await expect.poll(pressed, wait).toEqual({ keys: [0], lengthMs: 200 })
  expect(far.heard.filter((one) => one.kind === 'request' && one.method === 'BYE')).toEqual([])
  const invite = far.heard.find((one) => one.kind === 'request' && one.method === 'INVITE') as ReceivedRequest
  far.say(
    said({
      method: 'BYE',
      uri: header(invite, 'contact')?.replace(/[<>]/g, '') ?? '',
      callId: invite.callId,
      branch: 'z9hG4bKbye',
      from: `<sip:${account}@127.0.0.2>;tag=far`,
      to: header(invite, 'from') ?? '',
    }),
  )
  await far.next(200)
  await expect.poll(() => voice.told('leg-down').map(({ because }) => because), wait).toEqual(['hung-up'])
})

test('a unit that does not end it is hung up on when its time is over', async () => {
  await rung()
  await voice.running.voice.hangUp(ids.legId, 'hung-up', { ...clearing, waitMs: 600 })
  await far.request('BYE')
  expect(pressed()).toEqual({ keys: [0], lengthMs: 200 })
})

test('one that takes no keys is hung up on at once', async () => {
  await rung(null)
  expect(await voice.running.voice.press(ids.legId, '7', 200)).toBe('no-keys')
  await voice.running.voice.hangUp(ids.legId, 'hung-up', clearing)
  await far.request('BYE')
})
