import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Core, createCore } from '../../../telephony/media/core.ts'
import type { MediaEvent } from '../../../telephony/media/protocol.ts'
import { openRtpLeg } from '../../../telephony/rtp/leg.ts'
import { readSdp, writeSdp } from '../../../telephony/rtp/sdp.ts'
import { newKey, sealWith } from '../../../telephony/rtp/srtp.ts'
import { type RtpPeer, rtpPeer } from '../../support/rtp-peer.ts'
import { power } from '../../support/tones.ts'

const settings = { legsMax: 60, iceServers: [], publicAddresses: [], portRange: null, rtpAddress: '127.0.0.1' }
let core: Core
let events: MediaEvent[]
let peers: RtpPeer[]
beforeEach(() => {
  events = []
  peers = []
  core = createCore({
    settings,
    emit: (event) => events.push(event),
    openWeb: () => {
      throw new Error('no browser here')
    },
    expectStream: () => {
      throw new Error('no stream here')
    },
    openRtp: (how, told) => openRtpLeg(settings, told, how),
    fault: () => {},
  })
})
afterEach(async () => {
  for (const peer of peers) peer.close()
  await core.stop()
})

const telephone = async (law: 'mu' | 'A' = 'mu', seal?: Parameters<typeof rtpPeer>[1]) => {
  const peer = await rtpPeer(law, seal)
  peers.push(peer)
  return peer
}
const offerOf = (port: number, more: Partial<Parameters<typeof writeSdp>[0]> = {}) =>
  writeSdp({
    address: '127.0.0.1',
    port,
    laws: ['mu'],
    eventType: 101,
    direction: 'sendrecv',
    crypto: undefined,
    version: 1,
    sessionId: 1,
    ...more,
  })
/** A telephone calls in; where we hear it. */
const calls = async (legId: string, offer: string): Promise<number> => {
  const answer = await core.carryOut({ do: 'open-rtp', legId, sdp: offer })
  if (!('ok' in answer) || !answer.sdp) throw new Error(JSON.stringify(answer))
  return readSdp(answer.sdp)?.port as number
}
const told = (event: string) => events.filter((one) => one.event === event)
const hears = (peer: RtpPeer, hz: number) =>
  expect.poll(() => power(peer.heard(), hz), { timeout: 5_000 }).toBeGreaterThan(0.7)

test('two telephones hear each other, one of them in the other law', async () => {
  const [one, two] = [await telephone(), await telephone('A')]
  one.talk(await calls('one', offerOf(one.port())), 1_250)
  two.talk(await calls('two', offerOf(two.port(), { laws: ['A', 'mu'] })), 1_750)
  await expect.poll(() => told('leg-up').length).toBe(2)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['one', 'two'] })
  await hears(one, 1_750)
  await hears(two, 1_250)
})

test('keys are heard, as events of the number that they offered and as tones', async () => {
  const { dtmfFrames } = await import('../../support/dtmf.ts')
  const [events101, tones] = [await telephone(), await telephone()]
  const to = await calls('events', offerOf(events101.port(), { eventType: 96 }))
  events101.key(to, 96, 5)
  const port = await calls('tones', offerOf(tones.port(), { eventType: undefined }))
  for (const frame of dtmfFrames('7#')) {
    tones.frame(port, frame)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  await expect
    .poll(() => told('dtmf'))
    .toEqual([
      { event: 'dtmf', legId: 'events', key: '5' },
      { event: 'dtmf', legId: 'tones', key: '7' },
      { event: 'dtmf', legId: 'tones', key: '#' },
    ])
})

test('we press keys towards them, each ended three times', async () => {
  const [one, two] = [await telephone(), await telephone()]
  one.talk(await calls('one', offerOf(one.port())), 1_250)
  two.talk(await calls('two', offerOf(two.port())), 1_750)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['one', 'two'] })
  await hears(one, 1_750)
  await core.carryOut({ do: 'keys', legId: 'one', keys: '3#' })
  const ends = () => one.got.filter(({ type, payload }) => type === 101 && ((payload[1] as number) & 0x80) !== 0)
  await expect.poll(() => ends().map(({ payload }) => payload[0])).toEqual([3, 3, 3, 11, 11, 11])
})

