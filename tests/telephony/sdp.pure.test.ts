import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readSdp, writeAnswer, writeOffer } from '../../telephony/rtp/sdp.ts'
import { createSession } from '../../telephony/rtp/session.ts'

const own = { address: '192.0.2.1', port: 40_000, sessionId: 7, version: 1 }
const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0']
const sdp = (...media: string[]) => [...head, ...media, ''].join('\r\n')
const answer = (offer: string) => {
  const theirs = readSdp(offer)
  return theirs && writeAnswer(theirs, own, undefined)
}
const key = 'd0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj' // 30 bytes

test('the first law of theirs is taken, with their own number for keys, 20 ms a packet', () => {
  const offer = sdp('m=audio 5004 RTP/AVP 18 8 0 97', 'a=rtpmap:18 G729/8000', 'a=rtpmap:97 telephone-event/8000')
  expect(answer(offer)).toBe(
    [
      'v=0',
      'o=- 7 1 IN IP4 192.0.2.1',
      's=-',
      'c=IN IP4 192.0.2.1',
      't=0 0',
      'm=audio 40000 RTP/AVP 8 97',
      'a=rtpmap:8 PCMA/8000',
      'a=rtpmap:97 telephone-event/8000',
      'a=fmtp:97 0-15',
      'a=ptime:20',
      'a=sendrecv',
      '',
    ].join('\r\n'),
  )
})

test('who offers no keys gets none, and keys at another clock rate are another codec’s', () => {
  expect(answer(sdp('m=audio 5004 RTP/AVP 0'))).toContain('m=audio 40000 RTP/AVP 0\r\n')
  const opus = sdp('m=audio 5004 RTP/AVP 0 97', 'a=rtpmap:97 telephone-event/48000')
  expect(answer(opus)).toContain('m=audio 40000 RTP/AVP 0\r\n')
})

test('each direction is answered by its counterpart, the media line’s before the session’s', () => {
  for (const [theirs, ours] of [
    ['sendrecv', 'sendrecv'],
    ['sendonly', 'recvonly'],
    ['recvonly', 'sendonly'],
    ['inactive', 'inactive'],
  ]) {
    expect(answer(sdp('m=audio 5004 RTP/AVP 0', `a=${theirs}`))).toContain(`a=${ours}\r\n`)
    const session = [...head, `a=${theirs}`, 'm=audio 5004 RTP/AVP 0', ''].join('\r\n')
    expect(answer(session)).toContain(`a=${ours}\r\n`)
  }
  const both = [...head, 'a=inactive', 'm=audio 5004 RTP/AVP 0', 'a=sendrecv', ''].join('\r\n')
  expect(answer(both)).toContain('a=sendrecv\r\n')
})

test('an address of zeros is a hold: nothing is sent there', () => {
  const held = readSdp(sdp('m=audio 5004 RTP/AVP 0', 'c=IN IP4 0.0.0.0'))
  expect(held).toMatchObject({ address: null, direction: 'sendonly' })
})

test('lines that we do not take are answered with port 0, in their order; rtcp-mux and candidates are ignored', () => {
  const offer = sdp(
    'm=video 5000 RTP/AVP 96',
    'm=audio 5004 RTP/AVP 0',
    'a=rtcp-mux',
    'a=candidate:1 1 udp 1 10.0.0.1 5004 typ host',
    'm=audio 5006 RTP/AVP 9',
    'm=application 0 UDP/BFCP *',
  )
  expect(
    answer(offer)
      ?.split('\r\n')
      .filter((line) => line.startsWith('m=')),
  ).toEqual(['m=video 0 RTP/AVP 96', 'm=audio 40000 RTP/AVP 0', 'm=audio 0 RTP/AVP 9', 'm=application 0 UDP/BFCP *'])
})

test('lines that end with a bare line feed, IPv6, and a name instead of an address are read', () => {
  expect(readSdp(sdp('m=audio 5004 RTP/AVP 0').replaceAll('\r', ''))).toMatchObject({ port: 5_004 })
  const six = sdp('m=audio 5004 RTP/AVP 0', 'c=IN IP6 2001:db8::1')
  expect(readSdp(six)).toMatchObject({ address: '2001:db8::1', ipv6: true })
  expect(writeOffer({ ...own, address: '2001:db8::2' }, [])).toContain('c=IN IP6 2001:db8::2\r\n')
  expect(readSdp(sdp('m=audio 5004 RTP/AVP 0', 'c=IN IP4 phone.example'))).toMatchObject({ address: null })
})

