import { expect, test } from 'vitest'
import { answerChallenge, digestOf, readDigest } from '../../../telephony/sip/auth/digest.ts'
import { calledIn, callerOf } from '../../../telephony/sip/calls/caller.ts'
import { nextHop } from '../../../telephony/sip/calls/dialog.ts'
import { agreeOn, dueMs } from '../../../telephony/sip/calls/session.ts'
import { sdpIn } from '../../../telephony/sip/message/body.ts'
import { readAddress, readVia, stampVia } from '../../../telephony/sip/message/headers.ts'
import { header } from '../../../telephony/sip/message/message.ts'
import { readUri, writeHost } from '../../../telephony/sip/message/uri.ts'
import type { SipPeer } from '../../../telephony/sip/settings.ts'
import { requestFrom, said, sdp, wire } from './support/messages.ts'

test('addresses of every kind are read, and what is none is refused', () => {
  expect(readUri('sip:[2001:db8::1]:5070;transport=tcp')).toMatchObject({
    host: '2001:db8::1',
    port: 5070,
    user: undefined,
  })
  expect(readUri('SIPS:Bob:pw@Example.com')).toMatchObject({ scheme: 'sips', user: 'Bob', host: 'Example.com' })
  expect(readUri('tel:+86-571-1234-5678;phone-context=x')).toMatchObject({ scheme: 'tel', number: '+8657112345678' })
  expect(readUri('urn:service:sos')).toMatchObject({ scheme: 'other' })
  for (const bad of [
    '',
    'sip:',
    'sip:@host',
    'sip:a@',
    'sip:a@[::1',
    'sip:a@h:99999',
    'sip:a@h:0',
    'sip:a@999.1.1.1',
    'sip:a b@h',
    'tel:abc!',
  ])
    expect(readUri(bad), bad).toBeUndefined()
  expect(writeHost('::1', 5060)).toBe('[::1]:5060')
})

test('names with quotes and commas are read, whatever their language', () => {
  expect(readAddress('"Wang, \\"Xiao\\" <3>" <sip:w@h>;tag=1')).toMatchObject({
    display: 'Wang, "Xiao" <3>',
    uri: { user: 'w' },
  })
  expect(readAddress('sip:w@h;tag=1')).toMatchObject({ params: new Map([['tag', '1']]) })
  for (const bad of ['"open <sip:a@b>', '<sip:a@b', 'Bell, A <sip:a@b>', '<sip:a@b>;;', ''])
    expect(readAddress(bad), bad).toBeUndefined()
})

test('the way back is written into a Via, over what the sender claims', () => {
  const stamp = (text: string, from = { address: '203.0.113.9', port: 1234 }) =>
    stampVia(text, readVia(text) as never, from)
  expect(stamp('SIP/2.0/UDP 10.0.0.1;rport;branch=z9hG4bKa')).toBe(
    'SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa;received=203.0.113.9;rport=1234',
  )
  expect(stamp('SIP/2.0/UDP 203.0.113.9:1234;branch=z9hG4bKa')).toBe('SIP/2.0/UDP 203.0.113.9:1234;branch=z9hG4bKa')
  expect(stamp('SIP/2.0/UDP 10.0.0.1;received=1.1.1.1;branch=b')).toBe(
    'SIP/2.0/UDP 10.0.0.1;branch=b;received=203.0.113.9',
  )
  expect(readVia('SIP/2.0/TLS [2001:db8::1]:5061;branch=b')).toMatchObject({
    host: '2001:db8::1',
    port: 5061,
    transport: 'TLS',
  })
})

test('the next hop is the first router, or the target by its own transport', () => {
  expect(nextHop({ target: 'sip:a@h', routes: ['<sip:p.example:5070;lr;transport=tcp>'] })).toEqual({
    host: 'p.example',
    port: 5070,
    transport: 'tcp',
  })
  expect(nextHop({ target: 'sips:a@h', routes: [] })).toEqual({ host: 'h', port: 5061, transport: 'tls' })
  expect(nextHop({ target: 'sip:a@h', routes: [] })).toEqual({ host: 'h', port: 5060, transport: 'udp' })
})

