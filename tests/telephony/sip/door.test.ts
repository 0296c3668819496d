import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { answerChallenge, type Credentials } from '../../../telephony/sip/auth/digest.ts'
import { header, headers, type Received, type ReceivedRequest } from '../../../telephony/sip/message/message.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { type Far, farTcp, farUdp, offered } from './support/far.ts'
import { handedTime } from './support/handed-time.ts'
import { type Said, said, sdp } from './support/messages.ts'

const trunk: SipPeer = { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'], password: 'ours-there', user: 'yihu' }
const alice: SipPeer = {
  name: 'alice',
  kind: 'telephone',
  from: [],
  user: 'alice',
  password: 'secret',
  number: '+8657187654321',
}
const carol: SipPeer = { ...alice, name: 'carol', user: 'carol', digest: 'SHA-256', number: '+8657187654323' }
const home = '127.0.0.5'
let time: ReturnType<typeof handedTime>
let edge: Edge
const fars: Far[] = []

beforeEach(async () => {
  time = handedTime()
  edge = await startEdge({ peers: [trunk, alice, carol], now: time.now, timers: time.timers })
})

afterEach(async () => {
  await edge.endpoint.stop()
  for (const far of fars.splice(0)) far.close()
})

async function at(address: string): Promise<Far> {
  const far = await farUdp(edge.port('udp'), address)
  fars.push(far)
  return far
}

let number = 0
const asAlice = (what: Said = {}): Said => {
  const id = `door-${++number}`
  return {
    method: 'REGISTER',
    uri: 'sip:yihu.test',
    from: '<sip:alice@yihu.test>;tag=a',
    to: '<sip:alice@yihu.test>',
    callId: id,
    branch: `z9hG4bK${id}`,
    ...what,
  }
}

const contact = (far: Far, expires = 600) => `Contact: <sip:alice@192.168.7.7:5066>;expires=${expires};x=${far.port}`

/** The words for the challenge in an answer. */
function words(
  challenge: Received,
  what: Said,
  credentials: Credentials = { user: 'alice', password: 'secret' },
): string {
  const request = { method: what.method ?? 'INVITE', uri: what.uri ?? 'sip:12349@127.0.0.1' }
  return `Authorization: ${answerChallenge(headers(challenge, 'www-authenticate'), credentials, request, 'cnonce')}`
}

async function register(far: Far, more = [contact(far)], callId = `reg-${++number}`): Promise<Received> {
  const what = asAlice({ callId, cseq: '1 REGISTER' })
  far.say(said({ ...what, more }))
  const challenge = await far.next(401)
  far.say(said({ ...what, branch: `${what.branch}b`, cseq: '2 REGISTER', more: [...more, words(challenge, what)] }))
  return far.next(200)
}

test('a scanner hears nothing at all, whatever it asks, and from a trunk the same is answered', async () => {
  const scanner = await at('127.0.0.66')
  const knocks: Said[] = [
    { method: 'OPTIONS' },
    { ...offered, method: 'INVITE' },
    { method: 'REGISTER', from: '<sip:100@127.0.0.1>;tag=1', to: '<sip:100@127.0.0.1>' },
    { method: 'MESSAGE', from: '<sip:yihu@127.0.0.1>;tag=1' },
    { method: 'BYE', to: '<sip:a@b>;tag=1' },
    { method: 'CANCEL' },
    { method: 'ACK' },
  ]
  for (const [i, knock] of knocks.entries()) scanner.say(said({ ...knock, callId: `k${i}`, branch: `z9hG4bKk${i}` }))
  scanner.say(Buffer.from('OPTIONS sip:100@127.0.0.1 SIP/2.0\r\nVia: nothing\r\n\r\n'))
  scanner.say(Buffer.from(said({ method: 'OPTIONS' }).toString().replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE')))
  const known = await at('127.0.0.2')
  known.say(said({ method: 'OPTIONS' }))
  await known.next(200)
  known.say(
    Buffer.from(
      said({ method: 'OPTIONS', branch: 'z9hG4bKbad' }).toString().replace('CSeq: 1 OPTIONS', 'CSeq: 1 INVITE'),
    ),
  )
  await known.next(400)
  expect(scanner.heard).toEqual([])
  expect(edge.calls).toEqual([])
  expect(edge.endpoint.stats().refused).toBeGreaterThanOrEqual(7)
})

test('a telephone registers with its password and is called where it came from, behind its router', async () => {
  const far = await at(home)
  const ok = await register(far)
  expect(header(ok, 'contact')).toBe('<sip:alice@192.168.7.7:5066>;expires=600')
  expect(edge.endpoint.peersTo('+8657187654321')[0]?.name).toBe('alice')
  const call = edge.endpoint.invite({ number: '+8657187654321', sdp })
  const invite: ReceivedRequest = await far.request('INVITE')
  expect(invite.uri).toBe('sip:alice@192.168.7.7:5066')
  far.answer(invite, 200, { sdp, headers: [['contact', '<sip:alice@192.168.7.7:5066>']] })
  await far.request('ACK')
  call?.hangUp()
  await far.request('BYE')
})

test('a telephone that does not register again is gone, and one that signs off is gone at once', async () => {
  const far = await at(home)
  await register(far)
  time.forward(599_000)
  expect(edge.endpoint.reaches('+8657187654321')).toBe(true)
  time.forward(2_000)
  expect(edge.endpoint.reaches('+8657187654321')).toBe(false)
  await register(far)
  await register(far, ['Contact: *', 'Expires: 0'])
  expect(edge.endpoint.stats().registrations).toBe(0)
})

test('a registration for too short is refused, one for too long is cut, a late old one changes nothing', async () => {
  const far = await at(home)
  const what = asAlice({ cseq: '5 REGISTER', callId: 'same' })
  far.say(said(what))
  const sign = (challenge: Received, n: number, more: string[]) =>
    far.say(
      said({ ...what, branch: `z9hG4bKsame${n}`, cseq: `${n} REGISTER`, more: [...more, words(challenge, what)] }),
    )
  sign(await far.next(401), 6, [contact(far, 30)])
  expect(header(await far.next(423), 'min-expires')).toBe('60')
  far.say(said(asAlice()))
  sign(await far.next(401), 7, [contact(far, 999_999)])
  expect(header(await far.next(200), 'contact')).toContain('expires=3600')
  far.say(said(asAlice()))
  sign(await far.next(401), 4, [contact(far, 0)])
  await far.next(500)
  expect(edge.endpoint.stats().registrations).toBe(1)
})

test('a telephone may not register another, and a trunk registers nobody', async () => {
  const far = await at(home)
  const what = asAlice({ to: '<sip:carol@yihu.test>' })
  far.say(said(what))
  far.say(said({ ...what, branch: 'z9hG4bKother', more: [contact(far), words(await far.next(401), what)] }))
  await far.next(403)
  const other = await at('127.0.0.2')
  other.say(said({ method: 'REGISTER', to: '<sip:alice@yihu.test>', more: [contact(other)] }))
  await other.next(403)
  expect(edge.endpoint.stats().registrations).toBe(0)
})

test('words that were overheard are not taken a second time, and a nonce does not live for long', async () => {
  const far = await at(home)
  const what = asAlice()
  far.say(said(what))
  const signed = words(await far.next(401), what)
  far.say(said({ ...what, branch: 'z9hG4bKfirst', cseq: '2 REGISTER', more: [contact(far), signed] }))
  await far.next(200)
  const thief = await at('127.0.0.66')
  thief.say(said({ ...what, branch: 'z9hG4bKthief', cseq: '3 REGISTER', more: [contact(thief), signed] }))
  await thief.next(401)
  far.say(said(asAlice()))
  const late = words(await far.next(401), what)
  time.forward(301_000)
  far.say(said({ ...what, branch: 'z9hG4bKlate', cseq: '4 REGISTER', more: [contact(far), late] }))
  expect(header(await far.next(401), 'www-authenticate')).toContain('stale=true')
})

test('somebody who tries passwords is not answered any more, for a quarter of an hour', async () => {
  const thief = await at('127.0.0.66')
  const what = asAlice()
  thief.say(said(what))
  let challenge = await thief.next(401)
  for (let i = 0; i < 7; i++) {
    const wrong = words(challenge, what, { user: 'alice', password: `guess-${i}` })
    thief.say(said({ ...what, branch: `z9hG4bKguess${i}`, cseq: `${i + 2} REGISTER`, more: [wrong] }))
    challenge = await thief.next(401)
  }
  const heard = thief.heard.length
  const right = words(challenge, what)
  thief.say(
    said({
      ...what,
      branch: 'z9hG4bKlast',
      cseq: '20 REGISTER',
      more: [words(challenge, what, { user: 'alice', password: 'x' })],
    }),
  )
  thief.say(said({ ...what, branch: 'z9hG4bKright', cseq: '21 REGISTER', more: [right] }))
  const far = await at(home)
  await register(far)
  expect(thief.heard.length).toBeLessThanOrEqual(heard + 1)
  time.forward(15 * 60_000 + 1_000)
  thief.say(said(asAlice()))
  await thief.next(401)
})

test('an address that only asks for challenges is given twenty of them', async () => {
  const thief = await at('127.0.0.66')
  for (let i = 0; i < 60; i++) thief.say(said(asAlice()))
  const far = await at(home)
  await register(far)
  expect(thief.heard.length).toBeLessThanOrEqual(20)
  expect(thief.heard.length).toBeGreaterThan(10)
})

test('a telephone that is to use the stronger way is not let in by the weaker one', async () => {
  const far = await at(home)
  const what = asAlice({ from: '<sip:carol@yihu.test>;tag=a', to: '<sip:carol@yihu.test>' })
  far.say(said(what))
  const challenge = await far.next(401)
  expect(header(challenge, 'www-authenticate')).toContain('algorithm=SHA-256')
  const carols = { user: 'carol', password: 'secret' }
  const weak = header(challenge, 'www-authenticate')?.replace('SHA-256', 'MD5') ?? ''
  const request = { method: 'REGISTER', uri: 'sip:yihu.test' }
  far.say(
    said({
      ...what,
      branch: 'z9hG4bKweak',
      cseq: '2 REGISTER',
      more: [`Authorization: ${answerChallenge([weak], carols, request)}`],
    }),
  )
  await far.next(401)
  far.say(said({ ...what, branch: 'z9hG4bKstrong', cseq: '3 REGISTER', more: [words(challenge, what, carols)] }))
  await far.next(200)
})

test('a telephone that calls is known by its password, whatever it writes as its number', async () => {
  const far = await at(home)
  const what = { ...offered, from: '<sip:alice@yihu.test>;tag=x', callId: 'a', branch: 'z9hG4bKa' }
  far.say(said(what))
  const signed = words(await far.next(401), what)
  far.say(
    said({
      ...what,
      from: '"120" <sip:120@yihu.test>;tag=x',
      branch: 'z9hG4bKb',
      cseq: '2 INVITE',
      more: [...offered.more, signed],
    }),
  )
  await far.next(200)
  expect(edge.calls[0]?.caller).toEqual({ number: '+8657187654321', display: 'alice', withheld: false, verified: true })
})

test('a telephone that has moved to another network hangs up with its password once more', async () => {
  const far = await at(home)
  const what = { ...offered, from: '<sip:alice@yihu.test>;tag=x', callId: 'moved', branch: 'z9hG4bKm1' }
  far.say(said(what))
  const signed = words(await far.next(401), what)
  far.say(said({ ...what, branch: 'z9hG4bKm2', cseq: '2 INVITE', more: [...offered.more, signed] }))
  const to = header(await far.next(200), 'to') ?? ''
  far.say(said({ ...what, method: 'ACK', to, branch: 'z9hG4bKm3', cseq: '2 ACK', more: [] }))
  const moved = await at('127.0.0.6')
  const bye = { ...what, method: 'BYE', to, branch: 'z9hG4bKm4', cseq: '3 BYE', more: [], body: '' }
  moved.say(said(bye))
  const again = words(await moved.next(401), bye)
  expect(edge.ends).toEqual([])
  moved.say(said({ ...bye, branch: 'z9hG4bKm5', cseq: '4 BYE', more: [again] }))
  await moved.next(200)
  expect(edge.ends).toEqual([['hung-up', undefined]])
})

test('a telephone on a connection is called on it, and gone when it breaks', async () => {
  const far = await farTcp(edge.port('tcp'), home)
  fars.push(far)
  const overTcp = { via: 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKtcp' }
  far.say(said({ ...asAlice(), ...overTcp }))
  const what = asAlice({ cseq: '2 REGISTER', via: 'SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKtcp2' })
  far.say(said({ ...what, more: [contact(far), words(await far.next(401), what)] }))
  await far.next(200)
  edge.endpoint.invite({ number: '+8657187654321', sdp })
  far.answer(await far.request('INVITE'), 180)
  far.close()
  await expect.poll(() => edge.endpoint.reaches('+8657187654321')).toBe(false)
})

test('a caller whose connection breaks before the answer is gone', async () => {
  await edge.endpoint.stop()
  edge = await startEdge({ peers: [trunk], now: time.now, timers: time.timers, answer: false })
  const far = await farTcp(edge.port('tcp'))
  far.say(said({ ...offered, via: 'SIP/2.0/TCP 127.0.0.2;branch=z9hG4bKgone' }))
  await expect.poll(() => edge.calls.length).toBe(1)
  far.close()
  await expect.poll(() => edge.ends).toEqual([['lost', 480]])
})

test('messages on a connection are cut where they end, however they come, and a ping is answered', async () => {
  const far = await farTcp(edge.port('tcp'))
  fars.push(far)
  const one = (n: number) =>
    said({
      method: 'MESSAGE',
      callId: `cut-${n}`,
      via: `SIP/2.0/TCP 127.0.0.2;branch=z9hG4bKcut${n}`,
      more: ['Content-Type: text/plain'],
      body: `alarm ${n}`,
    })
  const all = Buffer.concat([one(1), Buffer.from('\r\n\r\n'), one(2), one(3)])
  for (const byte of all) far.socket.write(Buffer.from([byte]))
  await expect.poll(() => edge.messages.map(({ body }) => body)).toEqual(['alarm 1', 'alarm 2', 'alarm 3'])
  far.socket.write(Buffer.concat([one(4), one(5)]))
  await expect.poll(() => edge.messages.length).toBe(5)
  far.socket.write('\r\n\r\n')
  await expect.poll(() => far.pongs()).toBe(1)
})

test('a connection on which nobody can tell where a message ends is closed', async () => {
  for (const broken of [
    'OPTIONS sip:a@b SIP/2.0\r\n\r\n',
    'a'.repeat(20_000),
    `OPTIONS sip:a@b SIP/2.0\r\nl: 5\r\nContent-Length: 9\r\n\r\n`,
  ]) {
    const far = await farTcp(edge.port('tcp'))
    const closed = new Promise((done) => far.socket.once('close', done))
    far.socket.write(broken)
    await closed
    expect(far.heard).toEqual([])
  }
})

test('one address holds so many connections and no more, and another is not kept out by it', async () => {
  const open = () =>
    new Promise<Socket>((done) => {
      const socket = connect({ port: edge.port('tcp'), host: '127.0.0.1', localAddress: '127.0.0.66' }, () =>
        done(socket),
      )
      socket.on('error', () => {})
    })
  const sockets = await Promise.all(Array.from({ length: 40 }, open))
  await expect.poll(() => sockets.filter((socket) => socket.closed || socket.readableEnded).length).toBe(8)
  const far = await farTcp(edge.port('tcp'))
  fars.push(far)
  far.say(said({ method: 'OPTIONS', via: 'SIP/2.0/TCP 127.0.0.2;branch=z9hG4bKroom' }))
  await far.next(200)
  for (const socket of sockets) socket.destroy()
})
