import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Core, createCore } from '../../telephony/media/core.ts'
import type { MediaEvent } from '../../telephony/media/protocol.ts'
import { rtpLegs } from '../../telephony/rtp/leg.ts'
import { createStreamLegs } from '../../telephony/twilio/stream-leg.ts'
import { pretendLegs } from '../support/pretend-leg.ts'
import { type RtpTelephone, rtpTelephone } from '../support/rtp-telephone.ts'

/** Real sockets, but the clock of the tick is handed in: half a minute of silence is no half a minute of waiting. */
let core: Core
let events: MediaEvent[]
let telephone: RtpTelephone
const settings = { legsMax: 60, iceServers: [], publicAddresses: [], portRange: null }
const lost = { event: 'leg-down', legId: 'caller', because: 'lost' }

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  events = []
  telephone = await rtpTelephone({ hz: 440 })
  core = createCore({
    settings,
    emit: (event) => events.push(event),
    ways: { ...pretendLegs().ways, rtp: rtpLegs(settings), stream: createStreamLegs() },
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
