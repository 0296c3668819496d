import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { VoiceEvent } from '../../server/contracts/voice.ts'
import { makeSeal } from '../../server/platform/seal.ts'
import { createDelivery, type Delivery } from '../../telephony/switching/deliver.ts'
import { openPending } from '../../telephony/switching/pending.ts'

const number = '+8613800138000'
const at = new Date('2026-11-25T08:00:00Z')
const party = { kind: 'phone' as const, number }
const arrived = (n: number): VoiceEvent => ({
  ...{ type: 'arrived', callId: `call-${n}`, legId: `leg-${n}`, party, line: '12349', locale: 'zh-CN', at },
})
const down = (n: number): VoiceEvent => ({
  ...{ type: 'leg-down', callId: `call-${n}`, legId: `leg-${n}`, party, because: 'not-taken', at },
})
const key: VoiceEvent = { type: 'dtmf', legId: 'leg-1', key: '1', at }

let dir: string
let database: 'away' | 'there'
let stored: VoiceEvent[]
let logged: string[]

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  dir = mkdtempSync(join(tmpdir(), 'yihu-undelivered-'))
  database = 'away'
  stored = []
  logged = []
})
afterEach(() => {
  vi.useRealTimers()
  rmSync(dir, { recursive: true, force: true })
})

function start(): Delivery {
  const note = (what: object, words: string) => void logged.push(`${words} ${JSON.stringify(what)}`)
  const log = { warn: note, info: note }
  const delivery = createDelivery(log, openPending(dir, makeSeal('11'.repeat(32)), log))
  delivery.onEvent(async (event) => {
    if (database === 'away') throw new Error('no database')
    stored.push(event)
  })
  return delivery
}
const passes = (ms: number) => vi.advanceTimersByTimeAsync(ms)

test('a missed call is told when the database is back, however long that takes, and its end after it', async () => {
  const delivery = start()
  delivery.tell('leg-1', arrived(1))
  delivery.tell('leg-1', down(1))
  await passes(3 * 3_600_000)
  expect([stored, delivery.pending()]).toEqual([[], 1])
  database = 'there'
  await passes(15_000)
  expect(stored).toEqual([arrived(1), down(1)])
  expect([delivery.pending(), readdirSync(dir)]).toEqual([0, []])
})

test('a process that ends before leaves the call to the next one, and its number can be read by nobody', async () => {
  const before = start()
  before.tell('leg-1', arrived(1))
  before.tell('leg-1', down(1))
  await passes(1_000)
  before.stop()
  await before.settled()
  const [file] = readdirSync(dir)
  expect(readFileSync(join(dir, file as string)).includes(number)).toBe(false)
  expect(logged.join()).not.toContain(number)
  database = 'there'
  const next = start()
  await passes(0)
  expect(stored).toEqual([arrived(1), down(1)])
  expect([next.pending(), readdirSync(dir)]).toEqual([0, []])
})

test('a process that is killed in the middle leaves the rest, and what was stored is not left', async () => {
  const killed = start()
  killed.tell('leg-1', arrived(1))
  killed.tell('leg-1', down(1))
  killed.tell('leg-2', down(2))
  await passes(0)
  // The moment between two commits.
  database = 'there'
  await passes(200)
  database = 'away'
  stored = []
  killed.tell('leg-3', arrived(3))
  await passes(0)
  database = 'there'
  start()
  await passes(0)
  expect(stored).toEqual([arrived(3)])
})

test('an end that is told while the process stops is left as well', async () => {
  const delivery = start()
  delivery.stop()
  delivery.tell('leg-1', down(1))
  expect(readdirSync(dir)).toHaveLength(1)
})

test('a key that nobody could take is given up, and what happened after it is told', async () => {
  const delivery = start()
  delivery.tell('leg-1', key)
  delivery.tell('leg-1', down(1))
  await passes(8_000)
  database = 'there'
  await passes(15_000)
  expect(stored).toEqual([down(1)])
  expect(logged.join()).toContain('given up')
})

test('more than can be kept: those who called first are', async () => {
  const delivery = start()
  for (let n = 0; n < 2_001; n++) delivery.tell(`leg-${n}`, arrived(n))
  await passes(0)
  expect([delivery.pending(), readdirSync(dir).length]).toEqual([2_000, 2_000])
  delivery.stop()
  database = 'there'
  start()
  await passes(0)
  expect(stored).toHaveLength(2_000)
  expect(stored).not.toContainEqual(arrived(2_000))
})

test('a file that cannot be read does not keep the others from being told', async () => {
  writeFileSync(join(dir, 'leg-0.sealed'), 'nonsense')
  const before = start()
  before.tell('leg-1', arrived(1))
  await passes(0)
  database = 'there'
  start()
  await passes(0)
  expect(stored).toEqual([arrived(1)])
  expect(logged.join()).toContain('a call that was kept cannot be read')
})