test('passwords are answered as RFC 7616 and RFC 2617 have it in their own examples', () => {
  const mufasa = { user: 'Mufasa', password: 'Circle of Life' }
  const sum = {
    realm: 'http-auth@example.org',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
  }
  const counted = { nc: '00000001', cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ' }
  expect(digestOf(mufasa, { ...sum, counted, algorithm: 'MD5' })).toBe('8ca523f5e9506fed4657c9700eebdbec')
  expect(digestOf(mufasa, { ...sum, counted, algorithm: 'SHA-256' })).toBe(
    '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1',
  )
  const old = {
    realm: 'testrealm@host.com',
    method: 'GET',
    uri: '/dir/index.html',
    nonce: 'dcd98b7102dd2f0e8b11d0f600bfb0c093',
    algorithm: 'MD5' as const,
  }
  expect(
    digestOf(
      { user: 'Mufasa', password: 'Circle Of Life' },
      { ...old, counted: { nc: '00000001', cnonce: '0a4f113b' } },
    ),
  ).toBe('6629fae49393a05397450978507c4ef1')
})

test('of several challenges the strongest that we know is answered, and of strange ones none', () => {
  const request = { method: 'REGISTER', uri: 'sip:h' }
  const who = { user: 'a"b', password: 'p' }
  const of = (...challenges: string[]) => answerChallenge(challenges, who, request, 'c')
  const md5 = 'Digest realm="r", nonce="n", algorithm=MD5, qop="auth", opaque="o"'
  expect(of(md5, 'Digest realm="r", nonce="m", algorithm=SHA-256, qop="auth"')).toContain('algorithm=SHA-256')
  expect(of('Digest realm="r", nonce="m", algorithm=SHA-512, qop="auth"', md5)).toContain('opaque="o"')
  expect(readDigest(of(md5) ?? '')?.get('username')).toBe('a"b')
  expect(of('Digest realm="r", nonce="n"')).not.toContain('qop')
  for (const strange of [
    'Basic realm="r"',
    'Digest realm="r"',
    'Digest realm="r", nonce="n", qop="auth-int"',
    'Digest "',
  ])
    expect(of(strange), strange).toBeUndefined()
})

const trunk: SipPeer = { name: 'trunk', kind: 'trunk', from: [] }
const caller = (from: string, ...more: string[]) => callerOf(requestFrom(said({ from, more })), trunk)

test('a number is verified when the trunk vouches for it, and only shown when it stands in From alone', () => {
  const from = '"Wang" <sip:057112345678@trunk.example>;tag=1'
  expect(caller(from)).toEqual({ number: '+8657112345678', display: 'Wang', withheld: false, verified: false })
  expect(caller(from, 'P-Asserted-Identity: <sip:x@y>, <tel:+8613800138000>')).toMatchObject({
    number: '+8613800138000',
    verified: true,
  })
  expect(caller(from, 'P-Asserted-Identity: <sip:120@h>')).toMatchObject({ number: null, verified: false })
})

test('what the network says of a number goes before who passes it on', () => {
  const asserted = (verdict: string) => `P-Asserted-Identity: <tel:+8613800138000;verstat=${verdict}>`
  const from = '<sip:+8613800138000@h>;tag=1'
  expect(caller(from, asserted('TN-Validation-Passed')).verified).toBe(true)
  expect(caller(from, asserted('TN-Validation-Failed')).verified).toBe(false)
  expect(caller(from, asserted('No-TN-Validation')).verified).toBe(true)
  expect(caller('<sip:+8613800138000;verstat=TN-Validation-Passed@h>;tag=1').verified).toBe(true)
  expect(caller('<sip:+8613800138000@h;user=phone;verstat=TN-Validation-Failed>;tag=1').verified).toBe(false)
  expect(caller(from, 'P-Attestation-Indicator: A').verified).toBe(true)
  expect(caller(from, 'P-Asserted-Identity: <tel:+8613800138000>', 'P-Attestation-Indicator: C').verified).toBe(false)
})

test('who does not want to be known is shown as such, and their number is not', () => {
  const hidden = { number: null, display: null, withheld: true, verified: false }
  expect(caller('"Anonymous" <sip:anonymous@anonymous.invalid>;tag=1')).toEqual(hidden)
  expect(
    caller('<sip:+8613800138000@h>;tag=1', 'P-Asserted-Identity: <tel:+8613800138000>', 'Privacy: id;critical'),
  ).toEqual(hidden)
  expect(caller('<sip:+8613800138000@h>;tag=1', 'Privacy: none').withheld).toBe(false)
})

test('what was dialled is read from an address, a number, or a number within an address', () => {
  for (const uri of [
    'sip:12349@h',
    'tel:12349;phone-context=+86',
    'sip:12349;phone-context=+86@h;user=phone',
    'sips:%312349@h',
  ])
    expect(calledIn({ uri }), uri).toBe('12349')
  expect(calledIn({ uri: 'sip:h' })).toBe('')
})

test('a session is found among other parts, and an encoded one is not guessed', () => {
  const body = [
    '--b',
    'Content-Type: application/pidf+xml',
    '',
    '<x/>',
    '--b',
    'Content-Type: application/sdp',
    '',
    sdp,
    '--b--',
    '',
  ].join('\r\n')
  const parts = requestFrom(said({ more: ['Content-Type: multipart/mixed; boundary="b"'], body }))
  expect(sdpIn(parts)).toMatchObject({ sdp: expect.stringMatching(/^v=0[\s\S]*m=audio 40000/) })
  expect(
    sdpIn(requestFrom(said({ more: ['Content-Type: application/sdp', 'Content-Encoding: gzip'], body: sdp }))),
  ).toBe('unknown')
  expect(sdpIn(requestFrom(said()))).toEqual({ sdp: undefined })
})

test('who refreshes does so half way, who waits gives up shortly before the end', () => {
  const asked = (...more: string[]) => agreeOn(requestFrom(said({ more })))
  expect(asked('Supported: timer', 'x: 1800;refresher=uac')).toMatchObject({
    session: { seconds: 1_800, refresher: 'them' },
  })
  expect(asked('k: timer', 'Session-Expires: 300;refresher=uas')).toMatchObject({
    session: { seconds: 300, refresher: 'us' },
  })
  expect(asked('Supported: timer', 'Session-Expires: 89')).toEqual({ tooShort: true })
  // Who does not know of it cannot be refused for it.
  expect(asked('Session-Expires: 30')).toMatchObject({ session: { seconds: 90, refresher: 'us' } })
  expect(dueMs({ seconds: 1_800, refresher: 'us' })).toBe(900_000)
  expect(dueMs({ seconds: 1_800, refresher: 'them' })).toBe(1_768_000)
  expect(dueMs({ seconds: 90, refresher: 'them' })).toBe(60_000)
})

test('names of headers may be short and in any letters, and a value may go on in the next line', () => {
  const read = requestFrom(
    wire(
      'OPTIONS sip:h SIP/2.0',
      'v: SIP/2.0/UDP a;branch=z9hG4bKx',
      'F: <sip:a@b>;tag=1',
      'T: <sip:c@d>',
      'I: 1',
      'cSeQ: 1 OPTIONS',
      'S: one',
      '\ttwo',
      'L: 0',
      '',
      '',
    ),
  )
  expect(header(read, 'subject')).toBe('one two')
  expect(header(read, 'call-id')).toBe('1')
})
