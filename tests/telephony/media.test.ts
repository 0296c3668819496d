import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { fromMuLaw, toMuLaw } from '../../telephony/media/g711.ts'
import type { MediaEvent } from '../../telephony/media/protocol.ts'
import { readRecording } from '../../telephony/media/recording.ts'
import { type MediaProcess, startMediaProcess } from '../../telephony/media-process/start.ts'
import { webLegs } from '../../telephony/web/leg.ts'
import { type BrowserLeg, browserLeg } from '../support/browser-leg.ts'
import { loudness, power, tone } from '../support/tones.ts'
import { wav } from '../support/wav.ts'

const entry = [join(import.meta.dirname, '../../telephony/media-process/main.ts'), '--import', 'tsx']
const dir = mkdtempSync(join(tmpdir(), 'yihu-media-'))
const prompt = join(dir, 'greeting.wav')
const key = randomBytes(32)
let media: MediaProcess
let events: MediaEvent[] = []
let deaths = 0
let browsers: BrowserLeg[] = []

const wait = { timeout: 10_000, interval: 50 }

beforeAll(async () => {
  writeFileSync(prompt, wav({ format: 7, bits: 8, data: toMuLaw(tone(600, 1_500)) }))
  media = startMediaProcess({
    entry,
    settings: { legsMax: 4, iceServers: [], publicAddresses: ['127.0.0.1'], portRange: null },
    log: { warn: () => {}, info: () => {} },
    onEvent: (event) => {
      if (event.event !== 'stats') events.push(event)
    },
    onDeath: () => {
      deaths++
    },
  })
  await vi.waitFor(() => expect(media.ready()).toBe(true), wait)
})
afterEach(async () => {
  await Promise.all(browsers.map((browser) => browser.close()))
  if (media.ready()) {
    for (const legId of ['caller', 'operator', 'third', 'fourth', 'fifth']) await command({ do: 'close-leg', legId })
    await command({ do: 'bridge', roomId: 'call', legIds: [] })
  }
  browsers = []
  events = []
})
afterAll(async () => {
  await media.stop()
  rmSync(dir, { recursive: true, force: true })
})

const command: MediaProcess['command'] = (order) => media.command(order)
async function call(legId: string, hz: number): Promise<BrowserLeg> {
  const browser = await browserLeg(hz)
  browsers.push(browser)
  const answer = await command({ do: 'open-web', legId, sdp: browser.offer })
  if (!('sdp' in answer) || !answer.sdp) throw new Error(JSON.stringify(answer))
  await browser.accept(answer.sdp)
  const ups = () => events.filter((event) => event.event === 'leg-up' && event.legId === legId)
  const before = ups().length
  await expect.poll(() => ups().length, wait).toBeGreaterThan(before)
  return browser
}
const bridge = (...legIds: string[]) => command({ do: 'bridge', roomId: 'call', legIds })
const play = (legId: string, files: string[], after: 'music' | 'silence' | 'hang-up') =>
  command({ do: 'play', legId, files, token: 't', after })
const share = (browser: BrowserLeg, hz: number) => power(browser.heard(300), hz)
const hears = (browser: BrowserLeg, hz: number) => expect.poll(() => share(browser, hz), wait).toBeGreaterThan(0.9)

test('a caller hears the greeting, then music; answered, the two hear each other; on hold the caller hears music', async () => {
  const caller = await call('caller', 440)
  await play('caller', [prompt], 'music')
  await hears(caller, 600)
  await expect.poll(() => events.some((event) => event.event === 'played'), wait).toBe(true)
  await expect.poll(() => share(caller, 600) < 0.1 && loudness(caller.heard(300)) > 100, wait).toBe(true)

  const operator = await call('operator', 1_000)
  await bridge('caller', 'operator')
  await hears(caller, 1_000)
  await hears(operator, 440)

  await play('caller', [], 'music')
  await expect.poll(() => share(caller, 1_000) < 0.1 && loudness(caller.heard(300)) > 100, wait).toBe(true)
  await bridge('caller', 'operator')
  await hears(caller, 1_000)
})

test('three in a room each hear the two others', async () => {
  const caller = await call('caller', 440)
  const operator = await call('operator', 1_000)
  const third = await call('third', 2_000)
  await bridge('caller', 'operator', 'third')
  for (const [who, one, two, own] of [
    [caller, 1_000, 2_000, 440],
    [operator, 440, 2_000, 1_000],
    [third, 440, 1_000, 2_000],
  ] as const) {
    await expect.poll(() => share(who, one) > 0.35 && share(who, two) > 0.35, wait).toBe(true)
    expect(share(who, own)).toBeLessThan(0.05)
  }
})

test('the recording has the caller on the left and the operator on the right, and opens only with its key', async () => {
  await call('caller', 440)
  await call('operator', 1_000)
  await bridge('caller', 'operator')
  const file = join(dir, 'one.rec')
  const to = { recordingId: 'r1', file, keyHex: key.toString('hex'), left: ['caller'] }
  await command({ do: 'record', roomId: 'call', to })
  await command({ do: 'record', roomId: 'call', to }) // ordered twice
  await expect.poll(() => events.length > 0 && existsSync(file) && recordedSeconds(file), wait).toBeGreaterThan(1)
  await command({ do: 'record', roomId: 'call', to: null })
  await expect.poll(() => events.filter((event) => event.event === 'recorded').length, wait).toBe(1)
  const recorded = events.find((event) => event.event === 'recorded')
  expect(recorded?.durationMs).toBeGreaterThan(1_000)

  const chunks: Buffer[] = []
  for await (const chunk of readRecording(file, key)) chunks.push(chunk)
  const sound = Buffer.concat(chunks)
  const side = (which: number) => fromMuLaw(sound.filter((_, i) => (i & 1) === which)).slice(-4_000)
  expect(power(side(0), 440)).toBeGreaterThan(0.9)
  expect(power(side(1), 1_000)).toBeGreaterThan(0.9)
  await expect(readRecording(file, randomBytes(32)).next()).rejects.toThrow()
})

