import { createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { SipCall } from '../../../telephony/sip/calls/call.ts'
import { header, type ReceivedRequest, tagOf } from '../../../telephony/sip/message/message.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { createStreamReader } from '../../../telephony/sip/transports/stream-reader.ts'
import { freePort } from '../../support/ports.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { farUdp } from './support/far.ts'
import { handedTime } from './support/handed-time.ts'
import { requestFrom, said, sdp } from './support/messages.ts'

const number = '+8613800138000'
let time: ReturnType<typeof handedTime>
let edge: Edge
let far: Awaited<ReturnType<typeof farUdp>>

async function start(what: Partial<SipPeer> = {}): Promise<void> {
  time = handedTime()
  far = await farUdp(0)
  const at = { host: '127.0.0.2', port: far.port, transport: 'udp' as const }
  const peers: SipPeer[] = [
    { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'], callerId: '+8657112349', at, ...what },
  ]
  edge = await startEdge({ peers, now: time.now, timers: time.timers })
  far.aim(edge.port('udp'))
}

/** The trunk answers, so that it can be called. */
async function reached(): Promise<void> {
  far.answer(await far.request('OPTIONS'), 200)
  await expect.poll(() => edge.endpoint.reaches(number)).toBe(true)
}

beforeEach(() => start())

afterEach(async () => {
  await edge.endpoint.stop()
  far.close()
})

function follow(call: SipCall | undefined): string[] {
  const told: string[] = []
  call?.onRinging(() => told.push('ringing'))
  call?.onEarly(() => told.push('early'))
  call?.onAnswered(() => told.push('answered'))
  call?.onEnd((because, status) => told.push(status ? `${because} ${status}` : because))
  return told
}

async function placed(): Promise<{ call: SipCall | undefined; told: string[]; invite: ReceivedRequest }> {
  await reached()
  const call = edge.endpoint.invite({ number, sdp })
  return { call, told: follow(call), invite: await far.request('INVITE') }
}

const contact = () => ({ headers: [['contact', `<sip:far@127.0.0.2:${far.port}>`]] as [string, string][] })

test('a trunk is called only while it answers', async () => {
  expect(edge.endpoint.reaches(number)).toBe(false)
  expect(edge.endpoint.invite({ number, sdp })).toBeUndefined()
  await reached()
  time.forward(30_000)
  far.answer(await far.request('OPTIONS'), 503)
  await expect.poll(() => edge.endpoint.reaches(number)).toBe(false)
  time.forward(10_000)
  far.answer(await far.request('OPTIONS'), 405)
  await expect.poll(() => edge.endpoint.reaches(number)).toBe(true)
  time.forward(30_000)
  await far.request('OPTIONS')
  time.forward(32_000)
  expect(edge.endpoint.reaches(number)).toBe(false)
  expect(edge.logged.join()).not.toContain('13800138000')
})

test('a call out says who calls and whom, rings, is answered and hung up', async () => {
  const { call, told, invite } = await placed()
  expect(invite.uri).toBe(`sip:${number}@127.0.0.2:${far.port};user=phone`)
  expect(invite.from.uri).toMatchObject({ user: '+8657112349' })
  expect(header(invite, 'session-expires')).toBe('1800')
  far.answer(invite, 180, contact())
  await expect.poll(() => told).toEqual(['ringing'])
  far.answer(invite, 200, { ...contact(), sdp })
  const ack = await far.request('ACK')
  expect(ack.cseq.number).toBe(invite.cseq.number)
  expect(ack.uri).toBe(`sip:far@127.0.0.2:${far.port}`)
  far.answer(invite, 200, { ...contact(), sdp })
  await far.request('ACK')
  call?.hangUp()
  far.answer(await far.request('BYE'), 200)
  expect(told).toEqual(['ringing', 'answered', 'hung-up'])
  await expect.poll(() => edge.endpoint.stats().dialogs).toBe(0)
  time.forward(33_000)
  await far.request('OPTIONS')
  expect(edge.endpoint.stats().transactions).toBe(1)
})

test('sound before the answer is told', async () => {
  const { told, invite } = await placed()
  far.answer(invite, 183, { sdp })
  await expect.poll(() => told).toEqual(['early', 'ringing'])
})

test('who hangs up at the other end has hung up', async () => {
  const { told, invite } = await placed()
  far.answer(invite, 200, { ...contact(), sdp })
  await far.request('ACK')
  const from = `<sip:${number}@127.0.0.2>;tag=far`
  far.say(said({ method: 'BYE', from, to: header(invite, 'from') ?? '', callId: invite.callId, cseq: '1 BYE' }))
  await far.next(200)
  expect(told).toEqual(['answered', 'hung-up'])
})

test('of several telephones that answer the first has the call, and the others are let go', async () => {
  const { told, invite } = await placed()
  far.answer(invite, 200, { ...contact(), sdp, tag: 'first' })
  await far.request('ACK')
  far.answer(invite, 200, { ...contact(), sdp, tag: 'second' })
  expect(tagOf((await far.request('ACK')).to)).toBe('second')
  expect(tagOf((await far.request('BYE')).to)).toBe('second')
  expect(told).toEqual(['answered'])
})

test('a call that is taken back before anything was heard is cancelled once they have said something', async () => {
  const { call, told, invite } = await placed()
  call?.hangUp()
  expect(told).toEqual(['hung-up'])
  expect(far.heard.some((one) => one.kind === 'request' && one.method === 'CANCEL')).toBe(false)
  far.answer(invite, 180)
  const cancel = await far.request('CANCEL')
  expect(cancel.via.branch).toBe(invite.via.branch)
  expect(cancel.cseq.number).toBe(invite.cseq.number)
  far.answer(cancel, 200)
  far.answer(invite, 487)
  await far.request('ACK')
  expect(told).toEqual(['hung-up'])
})

test('a call that is answered just as it is taken back is acknowledged and hung up', async () => {
  const { call, told, invite } = await placed()
  far.answer(invite, 180)
  await expect.poll(() => told).toEqual(['ringing'])
  call?.hangUp()
  await far.request('CANCEL')
  far.answer(invite, 200, { ...contact(), sdp })
  await far.request('ACK')
  await far.request('BYE')
  expect(told).toEqual(['ringing', 'hung-up'])
})

test('a telephone that rings for three minutes is not rung for longer', async () => {
  const { told, invite } = await placed()
  far.answer(invite, 180)
  await expect.poll(() => told).toEqual(['ringing'])
  time.forward(180_000)
  await far.request('CANCEL')
  expect(told).toEqual(['ringing', 'no-answer'])
  // They never end it: it is let go all the same.
  time.forward(32_000)
  expect(edge.endpoint.stats().dialogs).toBe(0)
})

const refusals: [number, string][] = [
  [486, 'declined 486'],
  [603, 'declined 603'],
  [480, 'no-answer 480'],
  [404, 'refused 404'],
  [302, 'refused 302'],
  [503, 'refused 503'],
]
for (const [status, ended] of refusals)
  test(`an answer of ${status} ends the call as ${ended}, and nobody else is called instead`, async () => {
    const { told, invite } = await placed()
    far.answer(invite, status, { headers: [['contact', '<sip:elsewhere@127.0.0.2>']] })
    await far.request('ACK')
    await expect.poll(() => told).toEqual([ended])
    expect(far.heard.filter((one) => one.kind === 'request' && one.method === 'INVITE')).toHaveLength(1)
  })

test('a trunk that does not answer the call loses it after 32 s', async () => {
  const { told } = await placed()
  time.forward(32_000)
  expect(told).toEqual(['lost'])
})

test('a trunk that wants longer sessions gets them', async () => {
  const { told, invite } = await placed()
  far.answer(invite, 422, { headers: [['min-se', '3600']] })
  await far.request('ACK')
  const again = await far.request('INVITE')
  expect([header(again, 'session-expires'), header(again, 'min-se')]).toEqual(['3600', '3600'])
  expect(again.cseq.number).toBe(invite.cseq.number + 1)
  far.answer(again, 200, {
    ...contact(),
    sdp,
    headers: [...contact().headers, ['session-expires', '3600;refresher=uas']],
  })
  await far.request('ACK')
  await expect.poll(() => told).toEqual(['answered'])
})

const challenge = (nonce: string, algorithm = 'MD5') =>
  ['proxy-authenticate', `Digest realm="trunk", nonce="${nonce}", algorithm=${algorithm}, qop="auth,auth-int"`] as const

test('a proxy that asks for our password is told it once; asked again we give up', async () => {
  await edge.endpoint.stop()
  far.close()
  await start({ user: 'yihu', password: 'secret' })
  const { told, invite } = await placed()
  far.answer(invite, 407, { headers: [challenge('one'), challenge('two', 'SHA-256')] })
  await far.request('ACK')
  const again = await far.request('INVITE')
  const words = header(again, 'proxy-authorization') ?? ''
  expect(words).toContain('nonce="two"')
  expect(words).toContain('algorithm=SHA-256')
  expect(words).not.toContain('secret')
  far.answer(again, 407, { headers: [challenge('three')] })
  await far.request('ACK')
  await expect.poll(() => told).toEqual(['refused 407'])
})

test('we register at the trunk, with our password, as often as it wants, and take it back at the end', async () => {
  await edge.endpoint.stop()
  far.close()
  await start({ user: 'yihu', password: 'secret', register: { expiresSeconds: 300 } })
  far.answer(await far.request('OPTIONS'), 200)
  const first = await far.request('REGISTER')
  expect(header(first, 'contact')).toBe(`<sip:hotline@127.0.0.1:${edge.port('udp')}>;expires=300`)
  far.answer(first, 401, { headers: [['www-authenticate', 'Digest realm="trunk", nonce="n"']] })
  const second = await far.request('REGISTER')
  expect(header(second, 'authorization')).toMatch(/username="yihu", .*response="[0-9a-f]{32}"/)
  expect(edge.endpoint.reaches(number)).toBe(false)
  far.answer(second, 423, { headers: [['min-expires', '600']] })
  await expect
    .poll(() => {
      time.forward(0)
      return far.heard.length
    })
    .toBe(4)
  const third = await far.request('REGISTER')
  expect(header(third, 'expires')).toBe('600')
  far.answer(third, 200, { headers: [['contact', `${header(third, 'contact')?.split(';')[0]};expires=600`]] })
  await expect.poll(() => edge.endpoint.reaches(number)).toBe(true)
  time.forward(480_000)
  expect((await far.request('REGISTER')).callId).toBe(first.callId)
})

test('a registration by a connection that breaks is made anew on another', async () => {
  const sockets: Socket[] = []
  const registers: ReceivedRequest[] = []
  const server: Server = createServer((socket) => {
    sockets.push(socket)
    const reader = createStreamReader()
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      for (const piece of reader.push(chunk)) {
        if (!('message' in piece) || piece.message.toString().startsWith('SIP/2.0')) continue
        const request = requestFrom(piece.message)
        if (request.method === 'REGISTER') registers.push(request)
        const copied = ['via', 'from', 'to', 'call-id', 'cseq'].map((name) => `${name}: ${header(request, name)}`)
        socket.write(['SIP/2.0 200 OK', ...copied, 'Content-Length: 0', '', ''].join('\r\n'))
      }
    })
  })
  const port = await freePort()
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done))
  const clock = handedTime()
  const at = { host: '127.0.0.1', port, transport: 'tcp' as const }
  const own = await startEdge({
    peers: [{ name: 'pbx', kind: 'trunk', from: [], at, register: { expiresSeconds: 300 } }],
    now: clock.now,
    timers: clock.timers,
  })
  await expect.poll(() => own.endpoint.reaches(number)).toBe(true)
  // What comes back on our connection to the trunk is from the trunk.
  sockets[0]?.write(
    said({
      method: 'MESSAGE',
      more: ['Content-Type: text/plain'],
      body: 'x',
      via: 'SIP/2.0/TCP 127.0.0.1;branch=z9hG4bKback',
    }),
  )
  await expect.poll(() => own.messages.length).toBe(1)
  sockets[0]?.destroy()
  await expect.poll(() => own.endpoint.reaches(number)).toBe(false)
  clock.forward(2_000)
  await expect.poll(() => own.endpoint.reaches(number)).toBe(true)
  expect(registers).toHaveLength(2)
  await own.endpoint.stop()
  server.close()
})