test('what is malformed or holds nothing that we speak is refused', () => {
  for (const offer of [
    '',
    'hello',
    sdp(),
    sdp('m=audio 0 RTP/AVP 0'),
    sdp('m=audio 70000 RTP/AVP 0'),
    sdp('m=audio x RTP/AVP 0'),
    sdp('m=audio 5004 RTP/AVP'),
    sdp('m=audio 5004 RTP/AVP 9 18'),
    sdp('m=audio 5004 UDP/TLS/RTP/SAVPF 0'),
    sdp('m=audio 5004 RTP/SAVP 0'),
    sdp('m=audio 5004 RTP/SAVP 0', `a=crypto:1 AES_CM_256_HMAC_SHA1_80 inline:${key}`),
    sdp('m=audio 5004 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key} UNENCRYPTED_SRTP`),
    sdp('m=audio 5004 RTP/SAVP 0', `a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:${key}|1:4`),
    sdp('m=audio 5004 RTP/SAVP 0', 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:short'),
    ['v=0', 'm=audio 5004 RTP/AVP 0', ''].join('\r\n'), // no address at all
    sdp(...Array.from({ length: 17 }, () => 'm=audio 5004 RTP/AVP 0')),
    'v=0 '.padEnd(30_000, 'x'),
  ])
    expect(readSdp(offer)).toBeUndefined()
})

test('sealed goes before plain, and is answered sealed', () => {
  const line = `a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${key}|2^20`
  const offer = sdp('m=audio 5004 RTP/AVP 0', 'm=audio 5006 RTP/SAVP 8', line)
  const answered = createSession({ address: '192.0.2.1', port: 40_000 }).answer(offer).sdp
  expect(answered).toContain('m=audio 0 RTP/AVP 0\r\n')
  expect(answered).toContain('m=audio 40000 RTP/SAVP 8\r\n')
  expect(answered).toMatch(/a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:[A-Za-z0-9+/]{40}\r\n/)
  expect(answered).not.toContain(key)
})

test('a re-offer keeps our key and counts the version on; an answer without our key is refused', () => {
  const session = createSession({ address: '192.0.2.1', port: 40_000 })
  const line = `a=crypto:3 AES_CM_128_HMAC_SHA1_32 inline:${key}`
  const crypto = (text: string) => /inline:(\S+)/.exec(text)?.[1]
  const one = session.answer(sdp('m=audio 5006 RTP/SAVP 8', line))
  const two = session.answer(sdp('m=audio 5006 RTP/SAVP 8', line, 'a=sendonly'))
  expect(crypto(two.sdp)).toBe(crypto(one.sdp))
  expect(two.agreed.seal).toBe(one.agreed.seal)
  expect([one.sdp, two.sdp].map((text) => /o=- \d+ (\d+)/.exec(text)?.[1])).toEqual(['1', '2'])

  const ours = createSession({ address: '192.0.2.1', port: 40_000 })
  expect(ours.offer(true)).toMatch(/RTP\/SAVP 0 8 101[\s\S]*a=crypto:1 [\s\S]*a=crypto:2 /)
  expect(() => ours.accept(sdp('m=audio 5006 RTP/AVP 8'))).toThrow()
  expect(() => ours.accept(sdp('m=audio 5006 RTP/SAVP 8', line))).toThrow()
  expect(ours.accept(sdp('m=audio 5006 RTP/SAVP 8', line.replace(':3', ':2')))).toBeTruthy()
})

test('whatever an offer says, its answer is well formed and no line of it comes from them unread', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      ...head,
      'm=audio 5004 RTP/AVP 0 8 101',
      'a=sendonly',
      'a=rtpmap:101 telephone-event/8000',
      '\r\n',
      '\n',
    ),
    fc.string({ maxLength: 40 }).map((text) => `m=${text}`),
    fc.string({ maxLength: 40 }).map((text) => `a=rtpmap:${text}`),
    fc.string({ unit: 'binary', maxLength: 60 }),
  )
  let answered = 0
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const text = answer([...head, 'm=audio 5004 RTP/AVP 0 8 101', ...pieces].join('\r\n')) ?? ''
      if (text) answered++
      for (const line of text.split('\r\n')) expect(line).toMatch(/^$|^[vosctma]=[\x21-\x7e]+( [\x21-\x7e]+)*$/)
    }),
    { numRuns: 10_000, seed: 20_261_125 },
  )
  expect(answered).toBeGreaterThan(200)
})
