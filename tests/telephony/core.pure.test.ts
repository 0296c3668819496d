import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Core, createCore } from '../../telephony/media/core.ts'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import type { MediaAnswer, MediaEvent } from '../../telephony/media/protocol.ts'
import { readRecording } from '../../telephony/media/recording.ts'
import { type PretendLeg, pretendLegs } from '../support/pretend-leg.ts'
import { power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'

let core: Core
let legs: PretendLeg[]
let events: MediaEvent[]
let dir: string
let prompt: string

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'] })
  dir = mkdtempSync(join(tmpdir(), 'yihu-core-'))
  prompt = join(dir, 'greeting.wav')
  writeFileSync(prompt, wav({ format: 7, bits: 8, data: toMuLaw(tone(600, 400)) }))
  const pretend = pretendLegs()
  legs = pretend.legs
  events = []
  core = createCore({
    settings: { legsMax: 3, iceServers: [], publicAddresses: [], portRange: null },
    emit: (event) => events.push(event),
    ways: pretend.ways,
    fault: () => {},
  })
})
afterEach(async () => {
  await core.stop()
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

const open = (legId: string, hz: number) => core.carryOut({ do: 'open-web', legId, sdp: String(hz) })
const bridge = (...legIds: string[]) => core.carryOut({ do: 'bridge', roomId: 'call', legIds })
function play(
  legId: string,
  after: 'music' | 'silence' | 'hang-up',
  token = 't',
  files = [prompt],
): Promise<MediaAnswer> {
  return core.carryOut({ do: 'play', legId, files, token, after })
}
/** So much time passes, in which the telephones that talk send a packet every 20 ms. */
function pass(ms: number, talking: PretendLeg[] = legs) {
  for (let at = 0; at < ms; at += 20) {
    for (const leg of talking) leg.say()
    vi.advanceTimersByTime(20)
  }
}
/** What this telephone was sent last. */
const heard = (leg: PretendLeg | undefined, frames = 10) =>
  fromMuLaw(new Uint8Array((leg?.sent.slice(-frames) ?? []).flatMap((frame) => [...frame])))
async function up(legId: string, hz: number): Promise<PretendLeg> {
  await open(legId, hz)
  const leg = legs.at(-1) as PretendLeg
  leg.events.up()
  return leg
}

test('two legs that are bridged hear each other', async () => {
  const caller = await up('caller', 440)
  const operator = await up('operator', 1_000)
  await bridge('caller', 'operator')
  pass(500)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
  expect(power(heard(operator), 440)).toBeGreaterThan(0.95)
})

test('a supervisor who listens is heard by nobody; one who coaches by the operator alone; the recording has neither', async () => {
  const caller = await up('caller', 440)
  const operator = await up('operator', 1_000)
  const supervisor = await up('supervisor', 2_000)
  const key = Buffer.alloc(32, 1)
  const to = { recordingId: 'r', file: join(dir, 'r'), keyHex: key.toString('hex'), left: ['caller'] }
  const room = (only?: Record<string, string[]>) =>
    core.carryOut({
      do: 'bridge',
      roomId: 'call',
      legIds: ['caller', 'operator', 'supervisor'],
      ...(only && { only }),
    })
  await room({ supervisor: [] })
  await core.carryOut({ do: 'record', roomId: 'call', to })
  pass(400)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
  expect(power(heard(operator), 440)).toBeGreaterThan(0.95)
  expect(power(heard(supervisor), 440)).toBeGreaterThan(0.45)
  expect(power(heard(supervisor), 1_000)).toBeGreaterThan(0.45)

  await room({ supervisor: ['operator'] })
  pass(400)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
  expect(power(heard(operator), 440)).toBeGreaterThan(0.45)
  expect(power(heard(operator), 2_000)).toBeGreaterThan(0.45)
  await core.carryOut({ do: 'record', roomId: 'call', to: null })
  vi.useRealTimers()
  await expect.poll(() => events.some((event) => event.event === 'recorded')).toBe(true)
  const chunks: Buffer[] = []
  for await (const chunk of readRecording(to.file, key)) chunks.push(chunk)
  const sound = Buffer.concat(chunks)
  const side = (which: number) => fromMuLaw(sound.filter((_, i) => (i & 1) === which)).slice(-2_000)
  expect(power(side(0), 440)).toBeGreaterThan(0.95)
  expect(power(side(1), 1_000)).toBeGreaterThan(0.95)
})

test('a supervisor who joins is heard by both', async () => {
  const caller = await up('caller', 440)
  await up('operator', 1_000)
  const supervisor = await up('supervisor', 2_000)
  const legIds = ['caller', 'operator', 'supervisor']
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds, only: { supervisor: [] } })
  pass(200)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds })
  pass(400)
  expect(power(heard(caller), 2_000)).toBeGreaterThan(0.45)
  expect(power(heard(supervisor), 440)).toBeGreaterThan(0.45)
})

