import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { RtpHeader, SrtpSession, RtpPacket as WeriftPacket } from 'werift'
import { type Core, createCore } from '../../telephony/media/core.ts'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import type { MediaEvent } from '../../telephony/media/protocol.ts'
import { readRecording } from '../../telephony/media/recording.ts'
import { rtpLegs } from '../../telephony/rtp/leg.ts'
import { createOpener, createSealer } from '../../telephony/rtp/srtp.ts'
import { pretendLegs } from '../support/pretend-leg.ts'
import { loudest } from '../support/recorded.ts'
import { type RtpTelephone, rtpTelephone } from '../support/rtp-telephone.ts'
import { loudness, power, tone } from '../support/tones.ts'

let core: Core
let events: MediaEvent[]
let telephones: RtpTelephone[]
const wait = { timeout: 10_000, interval: 20 }
const settings = { legsMax: 60, iceServers: [], publicAddresses: [], portRange: null }

beforeEach(() => {
  events = []
  telephones = []
  core = createCore({
    settings,
    emit: (event) => events.push(event),
    ways: { ...pretendLegs().ways, rtp: rtpLegs(settings) },
    fault: () => {},
  })
})
afterEach(async () => {
  await core.stop()
  await Promise.all(telephones.map((telephone) => telephone.close()))
})

async function telephone(what: Parameters<typeof rtpTelephone>[0]): Promise<RtpTelephone> {
  const made = await rtpTelephone(what)
  telephones.push(made)
  return made
}
async function open(legId: string, sdp: string): Promise<string> {
  const answer = await core.carryOut({ do: 'open-rtp', legId, sdp })
  if (!('sdp' in answer) || !answer.sdp) throw new Error(JSON.stringify(answer))
  return answer.sdp
}
async function dial(legId: string, what: Parameters<typeof rtpTelephone>[0]): Promise<RtpTelephone> {
  const made = await telephone(what)
  made.follow(await open(legId, made.offer()))
  made.talk()
  await up(legId)
  return made
}
const up = (legId: string) =>
  expect.poll(() => events.some((event) => event.event === 'leg-up' && event.legId === legId), wait).toBe(true)
const bridge = (...legIds: string[]) => core.carryOut({ do: 'bridge', roomId: 'call', legIds })
const hears = (who: RtpTelephone, hz: number) =>
  expect.poll(() => power(who.recent(300), hz), wait).toBeGreaterThan(0.9)
const keys = () => events.flatMap((event) => (event.event === 'dtmf' ? [event.key] : []))
const refused = () => core.everySecond().packetsRefused

test('two SIP telephones, one of each law, hear each other, and the recording holds both', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'yihu-rtp-'))
  const caller = await dial('caller', { hz: 440 })
  const other = await dial('other', { hz: 1_000, law: 'A' })
  await bridge('caller', 'other')
  const key = randomBytes(32)
  const to = { recordingId: 'r', file: join(dir, 'r'), keyHex: key.toString('hex'), left: ['caller'] }
  await core.carryOut({ do: 'record', roomId: 'call', to })
  await hears(caller, 1_000)
  await hears(other, 440)
  const before = caller.heard.length
  await expect.poll(() => caller.heard.length - before, wait).toBeGreaterThan(50)
  await core.carryOut({ do: 'record', roomId: 'call', to: null })
  await expect.poll(() => events.some((event) => event.event === 'recorded'), wait).toBe(true)
  const chunks: Buffer[] = []
  for await (const chunk of readRecording(to.file, key)) chunks.push(chunk)
  const sound = Buffer.concat(chunks)
  // A starved machine leaves gaps: what counts is the half second in which most is said.
  const side = (which: number) => loudest(fromMuLaw(sound.filter((_, i) => (i & 1) === which)))
  expect(power(side(0), 440)).toBeGreaterThan(0.9)
  expect(power(side(1), 1_000)).toBeGreaterThan(0.9)
  rmSync(dir, { recursive: true })
})

test('what we send counts on by one, 20 ms each, from one source', async () => {
  const caller = await dial('caller', { hz: 440 })
  await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(caller, 1_000)
  const last = caller.heard.slice(-10)
  for (const [i, packet] of last.slice(1).entries()) {
    expect((packet.sequence - (last[i]?.sequence ?? 0) + 0x10000) % 0x10000).toBe(1)
    expect((packet.timestamp - (last[i]?.timestamp ?? 0) + 2 ** 32) % 2 ** 32).toBe(160)
    expect(packet.ssrc).toBe(last[0]?.ssrc)
    expect(packet.payload).toHaveLength(160)
  }
})

