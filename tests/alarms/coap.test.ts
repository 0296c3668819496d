import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { request } from 'coap'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { proofOf } from '../../telephony/alarm/coap/answer.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'
import { folder, has, run } from '../telephony/sip/support/binary.ts'

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

const sos = (seq: number) => JSON.stringify({ v: 1, dev: 'nb-77', seq, t: 'sos', batt: 73 })
const path = (body: string, account = 'nb-77', by = key) =>
  `/alarm?d=${account}&m=${proofOf(account, Buffer.from(body), by)}`

/** The response code, and Max-Age if it says so. */
async function ask(url: string, body: string, method: 'POST' | 'GET' | 'PUT' = 'POST', confirmable = true) {
  const [pathname, query = ''] = url.split('?') as [string, string?]
  const asking = request({ host: '127.0.0.1', port, pathname, query, method, confirmable })
  asking.end(body)
  const [response] = await once(asking, 'response')
  return response.code as string
}

test('a press is answered 2.04 when it is stored; the same again, also without asking for an answer, opens nothing', async () => {
  expect(await ask(path(sos(41)), sos(41))).toBe('2.04')
  expect(await ask(path(sos(41)), sos(41), 'POST', false)).toBe('2.04')
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
})

test('a heartbeat is heard; what cannot be read, proved by its key, is an unknown signal', async () => {
  const beat = '{"t":"hb","batt":50}'
  door.centre.clock.forward(60_000)
  expect(await ask(path(beat), beat)).toBe('2.04')
  expect(await door.lastHeard(id)).toEqual(door.centre.clock.now())
  expect(await ask(path('help'), 'help')).toBe('2.04')
  expect(await door.incidents()).toEqual([{ kind: 'unknown', signals: 1 }])
})

test('a wrong proof, another body, no proof and nobody are refused alike; other paths and methods are named', async () => {
  expect(await ask(path(sos(1), 'nb-77', 'another-key'), sos(1))).toBe('4.01')
  expect(await ask(path(sos(1)), sos(2))).toBe('4.01')
  expect(await ask('/alarm?d=nb-77', sos(1))).toBe('4.01')
  expect(await ask(path(sos(1), 'nobody'), sos(1))).toBe('4.01')
  expect(await ask('/other', sos(1))).toBe('4.04')
  expect(await ask('/alarm?d=nb-77', sos(1), 'GET')).toBe('4.05')
  const long = 'x'.repeat(1_025)
  expect(await ask('/alarm?d=nb-77', long)).toBe('4.13')
  expect(await door.incidents()).toEqual([])
  expect(await door.strangers()).toEqual([
    { account: 'nb-77', because: 'wrong-secret' },
    { account: 'nobody', because: 'unknown-account' },
  ])
})

test('what is proved by its key is taken whatever its path, its method and its length: somebody hears of it', async () => {
  expect(await ask(path(sos(1)).replace('/alarm', '/alarms'), sos(1))).toBe('2.04')
  expect(await ask(path(sos(2)), sos(2), 'PUT')).toBe('2.04')
  const long = 'x'.repeat(1_025)
  expect(await ask(path(long), long)).toBe('2.04')
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 3 }])
})

test('what cannot be stored is 5.03, and said again it is stored', async () => {
  const again = await door.cannotStore()
  expect(await ask(path(sos(1)), sos(1))).toBe('5.03')
  await again()
  expect(await ask(path(sos(1)), sos(1))).toBe('2.04')
})

test('a thousand datagrams of any bytes: it answers on', async () => {
  const socket = createSocket('udp4')
  let state = 11
  for (let i = 0; i < 1_000; i++) {
    const bytes = Buffer.from(
      Array.from({ length: 1 + (i % 40) }, () => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0
        return state >>> 24
      }),
    )
    if (i % 2) bytes[0] = 0x40 | ((bytes[0] as number) & 0x1f)
    await new Promise((done) => socket.send(bytes, port, '127.0.0.1', done))
  }
  socket.close()
  expect(await ask(path(sos(5)), sos(5))).toBe('2.04')
})

const client = ['coap-client-notls', 'coap-client-gnutls', 'coap-client'].find(has)
test.skipIf(!client)('coap-client (libcoap) as the device', async () => {
  const cwd = folder('coap')
  const ran = await run(
    client as string,
    ['-v', '6', '-m', 'post', '-e', sos(9), `coap://127.0.0.1:${port}${path(sos(9))}`],
    { cwd },
  )
  expect(ran.code).toBe(0)
  expect(ran.output).toMatch(/2\.04/)
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
})
