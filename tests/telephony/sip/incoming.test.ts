import { afterEach, beforeEach, expect, test } from 'vitest'
import { header, headers, type ReceivedResponse, tagOf } from '../../../telephony/sip/message/message.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { type Far, farUdp, offered, settling } from './support/far.ts'
import { handedTime } from './support/handed-time.ts'
import { type Said, said, sdp } from './support/messages.ts'

const trunk: SipPeer = { name: 'trunk', kind: 'trunk', from: ['127.0.0.2/32'] }
let time: ReturnType<typeof handedTime>
let edge: Edge
let far: Far

beforeEach(async () => {
  time = handedTime()
  edge = await startEdge({ peers: [trunk], now: time.now, timers: time.timers, answer: false })
  far = await farUdp(edge.port('udp'))
})

afterEach(async () => {
  await edge.endpoint.stop()
  far.close()
})

const call = () => edge.calls[0]
const toUs = (response: ReceivedResponse) => header(response, 'to') ?? ''
const inside = (response: ReceivedResponse, what: Said) => said({ to: toUs(response), ...what })

/** They call, we answer; with the ACK unless it is left out. */
async function answered(what: Said = {}, ack = true): Promise<ReceivedResponse> {
  far.say(said({ ...offered, ...what }))
  await far.next(100)
  await expect.poll(() => edge.calls.length).toBe(1)
  call()?.answer(sdp)
  const ok = (await far.next(200)) as ReceivedResponse
  if (ack) far.say(inside(ok, { method: 'ACK', branch: 'z9hG4bKack' }))
  return ok
}

/** Everything that was sent before has been dealt with when this is answered. */
async function settled(): Promise<void> {
  const id = `${settling}${Math.random()}`
  far.say(said({ method: 'OPTIONS', branch: `z9hG4bK${id}`, callId: id }))
  await expect.poll(() => far.heard.some((one) => one.callId === id)).toBe(true)
}

const heardAs = (what: number | string) =>
  far.heard.filter((one) => (one.kind === 'response' ? one.status : one.method) === what)

test('a call is acknowledged at once, rings, and is answered with what was agreed', async () => {
  far.say(said(offered))
  await far.next(100)
  await expect.poll(() => edge.calls.length).toBe(1)
  expect(call()).toMatchObject({ peer: 'trunk', called: '12349', sdp })
  call()?.ring()
  const ringing = (await far.next(180)) as ReceivedResponse
  call()?.answer(sdp)
  const ok = (await far.next(200)) as ReceivedResponse
  expect(tagOf(ok.to)).toBe(tagOf(ringing.to))
  expect(ok.body.toString()).toBe(sdp)
  expect(header(ok, 'contact')).toBe(`<sip:hotline@127.0.0.1:${edge.port('udp')}>`)
  expect(header(ok, 'session-expires')).toBe('1800;refresher=uas')
})

test('an answer is said again until the caller has acknowledged it, and then no more', async () => {
  const ok = await answered({}, false)
  for (const ms of [500, 1_000, 2_000]) time.forward(ms)
  await expect.poll(() => heardAs(200).length).toBe(4)
  far.say(inside(ok, { method: 'ACK', branch: 'z9hG4bKack' }))
  await settled()
  time.forward(20_000)
  await settled()
  expect(heardAs(200).filter((one) => one.cseq.method === 'INVITE')).toHaveLength(4)
  expect(edge.ends).toEqual([])
})

