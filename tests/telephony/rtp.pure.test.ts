import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createKeyDecoder } from '../../telephony/media/dtmf.ts'
import { createKeySender } from '../../telephony/rtp/keys.ts'
import { createLatch } from '../../telephony/rtp/latch.ts'
import { readRtp, writeRtp } from '../../telephony/rtp/packet.ts'
import { createOpener, createSealer, derive } from '../../telephony/rtp/srtp.ts'

const packet = { marker: true, payloadType: 8, sequence: 65_535, timestamp: 4_294_967_295, ssrc: 0xdeadbeef }

test('a packet that was written is read as it was', () => {
  const payload = Buffer.from([1, 2, 3])
  expect(readRtp(writeRtp({ ...packet, payload }))).toEqual({ ...packet, payload })
})

test('sources, extension and padding are not sound', () => {
  const data = Buffer.concat([
    Buffer.from('b280000100000002000000030000000a0000000b', 'hex'), // version 2, padding, extension, two sources
    Buffer.from('bede000201020304050607080a0b0c000003', 'hex').subarray(0, 12), // extension of two words
    Buffer.from([9, 8, 7, 0, 0, 3]), // three bytes, three of padding
  ])
  expect([...(readRtp(data)?.payload ?? [])]).toEqual([9, 8, 7])
})

test('RTCP, other versions and what is cut off are not RTP', () => {
  const good = writeRtp({ ...packet, payload: Buffer.alloc(20) })
  for (const type of [200, 201, 202, 203, 204]) {
    const rtcp = Buffer.from(good)
    rtcp[1] = type
    expect(readRtp(rtcp)).toBeUndefined()
  }
  expect(readRtp(good.subarray(0, 11))).toBeUndefined()
  expect(readRtp(Buffer.concat([Buffer.from([0x40]), good.subarray(1)]))).toBeUndefined()
  expect(readRtp(Buffer.concat([Buffer.from([0x8f]), good.subarray(1)]))).toBeUndefined() // more sources than bytes
  expect(readRtp(Buffer.concat([Buffer.from([0xa0]), good.subarray(1)]))).toBeUndefined() // padding of none
})

test('no bytes whatever make the reader or the opener fail', () => {
  const open = createOpener('AES_CM_128_HMAC_SHA1_32', Buffer.alloc(30))
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, versionTwo) => {
      if (versionTwo && bytes[0] !== undefined) bytes[0] = 0x80 | (bytes[0] & 0x3f)
      const read = readRtp(Buffer.from(bytes))
      if (read) expect(read.payload.length).toBeLessThanOrEqual(bytes.length - 12)
      expect(open(Buffer.from(bytes))).toBeUndefined()
    }),
    { numRuns: 10_000, seed: 20_261_125 },
  )
})

test('the keys of SRTP are those that its RFC derives [RFC 3711 B.3]', () => {
  const master = Buffer.from('e1f97a0d3e018be0d64fa32c06de41390ec675ad498afeebb6960b3aabe6', 'hex')
  expect(derive(master, 0, 16).toString('hex').toUpperCase()).toBe('C61E7A93744F39EE10734AFE3FF7A087')
  expect(derive(master, 2, 14).toString('hex').toUpperCase()).toBe('30CBBC08863D8C85D49DB34A9AE1')
  expect(derive(master, 1, 20).toString('hex').toUpperCase()).toBe('CEBE321F6FF7716B6FD4AB49AF256A156D38BAA4')
})

for (const suite of ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'] as const)
  test(`a packet sealed by ${suite} opens once, late within the window, and not when it was changed`, () => {
    const master = Buffer.alloc(30, 7)
    const [seal, open] = [createSealer(suite, master), createOpener(suite, master)]
    const plain = (sequence: number) =>
      writeRtp({ ...packet, sequence: sequence & 0xffff, payload: Buffer.alloc(160, sequence) })
    const sealed = Array.from({ length: 400 }, (_, i) => seal(plain(65_400 + i))) // over the wrap of the numbers
    expect(sealed[0]?.length).toBe(172 + (suite.endsWith('80') ? 10 : 4))
    const order = [...sealed.keys()].map((i) => (i % 10 === 3 ? i + 1 : i % 10 === 4 ? i - 1 : i)) // some overtaken
    for (const i of order) {
      expect(open(sealed[i] as Buffer)?.equals(plain(65_400 + i))).toBe(true)
      expect(open(sealed[i] as Buffer)).toBeUndefined()
    }
    const next = seal(plain(65_800))
    for (const at of [1, 20, next.length - 1]) {
      const changed = Buffer.from(next)
      changed[at] = (changed[at] as number) ^ 1
      expect(open(changed)).toBeUndefined()
    }
    expect(open(next)).toBeTruthy()
    expect(open(sealed[100] as Buffer)).toBeUndefined() // long ago
  })

test('our key presses are read as pressed, each once, even when two of three packets are lost', () => {
  const sender = createKeySender()
  const decoder = createKeyDecoder()
  expect(sender.press('0123456789*#abcd')).toBe(true)
  expect(sender.press('1'.repeat(30))).toBe(false)
  let [pressed, started] = ['', 0]
  for (let tick = 0; tick < 400; tick++) {
    const key = sender.next()
    if (!key) continue
    if (key.first) started = tick * 160
    if (tick % 3 === 0) pressed += decoder.accept(started, key.payload) ?? ''
  }
  expect(pressed).toBe('0123456789*#ABCD')
  expect(sender.next()).toBeUndefined()
})

const at = (port: number) => ({ address: '192.0.2.9', port })

test('where packets come from is where we send, until silence lets another in; the named address may come at any time', () => {
  const latch = createLatch()
  expect(latch.target).toBe(null)
  latch.expect(at(1), 0)
  expect(latch.target).toEqual(at(1))
  expect(latch.admits(at(2), 0)).toBe(true) // behind a NAT
  expect(latch.target).toEqual(at(2))
  expect(latch.admits(at(3), 249)).toBe(false)
  expect(latch.target).toEqual(at(2))
  expect(latch.admits(at(3), 250)).toBe(true)
  expect(latch.admits(at(1), 0)).toBe(true)
  expect(latch.admits(at(3), 0)).toBe(false)
  latch.expect(at(1), 0) // said again
  expect(latch.target).toEqual(at(1))
  latch.expect(at(4), 0) // moved by the signalling
  expect(latch.target).toEqual(at(4))
  expect(latch.admits(at(3), 0)).toBe(true)
})

test('a stranger who slips in while a telephone behind a NAT is on hold has to go when it speaks again', () => {
  for (const hold of [at(1), null]) {
    const latch = createLatch()
    latch.expect(at(1), 0)
    expect(latch.admits(at(2), 0)).toBe(true)
    latch.expect(hold, 0)
    expect(latch.admits(at(3), 1_000)).toBe(true)
    latch.expect(at(1), 0)
    expect(latch.admits(at(2), 0)).toBe(true)
    expect(latch.admits(at(3), 0)).toBe(false)
    expect(latch.target).toEqual(at(2))
  }
})

test('a telephone that was silent on hold comes back through another door of its NAT and is heard at once', () => {
  const latch = createLatch()
  latch.expect(at(1), 0)
  expect(latch.admits(at(2), 0)).toBe(true)
  latch.expect(at(1), 5_000)
  expect(latch.target).toEqual(at(2))
  expect(latch.admits(at(5), 0)).toBe(true)
  expect(latch.target).toEqual(at(5))
})
