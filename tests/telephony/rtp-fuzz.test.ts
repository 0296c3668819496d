import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Core, createCore } from '../../telephony/media/core.ts'
import type { MediaAnswer, MediaEvent } from '../../telephony/media/protocol.ts'
import { rtpLegs } from '../../telephony/rtp/leg.ts'
import { writeRtp } from '../../telephony/rtp/packet.ts'
import { createStreamLegs } from '../../telephony/twilio/stream-leg.ts'
import { readStream } from '../../telephony/twilio/stream-messages.ts'
import { pretendLegs } from '../support/pretend-leg.ts'
import { rtpTelephone } from '../support/rtp-telephone.ts'
import { streamPeer } from '../support/stream-peer.ts'
import { power } from '../support/tones.ts'

const seed = 20_261_125
const wait = { timeout: 10_000, interval: 20 }
const settings = { legsMax: 60, iceServers: [], publicAddresses: [], portRange: null }
const events: MediaEvent[] = []
const faults: string[] = []
const stream = createStreamLegs()
const start = (): Core =>
  createCore({
    settings,
    emit: (event) => events.push(event),
    ways: { ...pretendLegs().ways, rtp: rtpLegs(settings), stream },
    fault: (what) => faults.push(what),
  })
const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'UDPWrap' || kind === 'UDPWRAP').length
const sample = <T>(what: fc.Arbitrary<T>, count: number): T[] => fc.sample(what, { seed, numRuns: count })

test('ten thousand broken packets from a telephone harm neither its call nor another', async () => {
  const core = start()
  const caller = await rtpTelephone({ hz: 440 })
  const other = await rtpTelephone({ hz: 1_000, law: 'A' })
  for (const [legId, telephone] of [
    ['caller', caller],
    ['other', other],
  ] as const) {
    const answer = await core.carryOut({ do: 'open-rtp', legId, sdp: telephone.offer() })
    telephone.follow('sdp' in answer ? (answer.sdp ?? '') : '')
    telephone.talk()
  }
  await core.carryOut({ do: 'bridge', roomId: 'call', legIds: ['caller', 'other'] })
  await expect.poll(() => power(other.recent(300), 440), wait).toBeGreaterThan(0.9)
  caller.hush()
  const head = fc.record({
    marker: fc.boolean(),
    payloadType: fc.integer({ min: 0, max: 127 }),
    sequence: fc.integer({ min: 0, max: 65_535 }),
    timestamp: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    ssrc: fc.integer({ min: 0, max: 3 }),
    payload: fc.uint8Array({ maxLength: 1_300 }),
  })
  const bytes = fc.oneof(
    head.map((packet) => writeRtp(packet)),
    fc.tuple(head, fc.nat(60), fc.nat(255)).map(([packet, at, value]) => {
      const data = writeRtp(packet)
      if (at < data.length) data[at] = value
      return data
    }),
    fc.uint8Array({ maxLength: 200 }).map((data) => Buffer.from(data)),
  )
  for (const [i, data] of sample(bytes, 10_000).entries()) {
    caller.socket.send(data, caller.far().port, '127.0.0.1')
    if (i % 50 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  const before = other.heard.length
  caller.talk()
  await expect.poll(() => other.heard.length - before, wait).toBeGreaterThan(20)
  await expect.poll(() => power(other.recent(300), 440), wait).toBeGreaterThan(0.9)
  expect(power(caller.recent(300), 1_000)).toBeGreaterThan(0.9)
  expect(events.filter(({ event }) => event === 'leg-down')).toEqual([])
  expect(faults).toEqual([])
  await core.stop()
  await Promise.all([caller.close(), other.close()])
})

test('a thousand offers, good and broken, answered or refused, closed in any order: no socket stays open', async () => {
  const core = start()
  await expect.poll(sockets, wait).toBe(0) // those of the test before are gone
  const good = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 9 RTP/AVP 0 101', '']
  const offer = fc
    .tuple(fc.nat(400), fc.string({ unit: 'binary', maxLength: 6 }), fc.boolean())
    .map(([at, text, broken]) => {
      const sdp = good.join('\r\n')
      return broken ? sdp.slice(0, at % sdp.length) + text + sdp.slice(at % sdp.length) : sdp
    })
  const steps = fc.record({ sdp: offer, leg: fc.nat(9), turn: fc.nat(3) })
  const answers: MediaAnswer[] = []
  const carryOut = ({ sdp, leg, turn }: { sdp: string; leg: number; turn: number }) => {
    const legId = `leg-${leg}`
    if (turn === 0) return core.carryOut({ do: 'close-leg', legId })
    if (turn === 1) return core.carryOut({ do: 'offer-rtp', legId, secure: false, at: '127.0.0.1' })
    if (turn === 2) return core.carryOut({ do: 'accept-rtp', legId, sdp })
    return core.carryOut({ do: 'open-rtp', legId, sdp })
  }
  const all = sample(steps, 1_000)
  for (let i = 0; i < all.length; i += 4) answers.push(...(await Promise.all(all.slice(i, i + 4).map(carryOut))))
  expect(answers.filter((answer) => 'sdp' in answer).length).toBeGreaterThan(100)
  expect(answers.filter((answer) => 'refused' in answer && answer.refused === 'bad-sdp').length).toBeGreaterThan(50)
  expect(core.everySecond().legs).toBeLessThanOrEqual(10)
  expect(sockets()).toBeGreaterThan(0)
  await core.stop()
  await expect.poll(sockets, wait).toBe(0)
})

test('no message whatever of a media stream is more than unknown', () => {
  const message = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.json(),
    fc
      .record({
        event: fc.constantFrom('connected', 'start', 'media', 'dtmf', 'mark', 'stop', 'other'),
        streamSid: fc.anything(),
        start: fc.anything(),
        media: fc.oneof(
          fc.anything(),
          fc.record({ chunk: fc.anything(), timestamp: fc.anything(), payload: fc.anything() }),
        ),
        dtmf: fc.oneof(fc.anything(), fc.record({ digit: fc.anything() })),
      })
      .map((value) => JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? 1 : inner))),
  )
  let known = 0
  for (const text of sample(message, 10_000)) if (readStream(text)) known++
  expect(known).toBeGreaterThan(500)
  expect(known).toBeLessThan(5_000)
})

test('a stream that talks nonsense among its frames goes on, and one that begins with it is closed', async () => {
  const core = start()
  const server = createServer()
  server.on('upgrade', ({ headers }, socket, first) =>
    stream.take({ headers: headers as Record<string, string>, first }, socket as Socket),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`
  await core.carryOut({ do: 'expect-stream', legId: 'streamed', token: 'secret' })
  const peer = await streamPeer(url, 'secret', 440)
  await expect.poll(() => events, wait).toContainEqual({ event: 'leg-up', legId: 'streamed' })
  for (const text of sample(fc.string({ maxLength: 60 }), 500)) peer.ws.send(text)
  for (const media of sample(fc.record({ chunk: fc.nat(), timestamp: fc.nat(), payload: fc.string() }), 500))
    peer.tell({ event: 'media', media })
  peer.tell({ event: 'dtmf', dtmf: { digit: '9' } })
  await expect.poll(() => events, wait).toContainEqual({ event: 'dtmf', legId: 'streamed', key: '9' })
  const stranger = await streamPeer(url, undefined, 0)
  stranger.ws.send('{"event":"media"}')
  await expect.poll(stranger.closed, wait).toBe(true)
  expect(events.filter(({ event }) => event === 'leg-down')).toEqual([])
  peer.close()
  stranger.close()
  await core.stop()
  server.close()
})