test('on hold the caller hears music and the operator nothing; bridged again they hear each other', async () => {
  const caller = await up('caller', 440)
  const operator = await up('operator', 1_000)
  await bridge('caller', 'operator')
  pass(300)
  await play('caller', 'music', 'hold', [])
  pass(400)
  expect(power(heard(caller), 1_000)).toBeLessThan(0.05)
  expect(heard(caller).some((sample) => Math.abs(sample) > 100)).toBe(true)
  expect(heard(operator, 1).every((sample) => sample === 0)).toBe(true)
  await bridge('caller', 'operator')
  pass(400)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
})

test('a prompt that is ordered twice is heard once, and its end is told', async () => {
  const caller = await up('caller', 440)
  await play('caller', 'silence')
  pass(200)
  await play('caller', 'silence')
  pass(260)
  expect(events.filter(({ event }) => event === 'played')).toEqual([{ event: 'played', legId: 'caller', token: 't' }])
  expect(caller.sent.filter((frame) => power(fromMuLaw(frame), 600) > 0.9)).toHaveLength(20)
})

test('whoever asks for a prompt again after its end is told again that it ended, and nobody hears it twice', async () => {
  const caller = await up('caller', 440)
  await play('caller', 'silence')
  pass(600)
  await play('caller', 'silence')
  pass(600)
  expect(events.filter(({ event }) => event === 'played')).toHaveLength(2)
  expect(caller.sent.filter((frame) => power(fromMuLaw(frame), 600) > 0.9)).toHaveLength(20)
})

test('a bridge stops the prompt, and its end is never told', async () => {
  const caller = await up('caller', 440)
  await up('operator', 1_000)
  await play('caller', 'music')
  pass(100)
  await bridge('caller', 'operator')
  pass(1_000)
  expect(events.filter(({ event }) => event === 'played')).toEqual([])
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
})

test('a bridge that overtakes a prompt whose file is still being read wins', async () => {
  const caller = await up('caller', 440)
  await up('operator', 1_000)
  const playing = play('caller', 'music')
  await bridge('caller', 'operator')
  expect(await playing).toEqual({ ok: true })
  pass(600)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
})

test('a prompt waits until the caller is there, and after the last word the line ends', async () => {
  await open('caller', 440)
  await play('caller', 'hang-up')
  pass(1_000)
  expect(events).toEqual([])
  legs[0]?.events.up()
  pass(1_000)
  expect(legs[0]?.sent.filter((frame) => power(fromMuLaw(frame), 600) > 0.9)).toHaveLength(20)
  expect(events.map(({ event }) => event)).toEqual(['leg-up', 'played', 'leg-down'])
  expect(events.at(-1)).toEqual({ event: 'leg-down', legId: 'caller', because: 'hung-up' })
  expect(legs[0]?.closed).toBe(true)
})

