import { expect, test } from 'vitest'
import { createClient } from '../../../telephony/sip/transactions/client.ts'
import { createInviteClient } from '../../../telephony/sip/transactions/client-invite.ts'
import { createServer } from '../../../telephony/sip/transactions/server.ts'
import { createInviteServer } from '../../../telephony/sip/transactions/server-invite.ts'
import { handedTime } from './support/handed-time.ts'
import { responseFrom, wire } from './support/messages.ts'

const response = (status: number, method: string, tag = 'a') =>
  responseFrom(
    wire(
      `SIP/2.0 ${status} So`,
      'Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bKx',
      'From: <sip:a@b>;tag=1',
      `To: <sip:c@d>;tag=${tag}`,
      'Call-ID: 1',
      `CSeq: 1 ${method}`,
      '',
      '',
    ),
  )

function client(kind: 'INVITE' | 'MESSAGE', reliable = false) {
  const time = handedTime()
  const start = time.now().getTime()
  const log: string[] = []
  const sent: number[] = []
  const parts = {
    reliable,
    timers: time.timers,
    send: () => void sent.push(time.now().getTime() - start),
    onResponse: (got: { status: number }) => void log.push(String(got.status)),
    onFailed: (because: string) => void log.push(because),
    onEnd: () => void log.push('end'),
  }
  const machine =
    kind === 'INVITE' ? createInviteClient({ ...parts, acknowledge: () => void log.push('ack') }) : createClient(parts)
  return { time, log, sent, hear: (status: number) => machine.receive(response(status, kind)), machine }
}

test('an INVITE over UDP that nobody answers is sent seven times in ever longer pauses, and given up after 32 s', () => {
  const { time, log, sent } = client('INVITE')
  time.forward(31_999)
  expect(sent).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 31_500])
  expect(log).toEqual([])
  time.forward(1)
  expect(log).toEqual(['end', 'timeout'])
  expect(time.waiting()).toBe(0)
})

test('a message over UDP that nobody answers is sent eleven times, at most every 4 s', () => {
  const { time, log, sent } = client('MESSAGE')
  time.forward(32_000)
  expect(sent).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500])
  expect(log).toEqual(['end', 'timeout'])
})

test('over a connection nothing is sent twice, and it is given up at the same time', () => {
  for (const kind of ['INVITE', 'MESSAGE'] as const) {
    const { time, log, sent } = client(kind, true)
    time.forward(32_000)
    expect(sent).toEqual([0])
    expect(log).toEqual(['end', 'timeout'])
  }
})

test('a telephone that rings for minutes is not given up by its transaction', () => {
  const { time, log, sent, hear } = client('INVITE')
  hear(180)
  time.forward(170_000)
  expect(sent).toEqual([0])
  hear(200)
  expect(log).toEqual(['180', '200'])
})

test('a refusal is acknowledged each time it comes, told once, and forgotten after 32 s', () => {
  const { time, log, hear } = client('INVITE')
  hear(486)
  hear(486)
  expect(log).toEqual(['ack', '486', 'ack'])
  time.forward(32_000)
  expect(log.at(-1)).toBe('end')
  expect(time.waiting()).toBe(0)
  hear(486)
  expect(log).toHaveLength(4)
})

test('every 2xx is told, for several telephones may have answered, and none is acknowledged by the transaction', () => {
  const { time, log, hear } = client('INVITE')
  hear(200)
  hear(200)
  hear(183)
  hear(486)
  expect(log).toEqual(['200', '200'])
  time.forward(32_000)
  expect(log).toEqual(['200', '200', 'end'])
})

test('a final answer to a message is told once, and late copies of it for 5 s are nothing', () => {
  const { time, log, sent, hear } = client('MESSAGE')
  hear(100)
  time.forward(600)
  hear(202)
  hear(202)
  time.forward(5_000)
  expect(log).toEqual(['100', '202', 'end'])
  expect(sent).toEqual([0, 500])
  expect(time.waiting()).toBe(0)
})

test('a connection that breaks is told at once, but not to who has the answer already', () => {
  const early = client('MESSAGE', true)
  early.machine.fail()
  expect(early.log).toEqual(['end', 'transport'])
  const late = client('INVITE', true)
  late.hear(200)
  late.machine.fail()
  expect(late.log).toEqual(['200', 'end'])
})

function server(kind: 'INVITE' | 'MESSAGE', reliable = false) {
  const time = handedTime()
  const start = time.now().getTime()
  const sent: [number, string][] = []
  const log: string[] = []
  const parts = {
    reliable,
    timers: time.timers,
    send: (bytes: Buffer) => void sent.push([time.now().getTime() - start, bytes.toString()]),
    onEnd: () => void log.push('end'),
    onUnacknowledged: (accepted: boolean) => void log.push(accepted ? 'answer-unheard' : 'refusal-unheard'),
  }
  const machine = kind === 'INVITE' ? createInviteServer(parts) : createServer(parts)
  return { time, sent, log, machine, say: (status: number) => machine.respond(status, Buffer.from(String(status))) }
}

test('a message that comes again is given the same answer again, and for 32 s only', () => {
  const { time, sent, log, machine, say } = server('MESSAGE')
  machine.receive()
  expect(sent).toEqual([])
  say(200)
  say(500)
  machine.receive()
  expect(sent.map(([, text]) => text)).toEqual(['200', '200'])
  time.forward(32_000)
  expect(log).toEqual(['end'])
})

test('a message that nobody answers is forgotten when its sender gives up', () => {
  const { time, log } = server('MESSAGE')
  time.forward(32_000)
  expect(log).toEqual(['end'])
  expect(time.waiting()).toBe(0)
})

test('an INVITE that comes again hears what was said last', () => {
  const { sent, machine, say } = server('INVITE')
  say(100)
  machine.receive()
  say(180)
  machine.receive()
  expect(sent.map(([, text]) => text)).toEqual(['100', '100', '180', '180'])
})

test('a refusal over UDP is said again until its ACK, which is waited for 5 s more', () => {
  const { time, sent, log, machine, say } = server('INVITE')
  say(486)
  time.forward(3_600)
  expect(sent.map(([at]) => at)).toEqual([0, 500, 1_500, 3_500])
  machine.acknowledged()
  machine.receive()
  time.forward(4_999)
  expect(log).toEqual([])
  time.forward(1)
  expect(log).toEqual(['end'])
  expect(sent).toHaveLength(4)
})

test('a refusal without an ACK ends by itself, over a connection without being said again', () => {
  const udp = server('INVITE')
  udp.say(486)
  udp.time.forward(32_000)
  expect(udp.log).toEqual(['end', 'refusal-unheard'])
  const tcp = server('INVITE', true)
  tcp.say(486)
  tcp.time.forward(32_000)
  expect(tcp.sent).toHaveLength(1)
})

test('an answer is said again on every transport until its ACK, and then not any more', () => {
  for (const reliable of [false, true]) {
    const { time, sent, log, machine, say } = server('INVITE', reliable)
    say(200)
    time.forward(12_000)
    expect(sent.map(([at]) => at)).toEqual([0, 500, 1_500, 3_500, 7_500, 11_500])
    machine.acknowledged()
    machine.receive()
    time.forward(20_000)
    expect(sent).toHaveLength(6)
    expect(log).toEqual(['end'])
  }
})

test('an answer that is never acknowledged is told after 32 s, so that the call can be ended', () => {
  const { time, sent, log, say } = server('INVITE')
  say(200)
  time.forward(32_000)
  expect(sent.at(-1)?.[0]).toBe(31_500)
  expect(log).toEqual(['end', 'answer-unheard'])
  expect(time.waiting()).toBe(0)
})
