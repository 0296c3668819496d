import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { fromMuLaw, toMuLaw } from '../../../telephony/media/g711.ts'
import type { MediaEvent } from '../../../telephony/media/protocol.ts'
import { type MediaProcess, startMediaProcess } from '../../../telephony/media-process.ts'
import { power, tone } from '../../support/tones.ts'

// A real media process, to which a real server hands the sockets; the other side speaks as Twilio's documentation has it.
let media: MediaProcess
let server: Server
let url: string
let events: MediaEvent[] = []
const sockets: WebSocket[] = []
beforeAll(async () => {
  media = startMediaProcess({
    entry: [join(import.meta.dirname, '../../../telephony/media/main.ts'), '--import', import.meta.resolve('tsx')],
    settings: { legsMax: 20, iceServers: [], publicAddresses: [], portRange: null, rtpAddress: '127.0.0.1' },
    log: { warn: () => {}, info: () => {} },
    onEvent: (event) => events.push(event),
    onDeath: () => {},
  })
  await media.started
  server = createServer()
  server.on('upgrade', (request, socket, first) => media.takeSocket(request, socket, first))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  url = `ws://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/twilio/media`
})
beforeEach(() => {
  events = []
})
afterAll(async () => {
  for (const socket of sockets) socket.terminate()
  await media?.stop()
  server?.close()
})

const told = (event: string) => events.filter((one) => one.event === event)

/** Twilio's side of one stream. */
async function stream(token: string) {
  const socket = new WebSocket(url)
  sockets.push(socket)
  const heard: number[] = []
  let closed = false
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as { event: string; streamSid: string; media?: { payload: string } }
    if (message.event === 'media' && message.streamSid === 'MZ1')
      heard.push(...Buffer.from(message.media?.payload ?? '', 'base64'))
  })
  socket.on('close', () => {
    closed = true
  })
  await once(socket, 'open')
  const say = (message: object) => socket.send(JSON.stringify(message))
  say({ event: 'connected', protocol: 'Call', version: '1.0.0' })
  say({
    event: 'start',
    sequenceNumber: '1',
    streamSid: 'MZ1',
    start: {
      streamSid: 'MZ1',
      callSid: 'CA1',
      tracks: ['inbound'],
      customParameters: { token },
      mediaFormat: { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 },
    },
  })
  let talking: NodeJS.Timeout | undefined
  let n = 0
  return {
    say,
    talk(hz: number) {
      const second = toMuLaw(tone(hz, 1_000))
      talking = setInterval(() => {
        const at = (n++ % 50) * 160
        const payload = Buffer.from(second.subarray(at, at + 160)).toString('base64')
        say({
          event: 'media',
          streamSid: 'MZ1',
          media: { track: 'inbound', chunk: String(n), timestamp: String(n * 20), payload },
        })
      }, 20)
    },
    heard: () => fromMuLaw(Uint8Array.from(heard.slice(-1_600))),
    closed: () => closed,
    close() {
      clearInterval(talking)
      socket.close()
    },
  }
}

test('two streams hear each other, a key is heard, and the end of one is told', async () => {
  for (const legId of ['one', 'two'])
    expect(await media.command({ do: 'expect-stream', legId, token: `token of ${legId}` })).toMatchObject({ ok: true })
  const [one, two] = [await stream('token of one'), await stream('token of two')]
  one.talk(1_250)
  two.talk(1_750)
  await expect.poll(() => told('leg-up').length).toBe(2)
  await media.command({ do: 'bridge', roomId: 'call', legIds: ['one', 'two'] })
  await expect.poll(() => power(one.heard(), 1_750), { timeout: 5_000 }).toBeGreaterThan(0.7)
  await expect.poll(() => power(two.heard(), 1_250), { timeout: 5_000 }).toBeGreaterThan(0.7)
  one.say({ event: 'dtmf', streamSid: 'MZ1', dtmf: { track: 'inbound_track', digit: '5' } })
  await expect.poll(() => told('dtmf')).toEqual([{ event: 'dtmf', legId: 'one', key: '5' }])
  one.say({ event: 'stop', streamSid: 'MZ1', stop: { callSid: 'CA1' } })
  two.close()
  await expect
    .poll(() =>
      told('leg-down')
        .map((event) => ('because' in event ? event.because : ''))
        .sort(),
    )
    .toEqual(['hung-up', 'lost'])
})

test('a token opens one stream and no second, and none but its own', async () => {
  await media.command({ do: 'expect-stream', legId: 'one', token: 'the right token' })
  const wrong = await stream('the wrong token')
  await expect.poll(wrong.closed).toBe(true)
  const right = await stream('the right token')
  right.talk(1_250)
  await expect.poll(() => told('leg-up').length).toBe(1)
  const again = await stream('the right token')
  await expect.poll(again.closed).toBe(true)
  expect(right.closed()).toBe(false)
  await media.command({ do: 'close-leg', legId: 'one' })
  await expect.poll(right.closed).toBe(true)
})

test('whatever is sent, the process goes on and nothing is left open', async () => {
  let seed = 20261125
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    return seed % below
  }
  const words = [
    '{}',
    '[]',
    'null',
    '{"event":"start"}',
    '{"event":"media","media":{"payload":5}}',
    '\u0000',
    '{"event":"stop"',
    '{"event":"start","streamSid":"MZ1","start":{"customParameters":{"token":""}}}',
  ]
  await media.command({ do: 'expect-stream', legId: 'one', token: 'the right token' })
  for (let i = 0; i < 60; i++) {
    const socket = new WebSocket(url)
    sockets.push(socket)
    socket.on('error', () => {})
    await once(socket, 'open')
    const word = words[random(words.length)] as string
    socket.send(random(2) ? word : Buffer.from(word.slice(0, random(word.length) + 1)))
    if (random(4) === 0) socket.send(Buffer.alloc(40_000))
    if (random(3) === 0) socket.terminate()
  }
  const right = await stream('the right token')
  right.talk(1_250)
  await expect.poll(() => told('leg-up').length).toBe(1)
  for (const junk of [
    '{"event":"media","media":{"payload":"!!!!"}}',
    '{"event":"dtmf","dtmf":{"digit":"55"}}',
    'x',
    '{"event":"mark"}',
  ])
    right.say(JSON.parse(junk.startsWith('{') ? junk : '{}') as object)
  expect(told('dtmf')).toEqual([])
  await expect
    .poll(() => sockets.slice(0, -1).every((one) => one.readyState === WebSocket.CLOSED), { timeout: 5_000 })
    .toBe(true)
  right.close()
})