test('a leg that is named in a room before it is up joins when it comes', async () => {
  const caller = await up('caller', 440)
  await bridge('caller', 'operator')
  pass(200)
  await up('operator', 1_000)
  pass(400)
  expect(power(heard(caller), 1_000)).toBeGreaterThan(0.95)
})

test('two seconds without a packet are a lost leg; opened again it is back in its room', async () => {
  const caller = await up('caller', 440)
  const operator = await up('operator', 1_000)
  await bridge('caller', 'operator')
  pass(300)
  pass(2_100, [operator])
  expect(events.at(-1)).toEqual({ event: 'leg-down', legId: 'caller', because: 'lost' })
  expect(caller.closed).toBe(true)
  const again = await up('caller', 700)
  expect(events.at(-1)).toEqual({ event: 'leg-up', legId: 'caller' })
  pass(400)
  expect(power(heard(operator), 700)).toBeGreaterThan(0.95)
  expect(power(heard(again), 1_000)).toBeGreaterThan(0.95)
})

test('a prompt stops where the line broke and goes on there', async () => {
  const first = await up('caller', 440)
  await play('caller', 'silence')
  pass(200)
  first.events.down('lost')
  pass(1_000, [])
  expect(events.some(({ event }) => event === 'played')).toBe(false)
  const again = await up('caller', 440)
  pass(600)
  const prompts = (leg: PretendLeg) => leg.sent.filter((frame) => power(fromMuLaw(frame), 600) > 0.9).length
  expect(prompts(first) + prompts(again)).toBe(20)
  expect(events.at(-1)).toMatchObject({ event: 'played' })
})

test('what a replaced connection still says is not heeded', async () => {
  const first = await up('operator', 440)
  await up('operator', 1_000)
  const before = events.length
  first.events.down('lost')
  first.events.key('5')
  expect(first.closed).toBe(true)
  expect(events).toHaveLength(before)
})

test('a connection that does not come about in fifteen seconds is lost', async () => {
  await open('caller', 440)
  pass(15_100, [])
  expect(events).toEqual([{ event: 'leg-down', legId: 'caller', because: 'lost' }])
})

test('one more leg than there is room for is refused, but whoever was here comes back', async () => {
  for (const legId of ['a', 'b', 'c']) expect(await open(legId, 440)).toMatchObject({ ok: true })
  expect(await open('d', 440)).toEqual({ refused: 'overloaded' })
  expect(await open('c', 440)).toMatchObject({ ok: true })
  await core.carryOut({ do: 'close-leg', legId: 'a' })
  expect(await open('d', 440)).toMatchObject({ ok: true })
})

test('one slow second refuses nobody; three in a row refuse newcomers, until the clock keeps time again', async () => {
  await up('a', 440)
  const now = performance.now.bind(performance)
  let stallMs = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now() + stallMs)
  const second = (late: boolean) => {
    pass(900)
    if (late) stallMs += 100
    pass(100)
    core.everySecond()
  }
  second(true)
  second(false)
  second(true)
  second(true)
  expect(await open('b', 440)).toMatchObject({ ok: true })
  second(true)
  expect(await open('c', 440)).toEqual({ refused: 'overloaded' })
  expect(await open('b', 440)).toMatchObject({ ok: true })
  second(false)
  expect(await open('c', 440)).toMatchObject({ ok: true })
})

test('an offer that cannot be understood leaves nothing behind', async () => {
  expect(await core.carryOut({ do: 'open-web', legId: 'a', sdp: 'nonsense' })).toEqual({ refused: 'bad-sdp' })
  expect(core.everySecond().legs).toBe(0)
})

test('an offer that cannot be understood does not cost the line that works', async () => {
  const caller = await up('caller', 440)
  expect(await core.carryOut({ do: 'open-web', legId: 'caller', sdp: 'nonsense' })).toEqual({ refused: 'bad-sdp' })
  expect(caller.closed).toBe(false)
  await core.carryOut({ do: 'echo', legId: 'caller', on: true })
  pass(1_500, [caller])
  expect(power(heard(caller), 440)).toBeGreaterThan(0.95)
})

