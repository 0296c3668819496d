import { type FastifyInstance, fastify } from 'fastify'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { webhookRoutes } from '../../telephony/alarm/webhook/routes.ts'
import { signatureOf } from '../../telephony/alarm/webhook/signature.ts'
import { type AlarmDoor, startAlarmDoor } from '../support/alarm-door.ts'

let door: AlarmDoor
let app: FastifyInstance
let key: string
let gatewayId: string
beforeEach(async () => {
  door = await startAlarmDoor()
  app = fastify()
  await app.register(webhookRoutes, door.parts)
  const gateway = await door.device('webhook', 'platform', { kind: 'gateway' })
  gatewayId = gateway.id
  key = await gateway.issueKey()
  await door.device('webhook', 'p-1', { gatewayId })
})
afterEach(async () => {
  await app.close()
  await door.close()
})

async function send(body: unknown, by = key, agoSeconds = 0, gateway = 'platform') {
  const payload = typeof body === 'string' ? body : JSON.stringify(body)
  const seconds = String(Math.floor(door.centre.clock.now().getTime() / 1000) - agoSeconds)
  const signature = signatureOf(seconds, Buffer.from(payload), by)
  const reply = await app.inject({
    method: 'POST',
    url: '/signals',
    payload,
    headers: {
      'content-type': 'application/json',
      'yihu-gateway': gateway,
      'yihu-timestamp': seconds,
      'yihu-signature': signature,
    },
  })
  return {
    status: reply.statusCode,
    results: (reply.json() as { results?: { result: string }[] }).results?.map((one) => one.result),
  }
}
const press = (sequence: number, account = 'p-1') => ({ account, sequence, type: 'button' })

test('the signals of a platform are stored, each with what became of it; all of it again is known', async () => {
  const body = {
    signals: [
      press(1),
      { account: 'p-1', sequence: 2, type: 'heartbeat' },
      { account: 'p-1', sequence: 3, type: 'cancelled' },
    ],
  }
  expect(await send(body)).toEqual({ status: 200, results: ['stored', 'heard', 'noted'] })
  expect(await send(body)).toEqual({ status: 200, results: ['again', 'heard', 'noted'] })
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 1 }])
})

test('one that is broken or not its own costs none of the others; a broken one of a known device is an unknown signal', async () => {
  const other = await door.device('webhook', 'p-2')
  await other.issueKey()
  expect(await send({ signals: [press(1), press(1, 'p-2'), press(1, 'nobody'), 7, { account: 'p-1' }] })).toEqual({
    status: 200,
    results: ['stored', 'unknown-device', 'unknown-device', 'invalid', 'stored'],
  })
  expect(await door.strangers()).toEqual([
    { account: 'nobody', because: 'unknown-account' },
    { account: 'p-2', because: 'wrong-secret' },
    { account: 'platform', because: 'unreadable' },
  ])
  expect(await door.incidents()).toEqual([{ kind: 'button', signals: 2 }])
})

test('another key, an old message, an unknown gateway and a key that was taken away are refused alike', async () => {
  const body = { signals: [press(1)] }
  expect((await send(body, 'another-key-of-nobody')).status).toBe(401)
  expect((await send(body, key, 301)).status).toBe(401)
  expect((await send(body, key, 0, 'elsewhere')).status).toBe(401)
  expect((await send(body, key, 0, 'p-1')).status).toBe(401)
  await (await door.centre.as('admin')).post(`/devices/${gatewayId}/key`)
  expect((await send(body)).status).toBe(401)
  expect(await door.incidents()).toEqual([])
})

test('no body of signals is refused, and what cannot be stored is to be sent again', async () => {
  expect((await send('{"signals":[]}')).status).toBe(422)
  expect(await door.strangers()).toEqual([{ account: 'platform', because: 'unreadable' }])
  const again = await door.cannotStore()
  expect((await send({ signals: [press(1)] })).status).toBe(503)
  await again()
  expect(await send({ signals: [press(1)] })).toEqual({ status: 200, results: ['stored'] })
})
