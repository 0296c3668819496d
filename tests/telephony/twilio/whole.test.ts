import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fastify, { type FastifyInstance } from 'fastify'
import { Server } from 'socket.io'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { AlarmDevice, DeviceSignal } from '../../../server/contracts/alarms.ts'
import type { VoiceEvent } from '../../../server/contracts/voice.ts'
import { readEnv } from '../../../server/platform/env.ts'
import { openTwilio } from '../../../server/wiring/twilio.ts'
import { writeLine } from '../../../telephony/alarm/contact-id-line/message.ts'
import { fromMuLaw, toMuLaw } from '../../../telephony/media/g711.ts'
import { type RunningVoice, startVoice } from '../../../telephony/switching/voice.ts'
import { twilioRoutes } from '../../../telephony/twilio/routes.ts'
import { loudness, power, tone } from '../../support/tones.ts'
import { type PretendTwilio, pretendTwilio } from '../../support/twilio.ts'
import { twilioTelephone } from '../../support/twilio-telephone.ts'
import { wav } from '../../support/wav.ts'

const account = { accountSid: `AC${'a'.repeat(32)}`, token: 'b'.repeat(32), baseUrl: 'https://yihu.example' }
const env = readEnv({
  TWILIO_ACCOUNT_SID: account.accountSid,
  TWILIO_AUTH_TOKEN: account.token,
  TWILIO_NUMBER: '+8657112345678',
  OVERFLOW_NUMBER: '+8657187654321',
  PUBLIC_BASE_URL: account.baseUrl,
})
const wait = { timeout: 12_000, interval: 50 }
const dir = mkdtempSync(join(tmpdir(), 'yihu-twilio-'))
const events: VoiceEvent[] = []
let peer: PretendTwilio
let running: RunningVoice
let app: FastifyInstance
let io: Server

beforeAll(async () => {
  writeFileSync(join(dir, 'greeting.wav'), wav({ format: 7, bits: 8, data: toMuLaw(tone(600, 3_000)) }))
  peer = await pretendTwilio(account)
  app = fastify({ forceCloseConnections: true })
  io = new Server(app.server, { path: '/realtime' })
  running = startVoice({
    entry: [join(import.meta.dirname, '../../../telephony/media-process/main.ts'), '--import', 'tsx'],
    hostId: 'here',
    io,
    settings: { legsMax: 8, iceServers: [], publicAddresses: ['127.0.0.1'], portRange: null },
    promptFile: (key) => join(dir, `${key}.wav`),
    mayRing: () => true,
    recordingTarget: (id) => ({ file: join(dir, `${id}.rec`), keyHex: '22'.repeat(32) }),
    now: () => new Date(),
    log: { warn: () => {}, info: () => {} },
  })
  running.onEvent(async (event) => void events.push(event))
  const carrier = openTwilio(running.carrierParts, env)
  if (!carrier || !env.twilio) throw new Error('not configured')
  running.plug(carrier)
  const nobody = async () => {}
  const { signingToken, baseUrl } = env.twilio
  const { takeSocket } = running.carrierParts.media
  await app.register(twilioRoutes, {
    signingToken,
    baseUrl,
    carrier,
    sms: { heard: nobody, reported: nobody },
    takeSocket,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  peer.finds(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
  await running.started
})
afterAll(async () => {
  await peer.close()
  await running.stop()
  io.engine.close()
  // A server that handed sockets on still ends.
  await app.close()
  rmSync(dir, { recursive: true, force: true })
})

test('a call by Twilio hears our greeting through the real media process, beside the pages on the same port; keys are heard, and who hangs up is gone', async () => {
  const heard: number[] = []
  const call = await peer.dial('+8613800000001')
  call.stream?.on('message', (data) => {
    const message = JSON.parse(String(data)) as { event: string; media?: { payload: string } }
    if (message.event === 'media') heard.push(...fromMuLaw(Buffer.from(message.media?.payload ?? '', 'base64')))
  })
  await expect.poll(() => events.map(({ type }) => type), wait).toEqual(['arrived', 'leg-up'])
  const { legId } = events[0] as Extract<VoiceEvent, { type: 'arrived' }>
  await running.voice.play(legId, { prompts: ['greeting'], locale: 'zh-CN', after: 'silence', token: 'g' })
  await expect.poll(() => power(Int16Array.from(heard.slice(-2_400)), 600), wait).toBeGreaterThan(0.9)
  call.stream?.send(
    JSON.stringify({
      event: 'dtmf',
      sequenceNumber: '2',
      streamSid: 'MZ',
      dtmf: { track: 'inbound_track', digit: '5' },
    }),
  )
  await expect.poll(() => events.at(-1), wait).toMatchObject({ type: 'dtmf', legId, key: '5' })
  await peer.end(call, 'completed')
  await expect.poll(() => events.at(-1), wait).toMatchObject({ type: 'leg-down', legId, because: 'hung-up' })
  expect(running.voice.legState(legId)).toBe('gone')
})

test('an alarm panel that calls by Twilio is asked by tones, and its keys come as Twilio’s events; when it is stored it is told so, and the voice path is open', async () => {
  const device: AlarmDevice = {
    id: '0197b000-0000-7000-8000-000000000001',
    protocol: 'contact-id',
    account: '4711',
    kind: 'bedside',
    gatewayId: undefined,
    secret: undefined,
    keyHash: undefined,
  }
  const received: DeviceSignal[] = []
  const heard: number[] = []
  /** Was this tone heard for so long, up to now? */
  const tones = (hz: number, ms: number) =>
    Array.from({ length: Math.floor(heard.length / 160) }, (_, i) =>
      Int16Array.from(heard.slice(i * 160, i * 160 + 160)),
    )
      .map((frame) => loudness(frame) > 500 && power(frame, hz) > 0.8)
      .filter(Boolean).length >=
    ms / 20
  let told = true
  running.hearPanels(['+8657112345678'], {
    holder: async () => undefined,
    holds: () => false,
    isInCall: async () => false,
    device: async (_, account) => (account === device.account ? device : undefined),
    async receive(_, signal) {
      told = tones(1_400, 500)
      received.push(signal)
      return { alarmId: '', incidentId: null, duplicate: false, notes: [] }
    },
    noted: async () => true,
    isOfNow: async () => true,
    heard: () => {},
    strange: async () => {},
  })
  const before = events.length
  const call = await peer.dial('+8613800000002', '+8657112345678')
  call.stream?.on('message', (data) => {
    const message = JSON.parse(String(data)) as { event: string; media?: { payload: string } }
    if (message.event === 'media') heard.push(...fromMuLaw(Buffer.from(message.media?.payload ?? '', 'base64')))
  })
  const unit = twilioTelephone(call, 440)
  await expect.poll(() => tones(1_400, 80) && tones(2_300, 80), wait).toBe(true)
  for (const key of writeLine({ account: '4711', data: '1101 01 015' })) unit.press(key)
  await expect.poll(() => tones(1_400, 800), wait).toBe(true)
  expect([told, received.map(({ said }) => said)]).toEqual([false, ['CID 1101 01 015']])
  await expect.poll(() => events.slice(before).map(({ type }) => type), wait).toEqual(['arrived', 'leg-up'])
  expect(events[before]).toMatchObject({ party: { kind: 'kiosk', deviceId: device.id } })
  await peer.end(call, 'completed')
})