test('a caller who never acknowledges the answer is hung up on after 32 s, and nothing is kept', async () => {
  await answered(
    { via: undefined, more: [`Contact: <sip:x@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp'] },
    false,
  )
  time.forward(32_000)
  expect(edge.ends).toEqual([['lost', undefined]])
  const bye = await far.request('BYE')
  far.answer(bye, 200)
  await settled()
  time.forward(70_000)
  expect(edge.endpoint.stats()).toMatchObject({ transactions: 0, dialogs: 0 })
})

test('who is called does not hang up before the caller knows that it was answered', async () => {
  const ok = await answered(
    { more: [`Contact: <sip:x@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp'] },
    false,
  )
  call()?.hangUp()
  expect(edge.ends).toEqual([['hung-up', undefined]])
  await settled()
  expect(heardAs('BYE')).toEqual([])
  far.say(inside(ok, { method: 'ACK', branch: 'z9hG4bKack' }))
  expect((await far.request('BYE')).callId).toBe('call-1@trunk')
})

test('an INVITE that comes again is the same call and hears the same again', async () => {
  far.say(said(offered))
  far.say(said(offered))
  await settled()
  expect(edge.calls).toHaveLength(1)
  expect(heardAs(100)).toHaveLength(2)
})

test('a call that is taken back while it rings is over, one that was answered is not', async () => {
  far.say(said(offered))
  await far.next(100)
  await expect.poll(() => edge.calls.length).toBe(1)
  far.say(said({ method: 'CANCEL' }))
  expect((await far.next(200)).cseq.method).toBe('CANCEL')
  expect((await far.next(487)).cseq.method).toBe('INVITE')
  expect(edge.ends).toEqual([['hung-up', 487]])
  const again = { callId: 'call-2@trunk', branch: 'z9hG4bKtwo' }
  far.say(said({ ...offered, ...again }))
  await expect.poll(() => edge.calls.length).toBe(2)
  edge.calls[1]?.answer(sdp)
  await far.next(200)
  far.say(said({ method: 'CANCEL', ...again }))
  await settled()
  expect(edge.ends).toHaveLength(1)
})

test('a call that nobody takes is refused after three minutes', async () => {
  far.say(said(offered))
  await expect.poll(() => edge.calls.length).toBe(1)
  time.forward(180_000)
  expect((await far.next(480)).cseq.method).toBe('INVITE')
  expect(edge.ends).toEqual([['no-answer', 480]])
})

test('a caller who hangs up is told so once, and the same BYE again gets the same answer', async () => {
  const ok = await answered()
  const bye = inside(ok, { method: 'BYE', cseq: '2 BYE', branch: 'z9hG4bKbye' })
  far.say(bye)
  far.say(bye)
  await expect.poll(() => heardAs(200).filter((one) => one.cseq.method === 'BYE')).toHaveLength(2)
  expect(edge.ends).toEqual([['hung-up', undefined]])
  far.say(inside(ok, { method: 'BYE', cseq: '3 BYE', branch: 'z9hG4bKlate' }))
  expect((await far.next(481)).cseq.number).toBe(3)
  time.forward(70_000)
  expect(edge.endpoint.stats()).toMatchObject({ transactions: 0, dialogs: 0 })
})

test('we hang up through the routers that the call came through, in their order', async () => {
  const route = `<sip:127.0.0.2:${far.port};lr>`
  await answered({
    more: [
      `Record-Route: ${route}, <sip:second.example;lr>`,
      'Contact: <sip:caller@192.0.2.7:5070>',
      'Content-Type: application/sdp',
    ],
  })
  await settled()
  call()?.hangUp()
  const bye = await far.request('BYE')
  expect(bye.uri).toBe('sip:caller@192.0.2.7:5070')
  expect(headers(bye, 'route')).toEqual([route, '<sip:second.example;lr>'])
  expect(tagOf(bye.to)).toBe('theirs')
})

test('a router of the old kind is addressed itself, and the caller comes last', async () => {
  await answered({
    more: [
      `Record-Route: <sip:127.0.0.2:${far.port}>`,
      'Contact: <sip:caller@192.0.2.7>',
      'Content-Type: application/sdp',
    ],
  })
  await settled()
  call()?.hangUp()
  const bye = await far.request('BYE')
  expect(bye.uri).toBe(`sip:127.0.0.2:${far.port}`)
  expect(headers(bye, 'route')).toEqual(['<sip:caller@192.0.2.7>'])
})

test('nobody else can end a call by knowing its name', async () => {
  const ok = await answered()
  const stranger = await farUdp(edge.port('udp'), '127.0.0.9')
  stranger.say(inside(ok, { method: 'BYE', cseq: '2 BYE', branch: 'z9hG4bKbye' }))
  await expect.poll(() => edge.endpoint.stats().refused).toBe(1)
  await settled()
  expect(edge.ends).toEqual([])
  expect(stranger.heard).toEqual([])
  stranger.close()
})

test('a caller who holds is answered by the handler, one whose offer does not suit keeps the call as it was', async () => {
  const ok = await answered()
  const offers: string[] = []
  call()?.onReoffer(async (offer) => {
    offers.push(offer)
    if (offer.includes('video')) throw new Error('no pictures')
    return sdp.replace('0 RTP', '0 RTP').replace('s=-', 's=held')
  })
  const again = { ...offered, method: 'INVITE' }
  far.say(inside(ok, { ...again, cseq: '2 INVITE', branch: 'z9hG4bKhold', body: `${sdp}a=sendonly\r\n` }))
  const held = (await far.next(200)) as ReceivedResponse
  expect(held.body.toString()).toContain('s=held')
  far.say(inside(ok, { method: 'ACK', cseq: '2 ACK', branch: 'z9hG4bKack2' }))
  far.say(inside(ok, { ...again, cseq: '3 INVITE', branch: 'z9hG4bKvideo', body: `${sdp}m=video 1 RTP/AVP 96\r\n` }))
  await far.next(488)
  // Without an offer it asks for ours, which is that of before.
  far.say(inside(ok, { method: 'INVITE', cseq: '4 INVITE', branch: 'z9hG4bKempty' }))
  expect(((await far.next(200)) as ReceivedResponse).body.toString()).toContain('s=held')
  far.say(inside(ok, { ...offered, method: 'ACK', cseq: '4 ACK', branch: 'z9hG4bKack4' }))
  await settled()
  expect(offers).toHaveLength(3)
  expect(edge.ends).toEqual([])
})

test('a second offer before the first is finished is too early, an old request is refused', async () => {
  const ok = await answered()
  call()?.onReoffer(async () => sdp)
  far.say(inside(ok, { ...offered, cseq: '5 INVITE', branch: 'z9hG4bKfive' }))
  await far.next(200)
  far.say(inside(ok, { ...offered, cseq: '6 INVITE', branch: 'z9hG4bKsix' }))
  expect(header(await far.next(500), 'retry-after')).toBe('2')
  far.say(inside(ok, { method: 'UPDATE', cseq: '4 UPDATE', branch: 'z9hG4bKfour' }))
  expect((await far.next(500)).cseq.number).toBe(4)
})

test('a caller who vanished is found by the session, and who says that they are there is kept', async () => {
  const timer = ['Supported: timer', 'Session-Expires: 120;refresher=uac']
  const ok = await answered({
    ...offered,
    more: [`Contact: <sip:x@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp', ...timer],
  })
  expect(header(ok, 'session-expires')).toBe('120;refresher=uac')
  expect(header(ok, 'require')).toBe('timer')
  await settled()
  time.forward(80_000)
  far.say(inside(ok, { method: 'UPDATE', cseq: '2 UPDATE', branch: 'z9hG4bKupdate', more: timer }))
  expect(header(await far.next(200), 'session-expires')).toBe('120;refresher=uac')
  time.forward(80_000)
  expect(edge.ends).toEqual([])
  time.forward(8_000)
  expect(edge.ends).toEqual([['lost', undefined]])
  await far.request('BYE')
})

test('a session that is too short is refused with the least that we take', async () => {
  far.say(said({ ...offered, more: [...offered.more, 'Supported: timer', 'Session-Expires: 60'] }))
  expect(header(await far.next(422), 'min-se')).toBe('90')
  expect(edge.calls).toEqual([])
})

test('where the caller cannot refresh we do, by UPDATE where they take it, and a caller who is gone then is lost', async () => {
  await answered({
    ...offered,
    more: [`Contact: <sip:x@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp', 'Allow: INVITE, UPDATE'],
  })
  await settled()
  time.forward(900_000)
  const update = await far.request('UPDATE')
  expect(header(update, 'session-expires')).toBe('1800;refresher=uac')
  far.answer(update, 200, { headers: [['session-expires', '1800;refresher=uac']] })
  await settled()
  time.forward(900_000)
  far.answer(await far.request('UPDATE'), 481)
  await expect.poll(() => edge.ends).toEqual([['lost', undefined]])
})

test('offers that cross are told apart: theirs is refused, ours is made again a little later', async () => {
  const ok = await answered({
    ...offered,
    more: [`Contact: <sip:x@127.0.0.2:${far.port}>`, 'Content-Type: application/sdp'],
  })
  await settled()
  time.forward(900_000)
  const ours = await far.request('INVITE')
  expect(ours.body.toString()).toBe(sdp)
  far.say(inside(ok, { ...offered, cseq: '2 INVITE', branch: 'z9hG4bKcross' }))
  await far.next(491)
  far.answer(ours, 491)
  expect((await far.request('ACK')).cseq.number).toBe(ours.cseq.number)
  await settled()
  time.forward(4_000)
  const again = await far.request('INVITE')
  expect(again.cseq.number).toBe(ours.cseq.number + 1)
  far.answer(again, 200, { sdp })
  expect((await far.request('ACK')).cseq.number).toBe(again.cseq.number)
})

test('a message is handed on once and answered the same each time it comes', async () => {
  const message = said({ method: 'MESSAGE', more: ['Content-Type: application/scaip+xml'], body: '<mrq/>' })
  far.say(message)
  await far.next(200)
  far.say(message)
  await far.next(200)
  const { port } = edge.endpoint.addresses.find((one) => one.transport === 'udp') ?? {}
  const at = `sip:hotline@127.0.0.1:${port}`
  expect(edge.messages).toMatchObject([
    { peer: { name: 'trunk' }, from: '+8657112345678', contentType: 'application/scaip+xml', body: '<mrq/>', at },
  ])
})

const refusals: [string, Said, number][] = [
  ['that wants what we cannot do', { ...offered, more: [...offered.more, 'Require: 100rel'] }, 420],
  ['without a session', {}, 488],
  ['with something else in it', { ...offered, more: ['Contact: <sip:a@b>', 'Content-Type: text/plain'] }, 415],
  ['that has gone round too long', { ...offered, via: undefined, more: [...offered.more] }, 483],
  ['to what is no telephone', { ...offered, uri: 'mailto:a@b' }, 416],
  ['without a way back', { ...offered, more: ['Content-Type: application/sdp'] }, 400],
  ['of a kind that we do not know', { method: 'PUBLISH' }, 405],
  ['in a call that is not there', { method: 'BYE', to: '<sip:12349@127.0.0.1>;tag=gone' }, 481],
]

for (const [title, what, status] of refusals)
  test(`a request ${title} is refused with ${status} and leaves nothing`, async () => {
    const bytes = said(what)
    far.say(status === 483 ? Buffer.from(bytes.toString().replace('Max-Forwards: 70', 'Max-Forwards: 0')) : bytes)
    const refused = (await far.next(status)) as ReceivedResponse
    expect(tagOf(refused.to)).toBeDefined()
    far.say(said({ method: 'ACK', to: toUs(refused) }))
    await settled()
    time.forward(70_000)
    expect(edge.calls).toEqual([])
    expect(edge.endpoint.stats()).toMatchObject({ transactions: 0, dialogs: 0 })
  })

test('a request that comes by two ways is taken once', async () => {
  far.say(said(offered))
  far.say(said({ ...offered, branch: 'z9hG4bKotherway' }))
  await far.next(482)
  expect(edge.calls).toHaveLength(1)
})

test('an answer goes to the port that the old way names, or with rport to where the request came from', async () => {
  const other = await farUdp(edge.port('udp'))
  far.say(said({ method: 'OPTIONS', via: `SIP/2.0/UDP 127.0.0.2:${other.port};branch=z9hG4bKold` }))
  await other.next(200)
  far.say(said({ method: 'OPTIONS', via: `SIP/2.0/UDP 10.1.1.1:${other.port};branch=z9hG4bKnew;rport`, callId: 'new' }))
  const back = await far.next(200)
  expect(header(back, 'via')).toContain(`;received=127.0.0.2;rport=${far.port}`)
  other.close()
})

test('a trunk that runs wild is told to wait', async () => {
  const other = await farUdp(edge.port('udp'))
  for (let i = 0; i < 3_100; i++) {
    other.say(said({ method: 'OPTIONS', callId: `wild-${i}`, branch: `z9hG4bKwild${i}` }))
    // A socket buffer holds only so many at once.
    if (i % 100 === 99) await expect.poll(() => other.heard.length).toBe(i + 1)
  }
  const told = other.heard.filter((one) => one.kind === 'response' && one.status === 503)
  expect(told.length).toBe(100)
  other.close()
})

test('an answer that nobody asked for is nothing', async () => {
  const invented = said({ method: 'OPTIONS' })
    .toString()
    .replace(/^.*\r\n/, 'SIP/2.0 200 OK\r\n')
  far.say(Buffer.from(invented))
  await settled()
  expect(edge.endpoint.stats().dialogs).toBe(0)
})
