import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { networkInterfaces } from 'node:os'
import { afterEach, expect, test } from 'vitest'
import type { SipPeer, SipSettings } from '../../../telephony/sip/settings.ts'
import { freePort } from '../../support/ports.ts'
import { folder, has, makeCertificate } from './support/binary.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { sdp } from './support/messages.ts'

const number = '+8613800138000'
const open: Edge[] = []
const withTls = test.skipIf(!has('openssl'))
const tls = has('openssl') ? makeCertificate(folder('edges')) : undefined
const other: SipPeer = { name: 'other', kind: 'trunk', from: ['127.0.0.1/32'] }

afterEach(async () => {
  for (const edge of open.splice(0)) await edge.endpoint.stop()
})

async function edgeWith(what: Parameters<typeof startEdge>[0]): Promise<Edge> {
  const edge = await startEdge(what)
  open.push(edge)
  return edge
}

/** One centre with another as its trunk. */
async function pair(
  transport: 'tcp' | 'tls' | 'udp',
  host = '127.0.0.1',
  ours: SipSettings['tls'] = tls,
  answer = true,
): Promise<[Edge, Edge]> {
  const there = await edgeWith({ peers: [other], listen: [transport], tls, answer })
  const at = { host, port: there.port(transport), transport }
  const here = await edgeWith({ peers: [{ ...other, from: [], at }], listen: [transport], tls: ours })
  return [here, there]
}

withTls('a trunk over TLS is called when its certificate is for the host that was configured', async () => {
  for (const host of ['127.0.0.1', 'localhost']) {
    const [here, there] = await pair('tls', host)
    await expect.poll(() => here.endpoint.reaches(number)).toBe(true)
    const call = here.endpoint.invite({ number, sdp })
    const answered = new Promise<string>((done) => call?.onAnswered(done))
    expect(await answered).toBe(sdp)
    const ended = new Promise<string>((done) => call?.onEnd(done))
    // The other end hangs up: what comes back on our connection is from the trunk.
    there.calls[0]?.hangUp()
    expect(await ended).toBe('hung-up')
  }
})

withTls('a trunk over TLS with a certificate that nobody vouches for is not called', async () => {
  const [here] = await pair('tls', '127.0.0.1', tls && { certFile: tls.certFile, keyFile: tls.keyFile })
  await expect.poll(() => here.logged.join()).toContain('the trunk does not answer')
  expect(here.endpoint.reaches(number)).toBe(false)
})

test('a trunk that is called by a name is known by the address from which it answers', async () => {
  const [here, there] = await pair('udp', 'localhost')
  await expect.poll(() => here.endpoint.reaches(number)).toBe(true)
  const call = here.endpoint.invite({ number, sdp })
  await new Promise<string>((done) => call?.onAnswered(done))
  const ended = new Promise<string>((done) => call?.onEnd(done))
  there.calls[0]?.hangUp()
  expect(await ended).toBe('hung-up')
})

test.each(['tcp', 'udp'] as const)(
  'when the edge stops, the other end of a call hears that it is over, and we know that it was our doing (%s)',
  async (transport) => {
    const [here, there] = await pair(transport)
    await expect.poll(() => here.endpoint.reaches(number)).toBe(true)
    const call = here.endpoint.invite({ number, sdp })
    const ended = new Promise<string>((done) => call?.onEnd(done))
    await new Promise<string>((done) => call?.onAnswered(done))
    await here.endpoint.stop()
    expect(await ended).toBe('stopped')
    await expect.poll(() => there.ends).toEqual([['hung-up', undefined]])
  },
)

/** A call of ours that rings at the other one, and how it ended. */
async function ringing(here: Edge, there: Edge): Promise<{ ended: Promise<[string, number | undefined]> }> {
  await expect.poll(() => here.endpoint.reaches(number)).toBe(true)
  const call = here.endpoint.invite({ number, sdp })
  await expect.poll(() => there.calls.length).toBe(1)
  there.calls[0]?.ring()
  await new Promise<void>((done) => call?.onRinging(done))
  return { ended: new Promise((done) => call?.onEnd((...how) => done([how[0], how[1]]))) }
}

test('when the edge stops, a call that is not answered yet is refused, so that the trunk finds another way', async () => {
  const [here, there] = await pair('udp', '127.0.0.1', tls, false)
  const { ended } = await ringing(here, there)
  await there.endpoint.stop()
  expect(await ended).toEqual(['refused', 503])
  expect(there.ends).toEqual([['stopped', 503]])
})

test('when the edge stops, a telephone that it rings is let go', async () => {
  const [here, there] = await pair('udp', '127.0.0.1', tls, false)
  const { ended } = await ringing(here, there)
  await here.endpoint.stop()
  expect(await ended).toEqual(['stopped', undefined])
  await expect.poll(() => there.ends).toEqual([['hung-up', 487]])
})

const ipv6 = Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === '::1'))
test.skipIf(!ipv6)('two centres with IPv6 addresses call each other over UDP and TCP', async () => {
  for (const transport of ['udp', 'tcp'] as const) {
    const there = await edgeWith({ peers: [{ ...other, from: ['::1/128'] }], listen: [transport], host: '::1' })
    const at = { host: '::1', port: there.port(transport), transport }
    const here = await edgeWith({ peers: [{ ...other, from: [], at }], listen: [transport], host: '::1' })
    await expect.poll(() => here.endpoint.reaches(number)).toBe(true)
    const call = here.endpoint.invite({ number, sdp })
    expect(await new Promise<string>((done) => call?.onAnswered(done))).toBe(sdp)
    const ended = new Promise<string>((done) => call?.onEnd(done))
    there.calls[0]?.hangUp()
    expect(await ended).toBe('hung-up')
  }
})

test('a trunk that is ourselves by mistake ends a call at once instead of going round', async () => {
  const port = await freePort()
  const at = { host: '127.0.0.1', port, transport: 'udp' as const }
  const edge = await edgeWith({ peers: [{ ...other, at }], listen: ['udp'], port })
  await expect.poll(() => edge.endpoint.reaches(number)).toBe(true)
  const call = edge.endpoint.invite({ number, sdp })
  const ended = new Promise<[string, number | undefined]>((done) => call?.onEnd((...how) => done([how[0], how[1]])))
  expect(await ended).toEqual(['refused', 482])
  expect(edge.calls).toEqual([])
})

test('a port that is taken stops the start with a word about it', async () => {
  const taken = createSocket('udp4')
  taken.bind(0, '127.0.0.1')
  await once(taken, 'listening')
  const { startSipEndpoint } = await import('../../../telephony/sip/endpoint.ts')
  const starting = startSipEndpoint({
    settings: { listen: [{ transport: 'udp', host: '127.0.0.1', port: taken.address().port }], realm: 'r', peers: [] },
    log: { info() {}, warn() {} },
    now: () => new Date(),
    onInvite() {},
    onMessage: async () => ({ status: 200 }),
  })
  await expect(starting).rejects.toThrow('EADDRINUSE')
  taken.close()
})
