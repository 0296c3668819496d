import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { freePort, listening } from '../../support/ports.ts'
import { folder, has, run } from './support/binary.ts'
import { type Edge, startEdge } from './support/edge.ts'
import { sdp } from './support/messages.ts'

const cwd = folder('sipp')
const codes = { udp: 'u1', tcp: 't1' }
const trunk: SipPeer = { name: 'sipp', kind: 'trunk', from: ['127.0.0.2/32'] }
const telephone: SipPeer = {
  name: 'alice',
  kind: 'telephone',
  from: [],
  user: 'alice',
  password: 'secret',
  number: '+8657187654321',
}
const scenario = (name: string) => ['-sf', join(import.meta.dirname, 'scenarios', `${name}.xml`)]
const open: Edge[] = []

afterEach(async () => {
  for (const edge of open.splice(0)) await edge.endpoint.stop()
})

async function edgeFor(peers: SipPeer[], answer = true): Promise<Edge> {
  const edge = await startEdge({ peers, answer })
  open.push(edge)
  return edge
}

async function sipp(transport: 'udp' | 'tcp', address: string, to: string, what: string[]): Promise<void> {
  const port = await freePort(address)
  const args = [
    ...what,
    to,
    '-t',
    codes[transport],
    '-i',
    address,
    '-p',
    String(port),
    '-s',
    '12349',
    '-nostdin',
    '-timeout',
    '20',
    '-timeout_error',
    '-trace_err',
  ]
  const { code, output } = await run('sipp', args, { cwd })
  expect(code, output.slice(-2_000)).toBe(0)
}

// Debian's sipp is built without TLS; over TLS baresip and linphone are the peers.
for (const transport of ['udp', 'tcp'] as const) {
  const told = `over ${transport}`
  const skip = !has('sipp')

  test.skipIf(skip)(`sipp calls, is answered and hangs up ${told}`, async () => {
    const edge = await edgeFor([trunk])
    await sipp(transport, '127.0.0.2', `127.0.0.1:${edge.port(transport)}`, ['-sn', 'uac', '-m', '10', '-r', '20'])
    expect(edge.calls.map((call) => call.called)).toEqual(Array(10).fill('12349'))
    expect(edge.ends).toEqual(Array(10).fill(['hung-up', undefined]))
    expect(edge.endpoint.stats()).toMatchObject({ dialogs: 0, refused: 0 })
  })

  test.skipIf(skip)(`sipp takes its call back while it rings ${told}`, async () => {
    const edge = await edgeFor([trunk], false)
    const ran = sipp(transport, '127.0.0.2', `127.0.0.1:${edge.port(transport)}`, [...scenario('cancel'), '-m', '1'])
    await expect.poll(() => edge.calls.length, { timeout: 10_000 }).toBe(1)
    expect(edge.calls[0]?.caller).toMatchObject({ number: '+8657112345678', verified: false, withheld: false })
    edge.calls[0]?.ring()
    await ran
    expect(edge.ends).toEqual([['hung-up', 487]])
    expect(edge.endpoint.stats().dialogs).toBe(0)
  })

  test.skipIf(skip)(`sipp holds its call, refreshes its session and hangs up ${told}`, async () => {
    const edge = await edgeFor([trunk])
    await sipp(transport, '127.0.0.2', `127.0.0.1:${edge.port(transport)}`, [...scenario('refresh'), '-m', '1'])
    expect(edge.ends).toEqual([['hung-up', undefined]])
  })

  test.skipIf(skip)(`a hundred alarms of sipp are each taken once and answered ${told}`, async () => {
    const edge = await edgeFor([trunk])
    await sipp(transport, '127.0.0.2', `127.0.0.1:${edge.port(transport)}`, [
      ...scenario('message'),
      '-m',
      '100',
      '-r',
      '100',
    ])
    expect(edge.messages).toHaveLength(100)
    expect(new Set(edge.messages.map((one) => one.body)).size).toBe(100)
    expect(edge.messages[0]).toMatchObject({
      peer: { name: 'sipp' },
      from: '4711',
      contentType: 'application/scaip+xml',
    })
  })

  test.skipIf(skip)(`sipp registers with the password of a telephone ${told}`, async () => {
    const edge = await edgeFor([telephone])
    await sipp(transport, '127.0.0.3', `127.0.0.1:${edge.port(transport)}`, [...scenario('register'), '-m', '1'])
    if (transport === 'udp') expect(edge.endpoint.stats().registrations).toBe(1)
    // With its connection the telephone is gone.
    else await expect.poll(() => edge.endpoint.reaches('+8657187654321')).toBe(false)
  })

  test.skipIf(skip)(`we call sipp, which answers, and hang up ${told}`, async () => {
    await callOut(transport, 'trunk', {})
  })

  test.skipIf(skip)(`a trunk that wants our password for each call is told it once ${told}`, async () => {
    await callOut(transport, 'guarded', { user: 'yihu', password: 'trunk-secret' })
  })
}

/** One OPTIONS and one call: sipp ends well when both went as it wants. */
async function callOut(transport: 'udp' | 'tcp', what: string, words: Partial<SipPeer>): Promise<void> {
  const port = await freePort('127.0.0.2')
  const place = ['-i', '127.0.0.2', '-p', String(port), '-t', codes[transport]]
  const peer = run('sipp', [...scenario(what), ...place, '-nostdin', '-m', '2', '-timeout', '20', '-timeout_error'], {
    cwd,
  })
  if (transport === 'tcp') await listening(port, '127.0.0.2')
  const edge = await edgeFor([{ ...trunk, ...words, at: { host: '127.0.0.2', port, transport } }])
  await expect.poll(() => edge.endpoint.reaches('+8613800138000'), { timeout: 15_000 }).toBe(true)
  const call = edge.endpoint.invite({ number: '+8613800138000', sdp })
  const heard: string[] = []
  call?.onRinging(() => heard.push('ringing'))
  call?.onEnd((because, status) => heard.push(`${because} ${status ?? ''}`))
  const answered = new Promise<string>((done) => call?.onAnswered(done))
  expect(await Promise.race([answered, peer.then(({ output }) => output)])).toContain('m=audio')
  call?.hangUp()
  expect(heard.at(-1)).toBe('hung-up ')
  const { code, output } = await peer
  expect(code, output.slice(-2_000)).toBe(0)
  expect(edge.endpoint.stats().dialogs).toBe(0)
}