function recordedSeconds(file: string): Promise<number> {
  return (async () => {
    let seconds = 0
    for await (const _ of readRecording(file, key)) seconds++
    return seconds
  })()
}

test('a key that the caller presses arrives once', async () => {
  const caller = await call('caller', 440)
  const keys = () => events.flatMap((event) => (event.event === 'dtmf' ? [event.key] : []))
  caller.press('5')
  await expect.poll(keys, wait).toEqual(['5'])
  caller.press('#')
  await expect.poll(keys, wait).toEqual(['5', '#'])
})

test('an operator who waits is sent one packet a second and hears themselves in the self-test', async () => {
  const operator = await call('operator', 1_000)
  await command({ do: 'echo', legId: 'operator', on: true })
  await hears(operator, 1_000)
  await command({ do: 'echo', legId: 'operator', on: false })
  await expect.poll(() => loudness(operator.heard(100)), wait).toBe(0)
  const before = operator.packetsHeard()
  const since = performance.now()
  await expect.poll(() => performance.now() - since, wait).toBeGreaterThan(2_000)
  expect(operator.packetsHeard() - before).toBeLessThanOrEqual(12)
})

test('a browser that falls silent is lost after two seconds, and is back in its room when it offers again', async () => {
  const caller = await call('caller', 440)
  const operator = await call('operator', 1_000)
  await bridge('caller', 'operator')
  await hears(operator, 440)
  caller.mute()
  await expect.poll(() => events.at(-1), wait).toEqual({ event: 'leg-down', legId: 'caller', because: 'lost' })
  const again = await call('caller', 700)
  await hears(operator, 700)
  await hears(again, 1_000)
})

test('one leg more than the limit is refused', async () => {
  for (const legId of ['caller', 'operator', 'third', 'fourth']) {
    const browser = await browserLeg(440)
    browsers.push(browser)
    expect(await command({ do: 'open-web', legId, sdp: browser.offer })).toMatchObject({ ok: true })
  }
  const offer = browsers[0]?.offer ?? ''
  expect(await command({ do: 'open-web', legId: 'fifth', sdp: offer })).toEqual({ refused: 'overloaded' })
})

test('an offer with pictures, without mu-law or without sense is refused', async () => {
  const browser = await browserLeg(440)
  browsers.push(browser)
  const refused = { refused: 'bad-sdp' }
  const open = (sdp: string) => command({ do: 'open-web', legId: 'caller', sdp })
  expect(await open(`${browser.offer}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`)).toEqual(refused)
  expect(await open(browser.offer.replace(/(m=audio .*SAVPF) 0/, '$1'))).toEqual(refused)
  expect(await open('v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 0\r\n')).toEqual(refused)
})

test('a STUN server that does not answer costs one caller a moment and the next one nothing', async () => {
  const silent = {
    legsMax: 2,
    iceServers: [{ urls: 'stun:192.0.2.77:3478' }],
    publicAddresses: [],
    portRange: null,
    rtpAddress: '127.0.0.1',
  }
  const open = webLegs(silent)
  const took: number[] = []
  for (const hz of [440, 1_000]) {
    const browser = await browserLeg(hz)
    browsers.push(browser)
    const since = performance.now()
    const { leg, answer } = open(browser.offer, { up: () => {}, down: () => {}, key: () => {} })
    expect(await answer).toContain('a=candidate:')
    took.push(performance.now() - since)
    leg.close()
  }
  expect(took[0]).toBeLessThan(3_000)
  expect(took[1]).toBeLessThan(1_000)
})

test('a media process that hangs is ended and started again', async () => {
  const first = media.pid() as number
  process.kill(first, 'SIGSTOP')
  await expect.poll(() => media.ready() && media.pid() !== first, { timeout: 20_000 }).toBe(true)
})

test('the media process ends with the server that started it, however that one ended', async () => {
  const script = `
    import { startMediaProcess } from '${join(import.meta.dirname, '../../telephony/media-process/start.ts')}'
    const settings = { legsMax: 1, iceServers: [], publicAddresses: [], portRange: null }
    const log = { warn() {}, info() {} }
    const media = startMediaProcess({ entry: ${JSON.stringify(entry)}, settings, log, onEvent() {}, onDeath() {} })
    setInterval(() => media.ready() && console.log(media.pid()), 50)`
  const server = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script])
  let said = ''
  server.stdout.on('data', (data) => {
    said += data
  })
  await expect.poll(() => Number.parseInt(said, 10), wait).toBeGreaterThan(0)
  const pid = Number.parseInt(said, 10)
  server.kill('SIGKILL')
  await expect.poll(() => alive(pid), wait).toBe(false)
})

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('a media process that is killed is told of, answers what was asked with a rejection, and is there again', async () => {
  await call('caller', 440)
  const before = deaths
  const first = media.pid() as number
  process.kill(first, 'SIGKILL')
  const asked = command({ do: 'bridge', roomId: 'call', legIds: ['caller'] })
  await expect(asked).rejects.toThrow('died')
  expect(deaths).toBe(before + 1)
  await expect.poll(() => media.ready(), wait).toBe(true)
  expect(media.pid()).not.toBe(first)
  const caller = await call('caller', 440)
  await play('caller', [prompt], 'silence')
  await hears(caller, 600)
})
