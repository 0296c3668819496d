import { connect, type Socket } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { bytesOf, readable, valid } from './fixtures/torture.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { type Far, farUdp, offered } from './support/far.ts'
import { handedTime } from './support/handed-time.ts'
import { said } from './support/messages.ts'

// The same for everybody, so that what fails once fails again.
const seed = 4475
const peers: SipPeer[] = [
  { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] },
  { name: 'alice', kind: 'telephone', from: [], user: 'alice', password: 'secret' },
]

function randomly(start: number): (below: number) => number {
  let state = start
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

const well = [
  said(offered),
  said({ method: 'MESSAGE', more: ['Content-Type: application/scaip+xml'], body: '<mrq><ref>1</ref></mrq>' }),
  said({
    method: 'REGISTER',
    from: '<sip:alice@yihu.test>;tag=1',
    to: '<sip:alice@yihu.test>',
    more: ['Contact: <sip:a@b>'],
  }),
  said({ method: 'BYE', to: '<sip:12349@127.0.0.1>;tag=a' }),
  said({ method: 'CANCEL' }),
  ...Object.values(valid).map(bytesOf),
  ...Object.values(readable).map(bytesOf),
]
const nasty = [
  '\r\n',
  '\r\n\r\n',
  '"',
  '<',
  '>',
  ';',
  ',',
  '\0',
  '%',
  ':',
  '@',
  '\xff',
  '-1',
  '99999999999',
  'sip:',
  'Via: ',
  ';tag=',
  ' ',
  '\\',
]

/** One of the messages with one to four things wrong in it. */
function mutate(random: (below: number) => number): Buffer {
  let bytes = Buffer.from(well[random(well.length)] as Buffer)
  for (let times = 1 + random(4); times > 0; times--) {
    const at = random(bytes.length + 1)
    const put = Buffer.from(nasty[random(nasty.length)] as string, 'latin1')
    const kinds = [
      () => Buffer.concat([bytes.subarray(0, at), put, bytes.subarray(at)]),
      () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random(20))]),
      () => bytes.subarray(0, at),
      () => Buffer.concat([bytes.subarray(0, at), bytes.subarray(random(bytes.length + 1), at + 50)]),
      () => bytes.map((byte, i) => (i === at ? random(256) : byte)),
    ]
    bytes = Buffer.from((kinds[random(kinds.length)] as () => Uint8Array)())
  }
  return bytes
}

let edge: Edge
let time: ReturnType<typeof handedTime>
let known: Far

afterEach(async () => {
  known.close()
  await edge.endpoint.stop()
})

async function start(): Promise<void> {
  time = handedTime()
  edge = await startEdge({ peers, now: time.now, timers: time.timers })
  known = await farUdp(edge.port('udp'))
}

let asked = 0
async function stillThere(): Promise<void> {
  const callId = `still-${++asked}`
  known.say(said({ method: 'OPTIONS', callId, branch: `z9hG4bK${callId}` }))
  await expect.poll(() => known.heard.some((one) => one.callId === callId), { interval: 1 }).toBe(true)
}

/** A minute and the last of what was under way has been given up; of calls that were answered nobody heard the end. */
async function nothingLeft(): Promise<void> {
  for (let i = 0; i < 5; i++) time.forward(64_000)
  expect(edge.endpoint.stats()).toMatchObject({ transactions: 0, dialogs: 0, registrations: 0 })
  await stillThere()
}

test('ten thousand broken messages over UDP cause no fault, no more answers than messages, and leave nothing', async () => {
  await start()
  const random = randomly(seed)
  const { createSocket } = await import('node:dgram')
  let answers = 0
  const ears = createSocket('udp4').on('message', () => void answers++)
  await new Promise<void>((done) => ears.bind(0, '127.0.0.2', done))
  const port = edge.port('udp')
  for (let i = 1; i <= 10_000; i++) {
    ears.send(mutate(random), port, '127.0.0.1')
    if (i % 50 === 0) {
      time.forward(100)
      await stillThere()
    }
  }
  const before = answers
  expect(before).toBeGreaterThan(100) // many are whole enough to be answered: the test is about something
  // A call that was taken by accident is answered with a 180 and a 200 of which the last is said again a few times.
  expect(before).toBeLessThan(20_000)
  await nothingLeft()
  ears.close()
}, 60_000)

test('ten thousand broken messages over TCP cause no fault and leave neither state nor connections', async () => {
  await start()
  const random = randomly(seed + 1)
  const port = edge.port('tcp')
  let answers = 0
  let opened = 0
  let socket: Socket | undefined
  const open = async () => {
    opened++
    const fresh = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' })
    fresh.on('error', () => {})
    fresh.on('data', (chunk: Buffer) => {
      answers += chunk.toString('latin1').split('SIP/2.0 ').length - 1
    })
    await new Promise<void>((done) => void fresh.once('connect', done).once('close', () => done()))
    return fresh
  }
  for (let i = 1; i <= 10_000; i++) {
    if (!socket || socket.destroyed || !socket.writable) socket = await open()
    socket.write(mutate(random))
    if (i % 50 === 0) {
      time.forward(100)
      await stillThere()
      // What was cut off swallows what follows; a new connection begins with a new message.
      if (i % 200 === 0) socket.end()
    }
  }
  socket?.destroy()
  expect(opened).toBeGreaterThan(50)
  expect(answers).toBeGreaterThan(50)
  expect(answers).toBeLessThan(20_000)
  await nothingLeft()
}, 60_000)
