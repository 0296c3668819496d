import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Server, type Socket } from 'socket.io'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { operatorLegId, type Party, type PromptKey, type VoiceEvent } from '../../server/contracts/voice.ts'
import { toMuLaw } from '../../telephony/media/g711.ts'
import { type RunningVoice, startVoice } from '../../telephony/switching/voice.ts'
import { relayWebTelephones } from '../../telephony/web/relay.ts'
import type { BrowserLeg } from '../support/browser-leg.ts'
import { loudness, power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'
import { type WebTelephone, webTelephone } from '../support/web-telephone.ts'

const entry = [join(import.meta.dirname, '../../telephony/media-process/main.ts'), '--import', 'tsx']
const dir = mkdtempSync(join(tmpdir(), 'yihu-voice-'))
const wait = { timeout: 12_000, interval: 50 }
let running: RunningVoice
let http: HttpServer
let io: Server
let url = ''
let events: VoiceEvent[] = []
let handler: (event: VoiceEvent) => Promise<void> = async () => {}
let telephones: WebTelephone[] = []
let people = 0

function partyOf(socket: Socket): Party | undefined {
  const { kiosk, phone, operator } = socket.handshake.auth as Record<string, string | undefined>
  if (operator) return { kind: 'operator', accountId: operator }
  if (kiosk) return { kind: 'kiosk', deviceId: kiosk }
  return phone ? { kind: 'phone', number: phone } : undefined
}

beforeAll(async () => {
  writeFileSync(join(dir, 'greeting.wav'), wav({ format: 7, bits: 8, data: toMuLaw(tone(600, 800)) }))
  http = createServer()
  io = new Server(http, { path: '/realtime' })
  running = startVoice({
    entry,
    hostId: 'here',
    io,
    settings: { legsMax: 8, iceServers: [], publicAddresses: ['127.0.0.1'], portRange: null },
    promptFile: (key: PromptKey) => join(dir, `${key}.wav`),
    mayRing: () => true,
    recordingTarget: (id) => ({ file: join(dir, `${id}.rec`), keyHex: '22'.repeat(32) }),
    now: () => new Date(),
    log: { warn: () => {}, info: () => {} },
  })
  running.onEvent(async (event) => {
    events.push(event)
    await handler(event)
  })
  const { switchboard } = running
  relayWebTelephones(io, {
    partyOf,
    exchange: {
      hostFor: async () => 'here',
      ask: (_hostId, { from, signal }) => switchboard.hear(from, signal),
      tellAll: (heard) => void switchboard.note(heard),
    },
    now: () => new Date(),
    log: { warn: () => {}, info: () => {} },
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  await vi.waitFor(() => expect(running.ready()).toBe(true), wait)
})
afterEach(async () => {
  for (const event of events) if (event.type === 'arrived') await running.voice.hangUp(event.legId, 'hung-up')
  await Promise.all(telephones.map((telephone) => telephone.close()))
  telephones = []
  events = []
  handler = async () => {}
})
afterAll(async () => {
  await io.close()
  const pid = running.pid() as number
  await running.stop()
  expect(() => process.kill(pid, 0)).toThrow() // nothing outlives who started it
  rmSync(dir, { recursive: true, force: true })
})

async function open(auth: Record<string, string>): Promise<WebTelephone> {
  const telephone = await webTelephone(url, auth)
  telephones.push(telephone)
  return telephone
}
/** Somebody new each time, so that no test finds the telephone of another. */
const someone = () => `13800${String(++people).padStart(6, '0')}`
const ofType = <T extends VoiceEvent['type']>(type: T) =>
  events.filter((event): event is Extract<VoiceEvent, { type: T }> => event.type === type)
const told = (type: VoiceEvent['type'], legId: string, because?: string) =>
  expect
    .poll(
      () =>
        events.some(
          (e) =>
            e.type === type &&
            'legId' in e &&
            e.legId === legId &&
            (!because || ('because' in e && e.because === because)),
        ),
      wait,
    )
    .toBe(true)
const hears = (browser: BrowserLeg, hz: number) =>
  expect.poll(() => power(browser.heard(300), hz), wait).toBeGreaterThan(0.9)
async function dial(phone = someone(), hz = 440) {
  const telephone = await open({ phone })
  const { reply, browser } = await telephone.offer('voice.dial', { locale: 'en' }, hz)
  return { telephone, browser, reply, legId: reply.legId as string, callId: reply.callId as string }
}
async function sitDown(accountId: string, hz = 1_000) {
  const telephone = await open({ operator: accountId })
  const { reply, browser } = await telephone.offer('voice.open', {}, hz)
  await told('leg-up', operatorLegId(accountId))
  return { telephone, browser, reply, legId: operatorLegId(accountId) }
}
const greeting = { prompts: ['greeting' as PromptKey], locale: 'en' as const, after: 'music' as const, token: 'g' }

test('a call is stored before the caller is told that it is there; then they hear the greeting and music', async () => {
  let commit = () => {}
  handler = (event) =>
    event.type === 'arrived'
      ? new Promise((resolve) => {
          commit = resolve
        })
      : Promise.resolve()
  let answered = false
  const calling = dial().then((call) => {
    answered = true
    return call
  })
  await expect.poll(() => ofType('arrived').length, wait).toBe(1)
  expect(answered).toBe(false)
  commit()
  const { legId, callId, browser, telephone } = await calling
  expect(ofType('arrived')[0]).toMatchObject({ legId, callId, line: 'web', locale: 'en', party: { kind: 'phone' } })
  await told('leg-up', legId)
  await expect.poll(() => telephone.states, wait).toEqual([{ legId, state: 'up' }])
  await running.voice.play(legId, greeting)
  await hears(browser, 600)
  await told('played', legId)
  await expect.poll(() => power(browser.heard(300), 600) < 0.1 && loudness(browser.heard(300)) > 100, wait).toBe(true)
  expect(events.map(({ type }) => type)).toEqual(['arrived', 'leg-up', 'played'])
})

test('a call that cannot be stored is refused to the caller, and their next one is taken', async () => {
  handler = async (event) => {
    if (event.type === 'arrived') throw new Error('no database')
  }
  const phone = someone()
  const { reply, telephone } = await dial(phone)
  expect(reply).toEqual({ refused: 'outage' })
  handler = async () => {}
  const again = await telephone.offer('voice.dial', {}, 440)
  expect(again.reply.callId).toBeTruthy()
})

test('an operator and a caller talk and are recorded; an operator who hangs up the caller ends only that leg', async () => {
  const operator = await sitDown('ana')
  const caller = await dial()
  await told('leg-up', caller.legId)
  await running.voice.bridge(caller.callId, [caller.legId, operator.legId])
  await running.voice.record(caller.callId, { recordingId: 'rec-1', left: [caller.legId] })
  await hears(caller.browser, 1_000)
  await hears(operator.browser, 440)
  await running.voice.hangUp(caller.legId, 'hung-up')
  await told('leg-down', caller.legId, 'hung-up')
  const over = { legId: caller.legId, state: 'ended', because: 'hung-up' }
  await expect.poll(() => caller.telephone.states.at(-1), wait).toEqual(over)
  await running.voice.bridge(caller.callId, [])
  await expect.poll(() => ofType('recorded')[0]?.durationMs ?? 0, wait).toBeGreaterThan(200)
  expect(ofType('leg-down')).toHaveLength(1)
})

test('a kiosk is rung, picks up and talks; its line is up like any other', async () => {
  const kiosk = await open({ kiosk: 'kiosk-1' })
  const to = { kiosk: 'kiosk-1' }
  expect(await running.voice.reaches(to)).toBe(true)
  expect(await running.voice.place({ callId: 'call-1', legId: 'leg-1', to })).toBe('ringing')
  expect(await running.voice.place({ callId: 'call-1', legId: 'leg-1', to })).toBe('ringing') // ordered twice
  await expect.poll(() => kiosk.rings.length, wait).toBe(2)
  expect(await running.voice.reaches(to)).toBe(false)
  const { reply } = await kiosk.offer('voice.answer', { legId: 'leg-1' }, 440)
  expect(reply).toMatchObject({ callId: 'call-1', legId: 'leg-1' })
  await told('leg-up', 'leg-1')
  await kiosk.say('voice.hang-up', { legId: 'leg-1' })
  await told('leg-down', 'leg-1', 'hung-up')
  expect(await running.voice.reaches(to)).toBe(true)
})

test('who is rung may decline; who is not there cannot be reached', async () => {
  const phone = someone()
  const to = { phone }
  expect(await running.voice.reaches(to)).toBe(false)
  expect(await running.voice.place({ callId: 'call-2', legId: 'leg-2', to })).toBe('unreachable')
  const telephone = await open({ phone })
  await running.voice.place({ callId: 'call-2', legId: 'leg-2', to })
  expect(await telephone.say('voice.hang-up', { legId: 'leg-2' })).toEqual({ ok: true })
  await told('leg-down', 'leg-2', 'declined')
})

test('a telephone that is opened while it rings rings there too, and the one that did not answer stops', async () => {
  const phone = someone()
  const first = await open({ phone })
  await running.voice.place({ callId: 'call-3', legId: 'leg-3', to: { phone } })
  const second = await open({ phone })
  await expect.poll(() => second.rings.length, wait).toBe(1)
  await second.offer('voice.answer', { legId: 'leg-3' }, 440)
  await expect.poll(() => first.states.at(-1)?.state, wait).toBe('ended')
  await told('leg-up', 'leg-3')
  await running.voice.hangUp('leg-3', 'hung-up')
})

test('ringing ends when the server says so', async () => {
  const phone = someone()
  const telephone = await open({ phone })
  await running.voice.place({ callId: 'call-4', legId: 'leg-4', to: { phone } })
  await running.voice.hangUp('leg-4', 'no-answer')
  await told('leg-down', 'leg-4', 'no-answer')
  await expect
    .poll(() => telephone.states.at(-1), wait)
    .toEqual({ legId: 'leg-4', state: 'ended', because: 'no-answer' })
})

test('a second tab of an operator takes the line over, and closing the first one changes nothing', async () => {
  const first = await sitDown('ben', 1_000)
  const second = await sitDown('ben', 2_000)
  await expect.poll(() => first.telephone.states.at(-1)?.state, wait).toBe('replaced')
  await first.telephone.close()
  expect(await second.telephone.say('voice.echo', { on: true })).toEqual({ ok: true })
  await hears(second.browser, 2_000)
  expect(ofType('leg-down')).toEqual([])
})

test('an operator whose window is gone is lost at once', async () => {
  const { telephone, legId } = await sitDown('cai')
  await telephone.close()
  await told('leg-down', legId, 'lost')
})

test('a caller whose page reloads is back on the same leg, hearing what they heard', async () => {
  const phone = someone()
  const { telephone, legId } = await dial(phone)
  await told('leg-up', legId)
  await running.voice.play(legId, { ...greeting, prompts: [] })
  await telephone.close()
  const again = await open({ phone })
  await expect.poll(() => again.states.at(-1), wait).toEqual({ legId, state: 'lost' })
  const { reply, browser } = await again.offer('voice.redial', { legId }, 440)
  expect(reply).toMatchObject({ legId })
  await expect.poll(() => loudness(browser.heard(300)), wait).toBeGreaterThan(100)
  expect(ofType('leg-down')).toEqual([])
})

test('a caller who does not come back in five seconds is lost', async () => {
  const { telephone, legId } = await dial()
  await told('leg-up', legId)
  await telephone.close()
  await told('leg-down', legId, 'lost')
})

test('one telephone has one call, dials ten times a minute at most, and cannot do what is not its own', async () => {
  const phone = someone()
  const { telephone, legId, reply } = await dial(phone)
  expect(reply.callId).toBeTruthy()
  expect((await telephone.offer('voice.dial', {}, 440)).reply).toEqual({ refused: 'busy' })
  const stranger = await open({ phone: someone() })
  expect(await stranger.say('voice.hang-up', { legId })).toEqual({ refused: 'bad-request' })
  expect((await stranger.offer('voice.redial', { legId }, 440)).reply).toEqual({ refused: 'bad-request' })
  expect((await stranger.offer('voice.open', {}, 440)).reply).toEqual({ refused: 'bad-request' })
  expect(await stranger.say('voice.dial', { sdp: 5 })).toEqual({ refused: 'bad-request' })
  expect(await stranger.say('voice.dial')).toEqual({ refused: 'bad-request' })
  expect(await (await open({})).say('voice.echo', { on: true })).toEqual({ refused: 'bad-request' })
  const offer = 'v=0 and nothing else'
  for (let i = 0; i < 8; i++) expect(await telephone.say('voice.dial', { sdp: offer })).toEqual({ refused: 'busy' })
  expect(await telephone.say('voice.dial', { sdp: offer })).toEqual({ refused: 'too-many-requests' })
})

test('an offer that makes no sense is refused and costs the caller nothing', async () => {
  const telephone = await open({ phone: someone() })
  expect(await telephone.say('voice.dial', { sdp: 'v=0 and nothing else' })).toEqual({ refused: 'bad-sdp' })
  expect((await telephone.offer('voice.dial', {}, 440)).reply.callId).toBeTruthy()
})

test('a prompt that nobody recorded does not stop the line', async () => {
  const { legId, browser } = await dial()
  await told('leg-up', legId)
  await running.voice.play(legId, { ...greeting, prompts: ['wait'] })
  await told('played', legId)
  await expect.poll(() => loudness(browser.heard(300)), wait).toBeGreaterThan(100)
})

test('an event that could not be handled comes again, and those after it wait for it', async () => {
  let faults = 2
  const handled: string[] = []
  handler = async (event) => {
    if (event.type === 'leg-up' && faults-- > 0) throw new Error('database restarting')
    handled.push(event.type)
  }
  const { legId, telephone } = await dial()
  await expect.poll(() => ofType('leg-up').length, wait).toBeGreaterThan(0)
  await telephone.say('voice.hang-up', { legId })
  await expect.poll(() => handled, wait).toEqual(['arrived', 'leg-up', 'leg-down'])
})

test('when the media process is killed every leg is down, telephones are told, and operators open theirs again', async () => {
  const operator = await sitDown('dan')
  const caller = await dial()
  await told('leg-up', caller.legId)
  const pid = running.pid() as number
  process.kill(pid, 'SIGKILL')
  await told('leg-down', caller.legId, 'media-lost')
  await told('leg-down', operator.legId, 'media-lost')
  await expect
    .poll(() => [caller.telephone.states.at(-1), operator.telephone.states.at(-1)], wait)
    .toEqual([
      { legId: caller.legId, state: 'ended', because: 'media-lost' },
      { legId: operator.legId, state: 'lost', because: 'media-lost' },
    ])
  events = []
  await operator.telephone.offer('voice.open', {}, 1_000)
  await told('leg-up', operator.legId)
  expect(running.pid()).not.toBe(pid)
})
