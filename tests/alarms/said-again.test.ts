import { once } from 'node:events'
import { request } from 'coap'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { proofOf } from '../../telephony/alarm/coap/answer.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'

// Somebody near has recorded what a pendant said, and says it again: the proof is right, the word is old.
let door: AlarmDoor
let port: number
let id: string
let key: string
beforeEach(async () => {
  door = await startAlarmDoor()
  port = await door.listen('coap', 'udp')
  const device = await door.device('coap', 'nb-77')
  id = device.id
  key = await device.issueKey()
})
afterEach(async () => door.close())

async function say(word: object): Promise<string> {
  const body = JSON.stringify({ v: 1, dev: 'nb-77', ...word })
  const query = `d=nb-77&m=${proofOf('nb-77', Buffer.from(body), key)}`
  const asking = request({ host: '127.0.0.1', port, pathname: '/alarm', query, method: 'POST' })
  asking.end(body)
  const [response] = await once(asking, 'response')
  return response.code as string
}
const time = () => door.centre.clock.now().toISOString()
const notes = () => door.centre.db.query(`SELECT 1 FROM fact WHERE type = 'device-noted'`)
const lastTest = async () =>
  (await door.centre.db.query<{ at: Date | null }>('SELECT last_good_test_at AS at FROM device WHERE id = $1', [id]))[0]
    ?.at

test('a heartbeat of a month ago does not make a lost device heard now, and a person sees that it was said', async () => {
  const old = { t: 'hb', seq: 40, ts: time() }
  await say(old)
  const alive = await door.lastHeard(id)
  door.centre.clock.forward(30 * 86_400_000)
  expect(await say(old)).toBe('2.04')
  expect(await door.lastHeard(id)).toEqual(alive)
  await say({ t: 'hb', seq: 39 })
  expect(await door.lastHeard(id)).toEqual(alive)
  expect(await door.strangers()).toEqual([{ account: 'nb-77', because: 'said-before' }])
  await say({ t: 'hb', seq: 41 })
  expect(await door.lastHeard(id)).toEqual(door.centre.clock.now())
})

test('an overheard cancel is not said into the next emergency', async () => {
  const cancel = { t: 'cancel', seq: 42, ts: time() }
  await say({ t: 'sos', seq: 41, ts: time() })
  await say(cancel)
  expect(await notes()).toHaveLength(1)
  await door.centre.db.query(`UPDATE incident SET status = 'closed', closed_at = now()`)
  door.centre.clock.forward(86_400_000)
  await say({ t: 'sos', seq: 43, ts: time() })
  await door.heard.flush()
  expect(await say(cancel)).toBe('2.04')
  expect(await notes()).toHaveLength(1)
  expect(await door.strangers()).toEqual([{ account: 'nb-77', because: 'said-before' }])
})

test('an overheard cancel that was said while nobody was in need is none later', async () => {
  const cancel = { t: 'cancel', seq: 42, ts: time() }
  await say(cancel)
  door.centre.clock.forward(86_400_000)
  await say({ t: 'sos', seq: 43, ts: time() })
  await door.heard.flush()
  await say(cancel)
  expect(await notes()).toHaveLength(0)
})

test('an old test press is no test of today', async () => {
  const tested = { t: 'test', seq: 50, ts: time() }
  await say(tested)
  const then = await lastTest()
  await door.heard.flush()
  door.centre.clock.forward(10 * 86_400_000)
  await say(tested)
  await say({ t: 'test', seq: 49 })
  expect(await lastTest()).toEqual(then)
})

test('a press with a clock of long ago, or of a counter that began anew, is an alarm, once; from it on the device is believed', async () => {
  await say({ t: 'hb', seq: 900 })
  await door.heard.flush()
  const press = { t: 'sos', seq: 1, ts: '2019-01-01T00:00:00Z' }
  await say(press)
  await say(press)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
  await door.heard.flush()
  door.centre.clock.forward(60_000)
  await say({ t: 'hb', seq: 2 })
  expect(await door.lastHeard(id)).toEqual(door.centre.clock.now())
})
