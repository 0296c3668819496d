import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readOffer } from '../../telephony/web/offer.ts'

/** What a Chromium offers for a microphone, shortened. */
const chromium = [
  'v=0',
  'o=- 1 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0',
  'm=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126',
  'c=IN IP4 0.0.0.0',
  'a=candidate:1 1 udp 2113937151 5f1c.local 50000 typ host',
  'a=fingerprint:sha-256 AA:BB',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtcp-fb:111 transport-cc',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:110 telephone-event/48000',
  'a=rtpmap:126 telephone-event/8000',
  '',
].join('\r\n')

test('of a browser offer only mu-law and the keys at its own clock are left', () => {
  const read = readOffer(chromium)
  expect(read).toMatchObject({ ok: true, eventTypes: [126] })
  const sdp = read.ok ? read.sdp : ''
  expect(sdp).toContain('m=audio 9 UDP/TLS/RTP/SAVPF 0 126\r\n')
  expect(sdp).not.toMatch(/opus|:111|:110/)
  expect(sdp).toContain('5f1c.local')
})

test('a browser that numbers the keys differently is understood', () => {
  const firefox = chromium.replaceAll('126', '101')
  expect(readOffer(firefox)).toMatchObject({ ok: true, eventTypes: [101] })
})

test('an offer cannot name more than a few addresses for us to send to', () => {
  const many = Array.from({ length: 200 }, (_, i) => `a=candidate:${i} 1 udp 1 198.51.100.${i} 9 typ host`)
  const read = readOffer(chromium.replace('a=fingerprint', `${many.join('\r\n')}\r\na=fingerprint`))
  expect(read.ok && read.sdp.match(/a=candidate/g)).toHaveLength(24)
})

test('an offer with pictures, without mu-law or without encryption is refused by name', () => {
  expect(readOffer(`${chromium}m=video 9 UDP/TLS/RTP/SAVPF 96\r\n`)).toEqual({ ok: false, reason: 'not-audio-only' })
  expect(readOffer(chromium.replace('9 0 8', '9 8'))).toEqual({ ok: false, reason: 'no-mu-law' })
  expect(readOffer(chromium.replace('a=fingerprint', 'a=x'))).toEqual({ ok: false, reason: 'not-encrypted' })
})

test('no text whatever makes the reader fail', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => void readOffer(`m=audio ${text}`)),
    { numRuns: 50 },
  )
})
