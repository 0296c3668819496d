import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Core, createCore } from '../../telephony/media/core.ts'
import { fromMuLaw } from '../../telephony/media/g711.ts'
import type { MediaEvent } from '../../telephony/media/protocol.ts'
import { rtpLegs } from '../../telephony/rtp/leg.ts'
import { createStreamLegs, type StreamLegs } from '../../telephony/twilio/stream-leg.ts'
import { pretendLegs } from '../support/pretend-leg.ts'
import { type RtpTelephone, rtpTelephone } from '../support/rtp-telephone.ts'
import { type StreamPeer, streamPeer } from '../support/stream-peer.ts'
import { loudness } from '../support/tones.ts'

/** Real sockets, but the clock of the tick is handed in: half a minute of silence is no half a minute of waiting. */
let core: Core
let events: MediaEvent[]
let telephone: RtpTelephone
let streams: StreamLegs
const settings = { legsMax: 60, iceServers: [], publicAddresses: [], portRange: null }
const lost = { event: 'leg-down', legId: 'caller', because: 'lost' }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  events = []
  telephone = await rtpTelephone({ hz: 440 })
  streams = createStreamLegs()
  core = createCore({
    settings,
    emit: (event) => events.push(event),
    ways: { ...pretendLegs().ways, rtp: rtpLegs(settings), stream: streams },
    fault: () => {},
  })
})
afterEach(async () => {
  vi.useRealTimers()
  await core.stop()
  await telephone.close()
})

const pass = (seconds: number) => {
  for (let i = 0; i < seconds * 50; i++) vi.advanceTimersByTime(20)
}
async function open(change: Parameters<RtpTelephone['offer']>[0] = {}): Promise<void> {
  const answer = await core.carryOut({ do: 'open-rtp', legId: 'caller', sdp: telephone.offer(change) })
  telephone.follow('sdp' in answer ? (answer.sdp ?? '') : '')
}
/** Their packet goes over the real network of this machine, whose turns are not those of the tick. */
async function heard(send: () => void): Promise<void> {
  send()
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve))
}

/** Until the network of this machine has brought it; the tick stands still meanwhile. */
async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 20_000 && !holds(); i++) await new Promise((resolve) => setImmediate(resolve))
  expect(holds()).toBe(true)
}

/** A media stream comes and shows its token; `told` is told how it goes on. */
async function streamComes(told: (peer: StreamPeer) => Promise<void>): Promise<void> {
  const server = createServer()
  server.on('upgrade', ({ headers }, socket, first) =>
    streams.take({ headers: headers as Record<string, string>, first }, socket as Socket),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const peer = await streamPeer(`ws://127.0.0.1:${(server.address() as AddressInfo).port}/`, 'secret', 440)
  await until(() => events.some(({ event }) => event === 'leg-up'))
  await told(peer)
  peer.close()
  server.close()
}

test('a telephone that falls silent for half a minute is lost, and comfort noise is a sign of life', async () => {
  await open()
  await heard(() => telephone.say())
  pass(1)
  expect(events).toContainEqual({ event: 'leg-up', legId: 'caller' })
  pass(28)
  await heard(() => telephone.send(13, Uint8Array.of(60)))
  pass(29)
  expect(events).not.toContainEqual(lost)
  pass(3)
  expect(events).toContainEqual(lost)
})

test('on hold a telephone may be silent for an hour, and after it half a minute counts from the return', async () => {
  await open()
  await heard(() => telephone.say())
  pass(1)
  await open({ direction: 'inactive' })
  pass(3_600)
  await open()
  pass(29)
  expect(events).not.toContainEqual(lost)
  pass(3)
  expect(events).toContainEqual(lost)
})

test('a telephone that rings is waited for, and one that never answers is given up after three minutes', async () => {
  await core.carryOut({ do: 'offer-rtp', legId: 'caller', secure: false, at: '127.0.0.1' })
  pass(179)
  expect(events).toEqual([])
  pass(3)
  expect(events).toEqual([lost])
})

test('a stream whose token nobody brings is lost after half a minute', async () => {
  await core.carryOut({ do: 'expect-stream', legId: 'caller', token: 'nobody brings it' })
  pass(29)
  expect(events).toEqual([])
  pass(3)
  expect(events).toEqual([lost])
})

test('a stream that comes after twenty seconds has its own ten seconds before it is held to be silent', async () => {
  await core.carryOut({ do: 'expect-stream', legId: 'caller', token: 'secret' })
  pass(20)
  await streamComes(async (peer) => {
    pass(9)
    expect(events).not.toContainEqual(lost)
    await heard(peer.frame)
    pass(9)
    expect(events).not.toContainEqual(lost)
    pass(2)
    expect(events).toContainEqual(lost)
  })
})

test('a stream whose side plays more than a second behind is told to forget what it has, one that keeps up is not', async () => {
  await core.carryOut({ do: 'expect-stream', legId: 'caller', token: 'secret' })
  await core.carryOut({ do: 'play', legId: 'caller', files: [], token: 'music', after: 'music' })
  await streamComes(async (peer) => {
    const heardOf = (event: string) => peer.said.filter((said) => said.event === event).length
    const seconds = async (count: number) => {
      for (let i = 0; i < count * 10; i++) {
        const before = heardOf('media')
        pass(0.1)
        await heard(peer.frame)
        await until(() => heardOf('media') === before + 5)
      }
    }
    await seconds(5)
    expect([heardOf('mark'), heardOf('clear')]).toEqual([5, 0])
    peer.fallBehind()
    await seconds(3)
    expect(heardOf('clear')).toBe(1)
  })
})

test('a session that is only refreshed goes on without a gap in the sound', async () => {
  const other = await rtpTelephone({ hz: 1_000 })
  const answer = await core.carryOut({ do: 'open-rtp', legId: 'other', sdp: other.offer() })
  other.follow('sdp' in answer ? (answer.sdp ?? '') : '')
  await open()
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['caller', 'other'] })
  const talk = async (ticks: number) => {
    for (let i = 0; i < ticks; i++) {
      await heard(() => telephone.say())
      await heard(() => other.say())
      const before = other.heard.length
      vi.advanceTimersByTime(20)
      await until(() => other.heard.length === before + 1)
    }
  }
  await heard(() => telephone.say())
  await heard(() => other.say())
  pass(0.1)
  await talk(10)
  const from = other.heard.length
  await open()
  await talk(10)
  // The tone is 5,657 loud; a frame that was missing is said again at half its strength.
  const loud = other.heard.slice(from).map(({ payload }) => loudness(fromMuLaw(payload)))
  expect(Math.min(...loud)).toBeGreaterThan(5_000)
  await other.close()
})
