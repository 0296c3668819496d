import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { toMuLaw } from '../../telephony/media/g711.ts'
import type { MediaEvent } from '../../telephony/media/protocol.ts'
import { type MediaProcess, startMediaProcess } from '../../telephony/media-process/start.ts'
import { createStreamLegs } from '../../telephony/twilio/stream-leg.ts'
import { rtpTelephone } from '../support/rtp-telephone.ts'
import { type StreamPeer, streamPeer } from '../support/stream-peer.ts'
import { power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'

const entry = [join(import.meta.dirname, '../../telephony/media-process/main.ts'), '--import', 'tsx']
const dir = mkdtempSync(join(tmpdir(), 'yihu-stream-'))
const prompt = join(dir, 'greeting.wav')
const wait = { timeout: 10_000, interval: 20 }
const events: MediaEvent[] = []
let media: MediaProcess
let peers: StreamPeer[] = []
let warned = 0
const server = createServer((_, response) => response.end())
const url = () => `ws://127.0.0.1:${(server.address() as AddressInfo).port}/`

beforeAll(async () => {
  writeFileSync(prompt, wav({ format: 7, bits: 8, data: toMuLaw(tone(600, 20_000)) }))
  media = startMediaProcess({
    entry,
    settings: { legsMax: 10, iceServers: [], publicAddresses: [], portRange: null },
    log: { warn: () => warned++, info: () => {} },
    onEvent: (event) => event.event !== 'stats' && events.push(event),
    onDeath: () => {},
  })
  server.on('upgrade', (request, socket, head) => media.takeSocket(request, socket as Socket, head))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await vi.waitFor(() => expect(media.ready()).toBe(true), wait)
})
afterEach(async () => {
  for (const peer of peers) peer.close()
  peers = []
  for (const legId of ['caller', 'other']) await media.command({ do: 'close-leg', legId })
  events.length = 0
})
afterAll(async () => {
  server.close()
  await media.stop()
  rmSync(dir, { recursive: true, force: true })
})

const expectStream = (legId: string, token: string) => media.command({ do: 'expect-stream', legId, token })
async function come(token: string | undefined, hz = 440): Promise<StreamPeer> {
  const peer = await streamPeer(url(), token, hz)
  peers.push(peer)
  return peer
}
const up = (legId: string) => expect.poll(() => events, wait).toContainEqual({ event: 'leg-up', legId })
const play = (files: string[], token: string) =>
  media.command({ do: 'play', legId: 'caller', files, token, after: 'silence' })

test('a caller by media stream hears the greeting and a SIP telephone, and is heard though their frames come in bunches', async () => {
  expect(await expectStream('caller', 'secret')).toMatchObject({ ok: true })
  const caller = await come('secret')
  await up('caller')
  await play([prompt], 'greeting')
  await expect.poll(() => power(caller.recent(300), 600), wait).toBeGreaterThan(0.95)

  const other = await rtpTelephone({ hz: 1_000 })
  const answer = await media.command({ do: 'open-rtp', legId: 'other', sdp: other.offer() })
  other.follow('sdp' in answer ? (answer.sdp ?? '') : '')
  other.talk()
  caller.talk(4)
  await media.command({ do: 'bridge', roomId: 'call', legIds: ['caller', 'other'] })
  await expect.poll(() => power(caller.recent(300), 1_000), wait).toBeGreaterThan(0.95)
  await expect.poll(() => power(other.recent(400), 440), wait).toBeGreaterThan(0.9)
  await media.command({ do: 'bridge', roomId: 'call', legIds: [] })
  await other.close()
})

test('frames leave one each 20 ms, and a mark each second', async () => {
  await expectStream('caller', 'secret')
  const caller = await come('secret')
  await up('caller')
  await play([prompt], 'greeting')
  const since = performance.now()
  const frames = () => caller.said.filter(({ event }) => event === 'media').length
  const before = frames()
  await expect.poll(frames, wait).toBeGreaterThan(before + 150)
  const perSecond = ((frames() - before) * 1_000) / (performance.now() - since)
  expect(perSecond).toBeGreaterThan(45)
  expect(perSecond).toBeLessThan(57)
  expect(caller.said.filter(({ event }) => event === 'mark').length).toBeGreaterThanOrEqual(2)
  expect(caller.said.every(({ streamSid }) => streamSid === 'MZ0')).toBe(true)
})

test('what is still to be heard is cleared when something else begins, and not when the same is ordered again', async () => {
  await expectStream('caller', 'secret')
  const caller = await come('secret')
  await up('caller')
  await play([prompt], 'greeting')
  await expect.poll(() => power(caller.recent(300), 600), wait).toBeGreaterThan(0.95)
  const clears = () => caller.said.filter(({ event }) => event === 'clear').length
  const before = clears()
  await play([prompt], 'greeting')
  await play([], 'next')
  await expect.poll(clears, wait).toBe(before + 1)
  await media.command({ do: 'bridge', roomId: 'call', legIds: ['caller'] })
  await media.command({ do: 'bridge', roomId: 'call', legIds: ['caller'] })
  await expect.poll(clears, wait).toBe(before + 2)
})

test('a key arrives, and a stream that stops or breaks off ends its leg', async () => {
  await expectStream('caller', 'secret')
  const caller = await come('secret')
  await up('caller')
  caller.tell({ event: 'dtmf', dtmf: { track: 'inbound_track', digit: '5' } })
  await expect.poll(() => events, wait).toContainEqual({ event: 'dtmf', legId: 'caller', key: '5' })
  caller.stop()
  await expect.poll(() => events, wait).toContainEqual({ event: 'leg-down', legId: 'caller', because: 'hung-up' })
  await expect.poll(caller.closed, wait).toBe(true)

  events.length = 0
  await expectStream('caller', 'again')
  const second = await come('again')
  await up('caller')
  second.close()
  await expect.poll(() => events, wait).toContainEqual({ event: 'leg-down', legId: 'caller', because: 'lost' })
})

test('hanging up closes the socket, so that the carrier goes on with its own script', async () => {
  await expectStream('caller', 'secret')
  const caller = await come('secret')
  await up('caller')
  await media.command({ do: 'close-leg', legId: 'caller' })
  await expect.poll(caller.closed, wait).toBe(true)
})

test('a token is good once; a wrong one, none, or another word before it closes the socket', async () => {
  await expectStream('caller', 'secret')
  for (const token of ['wrong', '', undefined]) {
    const stranger = await come(token)
    await expect.poll(stranger.closed, wait).toBe(true)
  }
  const first = await come('secret')
  await up('caller')
  const second = await come('secret')
  await expect.poll(second.closed, wait).toBe(true)
  expect(first.closed()).toBe(false)
})

test('a socket that does not say whose it is is closed in time', async () => {
  const streams = createStreamLegs({ startMsMax: 50 })
  const own = createServer()
  own.on('upgrade', ({ headers }, socket, first) =>
    streams.take({ headers: headers as Record<string, string>, first }, socket as Socket),
  )
  await new Promise<void>((resolve) => own.listen(0, '127.0.0.1', resolve))
  const silent = await streamPeer(`ws://127.0.0.1:${(own.address() as AddressInfo).port}/`, undefined, 0)
  peers.push(silent)
  expect(silent.closed()).toBe(false)
  await expect.poll(silent.closed, wait).toBe(true)
  own.close()
})

test('a request that is no WebSocket is answered as such and costs nothing', async () => {
  const { request } = await import('node:http')
  const { port } = server.address() as AddressInfo
  const status = await new Promise((resolve) => {
    const asked = request({ port, headers: { connection: 'upgrade', upgrade: 'websocket' } }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    asked.on('error', () => resolve('closed'))
    asked.end()
  })
  expect(status).toBe(400)
  expect(warned).toBe(0)
})