test('of two offers under one name the later one is connected', async () => {
  const [first, second] = await Promise.all([open('caller', 440), open('caller', 700)])
  expect(first).toEqual({ refused: 'no-such-leg' })
  expect(second).toMatchObject({ ok: true })
  expect(legs.map((leg) => leg.closed)).toEqual([true, false])
})

test('a leg that is closed while its offer is being answered is not connected', async () => {
  const opening = open('caller', 440)
  await core.carryOut({ do: 'close-leg', legId: 'caller' })
  expect(await opening).toEqual({ refused: 'no-such-leg' })
  expect(legs[0]?.closed).toBe(true)
})

test('orders about a leg that is gone or a file that is missing are refused by name', async () => {
  expect(await play('nobody', 'music')).toEqual({ refused: 'no-such-leg' })
  expect(await core.carryOut({ do: 'echo', legId: 'nobody', on: true })).toEqual({ refused: 'no-such-leg' })
  await up('caller', 440)
  expect(await play('caller', 'music', 't', [join(dir, 'missing.wav')])).toEqual({ refused: 'no-such-file' })
})

test('in the self-test an operator hears their own voice, and a bridge ends it', async () => {
  const operator = await up('operator', 1_000)
  await core.carryOut({ do: 'echo', legId: 'operator', on: true })
  pass(1_500)
  expect(power(heard(operator), 1_000)).toBeGreaterThan(0.95)
  await bridge('operator')
  pass(300)
  expect(heard(operator, 1).every((sample) => sample === 0)).toBe(true)
})

test('a recording that is stopped and begun again at once is one file, and nothing of it is lost when we stop', async () => {
  await up('caller', 440)
  await up('operator', 1_000)
  await bridge('caller', 'operator')
  const file = join(dir, 'one.rec')
  const to = { recordingId: 'r', file, keyHex: '33'.repeat(32), left: ['caller'] }
  await core.carryOut({ do: 'record', roomId: 'call', to })
  pass(1_500)
  await core.carryOut({ do: 'record', roomId: 'call', to: null })
  await core.carryOut({ do: 'record', roomId: 'call', to })
  pass(500)
  await bridge()
  await core.stop()
  expect(events.filter(({ event }) => event === 'recorded')).toMatchObject([
    { durationMs: 1_500 },
    { durationMs: 2_000 },
  ])
  let bytes = 0
  for await (const chunk of readRecording(file, Buffer.alloc(32, 0x33))) bytes += chunk.length
  expect(bytes).toBe(32_000)
})

test('a message ends when its caller falls silent, and not once an operator has come into the call', async () => {
  await up('caller', 0)
  await bridge('caller')
  const key = '55'.repeat(32)
  const to = (recordingId: string) => ({ recordingId, file: join(dir, recordingId), keyHex: key, left: ['caller'] })
  const ended = () => events.filter(({ event }) => event === 'recorded')
  await core.carryOut({ do: 'record', roomId: 'call', to: { ...to('message'), silentMsMax: 1_000 } })
  pass(900)
  // Answered: the same recording goes on as that of a conversation, in which the caller may listen for long.
  await up('operator', 1_000)
  await bridge('caller', 'operator')
  await core.carryOut({ do: 'record', roomId: 'call', to: to('message') })
  pass(3_000)
  await core.carryOut({ do: 'record', roomId: 'call', to: null })
  await expect.poll(ended).toMatchObject([{ recordingId: 'message', durationMs: 3_900 }])
  await bridge('caller')
  await core.carryOut({ do: 'record', roomId: 'call', to: { ...to('another'), silentMsMax: 1_000 } })
  pass(1_100)
  await expect.poll(ended).toMatchObject([{ recordingId: 'message' }, { recordingId: 'another', durationMs: 0 }])
})