test('on hold they hear nothing, and off hold they are heard over the same connection', async () => {
  const [one, two] = [await telephone(), await telephone()]
  const to = await calls('one', offerOf(one.port()))
  one.talk(to, 1_250)
  two.talk(await calls('two', offerOf(two.port())), 1_750)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['one', 'two'] })
  await hears(one, 1_750)
  const held = await core.carryOut({
    do: 'open-rtp',
    legId: 'one',
    sdp: offerOf(one.port(), { direction: 'sendonly', version: 2 }),
  })
  expect('sdp' in held && readSdp(held.sdp as string)).toMatchObject({ direction: 'recvonly', port: to })
  await expect
    .poll(async () => {
      const before = one.got.length
      await new Promise((resolve) => setTimeout(resolve, 200))
      return one.got.length - before
    })
    .toBe(0)
  await core.carryOut({ do: 'open-rtp', legId: 'one', sdp: offerOf(one.port(), { version: 3 }) })
  await hears(one, 1_750)
})

test('they are answered where they come from, and a stranger does not get in between', async () => {
  const [nat, two, stranger] = [await telephone(), await telephone(), await telephone()]
  // Behind a NAT: the address in the offer leads nowhere.
  const to = await calls('nat', offerOf(9))
  nat.talk(to, 1_250)
  two.talk(await calls('two', offerOf(two.port())), 1_750)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['nat', 'two'] })
  await hears(nat, 1_750)
  stranger.talk(to, 2_250)
  await hears(two, 1_250)
  await new Promise((resolve) => setTimeout(resolve, 300))
  expect(stranger.got).toEqual([])
  expect(power(two.heard(), 2_250)).toBeLessThan(0.05)
})

test('with SRTP both sides are sealed, and what is sealed with another key is not heard', async () => {
  const key = newKey()
  const offer = offerOf(9, { crypto: { tag: 1, key } })
  const answer = await core.carryOut({ do: 'open-rtp', legId: 'one', sdp: offer })
  const ours = readSdp(('sdp' in answer && answer.sdp) || '')
  expect(ours?.crypto?.tag).toBe(1)
  const sealed = await telephone('mu', sealWith(key, ours?.crypto?.key as Buffer))
  const wrong = await telephone('mu', sealWith(newKey(), ours?.crypto?.key as Buffer))
  wrong.talk(ours?.port as number, 2_250)
  await new Promise((resolve) => setTimeout(resolve, 200))
  expect(told('leg-up')).toEqual([])
  sealed.talk(ours?.port as number, 1_250)
  const two = await telephone()
  two.talk(await calls('two', offerOf(two.port())), 1_750)
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['one', 'two'] })
  await hears(sealed, 1_750)
  await hears(two, 1_250)
  expect(power(two.heard(), 2_250)).toBeLessThan(0.05)
})

test('our own offer is answered, and one that says nothing first is spoken to', async () => {
  const [rung, other] = [await telephone(), await telephone()]
  const offer = await core.carryOut({ do: 'offer-rtp', legId: 'rung', secure: false })
  const ours = readSdp(('sdp' in offer && offer.sdp) || '')
  expect(ours).toMatchObject({ law: 'mu', eventType: 101, direction: 'sendrecv' })
  other.talk(await calls('other', offerOf(other.port())), 1_750)
  await core.carryOut({ do: 'accept-rtp', legId: 'rung', sdp: offerOf(rung.port()) })
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['rung', 'other'] })
  await hears(rung, 1_750)
})

test('what has no sound that we speak is refused, and costs no place', async () => {
  for (const sdp of [
    '',
    'v=0\r\nm=video 4000 RTP/AVP 96\r\nc=IN IP4 127.0.0.1\r\n',
    offerOf(4_000).replace('AVP 0 101', 'AVP 18'),
  ])
    expect(await core.carryOut({ do: 'open-rtp', legId: 'x', sdp })).toEqual({ refused: 'bad-sdp' })
  expect(core.everySecond().legs).toBe(0)
})