test('a key by telephone event arrives once, and a key of ours arrives at the telephone', async () => {
  const caller = await dial('caller', { hz: 440, eventType: 97 })
  caller.press(5)
  await expect.poll(keys, wait).toEqual(['5'])
  caller.press(11)
  await expect.poll(keys, wait).toEqual(['5', '#'])
  expect(await core.carryOut({ do: 'keys', legId: 'caller', keys: '12*' })).toEqual({ ok: true })
  const pressed = () => caller.heard.filter(({ payloadType }) => payloadType === 97)
  await expect.poll(() => pressed().length, wait).toBe(27)
  expect([...new Set(pressed().map(({ timestamp }) => timestamp))]).toHaveLength(3)
  expect([...new Set(pressed().map(({ payload }) => payload[0]))]).toEqual([1, 2, 10])
  expect(pressed().filter(({ marker }) => marker)).toHaveLength(3)
  expect(pressed().filter(({ payload }) => ((payload[1] ?? 0) & 0x80) !== 0)).toHaveLength(9)
  expect(await core.carryOut({ do: 'keys', legId: 'caller', keys: 'x' })).toEqual({ refused: 'no-keys' })
})

test('keys come as tones where the gateway knows no telephone events, and only there', async () => {
  for (const [legId, eventType, expected] of [
    ['analogue', null, ['7']],
    ['digital', 101, ['7', '1']],
  ] as const) {
    const caller = await dial(legId, { hz: 440, eventType })
    caller.hush()
    const seven = tone(852, 100, 5_000).map((sample, i) => sample + (tone(1_209, 100, 5_000)[i] ?? 0))
    const codes = toMuLaw(seven)
    const before = performance.now()
    for (let i = 0; i < 5; i++) {
      await expect.poll(() => performance.now() - before, { interval: 2 }).toBeGreaterThan(i * 20)
      caller.send(0, codes.subarray(i * 160, i * 160 + 160), false, 9_000_000 + i * 160)
    }
    caller.talk()
    if (eventType) caller.press(1) // after the tones, so that they have had their time
    await expect.poll(keys, wait).toEqual(expected)
  }
})

test('who sends nothing before they hear something is up after 300 ms', async () => {
  const quiet = await telephone({ hz: 440 })
  quiet.follow(await open('quiet', quiet.offer()))
  await up('quiet')
  await expect.poll(() => quiet.heard.length, wait).toBeGreaterThan(0)
})

test('our offer is answered, and only then is the leg up', async () => {
  const called = await telephone({ hz: 440, law: 'A' })
  const offer = await core.carryOut({ do: 'offer-rtp', legId: 'called', secure: false, at: '127.0.0.1' })
  if (!('sdp' in offer) || !offer.sdp) throw new Error(JSON.stringify(offer))
  expect(offer.sdp).toMatch(/m=audio \d+ RTP\/AVP 0 8 101/)
  called.follow(offer.sdp)
  called.talk()
  await dial('other', { hz: 1_000 })
  expect(events.some((event) => event.event === 'leg-up' && event.legId === 'called')).toBe(false)
  expect(await core.carryOut({ do: 'accept-rtp', legId: 'called', sdp: 'v=0\r\n' })).toEqual({ refused: 'bad-sdp' })
  expect(await core.carryOut({ do: 'accept-rtp', legId: 'called', sdp: called.offer() })).toEqual({ ok: true })
  await up('called')
  await bridge('called', 'other')
  await hears(called, 1_000)
})

test('a stranger who finds the port is neither heard nor sent to; the telephone goes on', async () => {
  const caller = await dial('caller', { hz: 440 })
  const other = await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(other, 440)
  const stranger = await telephone({ hz: 2_000 })
  stranger.aim(caller.far().port)
  refused()
  stranger.talk()
  await expect.poll(refused, { ...wait, interval: 500 }).toBeGreaterThan(20)
  expect(power(other.recent(300), 440)).toBeGreaterThan(0.9)
  expect(stranger.heard).toHaveLength(0)
})

test('a telephone behind a NAT is answered where it sends from', async () => {
  const caller = await telephone({ hz: 440 })
  const elsewhere = await telephone({ hz: 700 })
  caller.follow(await open('caller', elsewhere.offer()))
  caller.talk()
  await up('caller')
  await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(caller, 1_000)
})

test('a telephone whose sender begins anew is heard at once', async () => {
  const caller = await dial('caller', { hz: 440 })
  const other = await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(other, 440)
  caller.renew()
  const before = other.heard.length
  await expect.poll(() => other.heard.length - before, wait).toBeGreaterThan(30)
  expect(power(other.recent(300), 440)).toBeGreaterThan(0.9)
})

test('on hold nothing is sent where none is wanted; taken back, both hear each other at the same port', async () => {
  const caller = await dial('caller', { hz: 440 })
  const other = await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(caller, 1_000)
  const port = caller.far().port
  for (const [change, direction] of [
    [{ direction: 'sendonly' }, 'recvonly'],
    [{ direction: 'inactive' }, 'inactive'],
    [{ connection: 'IN IP4 0.0.0.0' }, 'recvonly'],
  ] as const) {
    const held = await open('caller', caller.offer(change))
    expect(held).toContain(`a=${direction}\r\n`)
    caller.follow(held)
    expect(caller.far().port).toBe(port)
    const before = caller.heard.length
    const others = other.heard.length
    await expect.poll(() => other.heard.length - others, wait).toBeGreaterThan(20)
    expect(caller.heard.length - before).toBeLessThan(3)
    caller.follow(await open('caller', caller.offer()))
    await expect.poll(() => caller.heard.length - before, wait).toBeGreaterThan(20)
  }
  await hears(caller, 1_000)
  await hears(other, 440)
})

test('over IPv6 as over IPv4', async () => {
  const caller = await dial('caller', { hz: 440, address: '::1' })
  await dial('other', { hz: 1_000 })
  await bridge('caller', 'other')
  await hears(caller, 1_000)
})

for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const)
  test(`sealed by ${suite} both ways; with the wrong key nothing is heard and each packet is counted`, async () => {
    const mine = randomBytes(30)
    let theirs = createOpener(suite, mine) // until the answer says which key
    const sealed = {
      hz: 440,
      seal: createSealer(suite, mine),
      open: (packet: Buffer) => theirs(packet) ?? Buffer.alloc(0),
    }
    const caller = await telephone(sealed)
    const line = `a=crypto:4 ${suite} inline:${mine.toString('base64')}|2^20`
    const answer = await open('caller', caller.offer({ protocol: 'RTP/SAVP', extra: [line] }))
    expect(answer).toMatch(/m=audio \d+ RTP\/SAVP 0 101/)
    const given = new RegExp(`a=crypto:4 ${suite} inline:(\\S+)`).exec(answer)?.[1] ?? ''
    theirs = createOpener(suite, Buffer.from(given, 'base64'))
    caller.follow(answer)
    caller.talk()
    await up('caller')
    const other = await dial('other', { hz: 1_000 })
    await bridge('caller', 'other')
    await hears(caller, 1_000)
    await hears(other, 440)

    const wrong = await telephone({ hz: 700, seal: createSealer(suite, randomBytes(30)) })
    const wrongLine = `a=crypto:1 ${suite} inline:${randomBytes(30).toString('base64')}`
    wrong.follow(await open('wrong', wrong.offer({ protocol: 'RTP/SAVP', extra: [wrongLine] })))
    await bridge('caller', 'wrong')
    refused()
    wrong.talk()
    await expect.poll(refused, { ...wait, interval: 400 }).toBeGreaterThan(15)
    expect(loudness(caller.recent(200))).toBeLessThan(10)
  })

test('a telephone that seals by another make of SRTP (werift) understands us, and we it', async () => {
  const local = randomBytes(30)
  const remote = randomBytes(30)
  const split = (master: Buffer) => [master.subarray(0, 16), master.subarray(16)] as const
  const [localMasterKey, localMasterSalt] = split(local)
  const [remoteMasterKey, remoteMasterSalt] = split(remote)
  const session = new SrtpSession({
    keys: { localMasterKey, localMasterSalt, remoteMasterKey, remoteMasterSalt },
    profile: 1,
  })
  const open = createOpener('AES_CM_128_HMAC_SHA1_80', local)
  const seal = createSealer('AES_CM_128_HMAC_SHA1_80', remote)
  for (let i = 0; i < 70_000; i += 7) {
    const header = new RtpHeader({ payloadType: 0, sequenceNumber: i & 0xffff, timestamp: i * 160, ssrc: 77 })
    const payload = Buffer.from([i & 255, 1, 2, 3])
    const plain = new WeriftPacket(header, payload).serialize()
    expect(open(session.encrypt(payload, header))?.equals(plain)).toBe(true)
    expect(session.decrypt(seal(plain)).subarray(12).equals(payload)).toBe(true)
  }
})

test('forty SIP legs in twenty rooms each hear their own partner', async () => {
  const pairs = await Promise.all(
    Array.from({ length: 20 }, async (_, i) => {
      const pair = [await dial(`a${i}`, { hz: 400 + 50 * (i % 8) }), await dial(`b${i}`, { hz: 1_000 + 50 * (i % 8) })]
      await core.carryOut({ do: 'bridge', roomId: `room${i}`, legIds: [`a${i}`, `b${i}`] })
      return pair as [RtpTelephone, RtpTelephone]
    }),
  )
  for (const [i, [a, b]] of pairs.entries()) {
    await hears(a, 1_000 + 50 * (i % 8))
    await hears(b, 400 + 50 * (i % 8))
  }
  expect(core.everySecond().legs).toBe(40)
})
