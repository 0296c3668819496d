import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createJitterQueue, type JitterQueue, type Packet } from '../../telephony/media/jitter.ts'
import { createSequence, unwrap } from '../../telephony/media/sequence.ts'

const silence = 0xff
/** Packets of a sender that counts: the nth sample of the sound is n mod 200, so every byte tells its place. */
function packets(count: number, { samples = 160, sequence = 1_000, timestamp = 50_000 } = {}): Packet[] {
  return Array.from({ length: count }, (_, n) => ({
    sequence: (sequence + n) & 0xffff,
    timestamp: (timestamp + n * samples) >>> 0,
    payload: Uint8Array.from({ length: samples }, (_, i) => (n * samples + i) % 200),
  }))
}
const give = (queue: JitterQueue, list: Packet[]) => {
  for (const packet of list) queue.push(packet)
}
const sound = (from: number, length = 160) => Uint8Array.from({ length }, (_, i) => (from + i) % 200)
const pullAll = (queue: JitterQueue) => {
  const frames: (Uint8Array | undefined)[] = []
  for (let frame = queue.pull(); frame; frame = queue.pull()) frames.push(frame)
  return frames
}

test('nothing is heard until two frames are there; then the sound comes in its order', () => {
  const queue = createJitterQueue(silence)
  const [one, two, three] = packets(3) as [Packet, Packet, Packet]
  queue.push(one)
  expect(queue.pull()).toBeUndefined()
  give(queue, [two, three])
  expect(pullAll(queue)).toEqual([sound(0), sound(160), sound(320)])
  expect(queue.counts).toEqual({ lost: 0, underruns: 1, dropped: 0 })
})

test('packets that overtook each other are heard in their right order and none counts as lost', () => {
  const queue = createJitterQueue(silence)
  const [a, b, c, d] = packets(4) as [Packet, Packet, Packet, Packet]
  give(queue, [a, c, b, d])
  expect(pullAll(queue)).toEqual([sound(0), sound(160), sound(320), sound(480)])
  expect(queue.counts.lost).toBe(0)
})

test('a packet that comes twice is heard once', () => {
  const queue = createJitterQueue(silence)
  const [a, b, c] = packets(3) as [Packet, Packet, Packet]
  give(queue, [a, a, b, a, b, c, c])
  expect(pullAll(queue)).toEqual([sound(0), sound(160), sound(320)])
})

test('a lost packet leaves a gap of its own length, is counted, and what follows is in its place', () => {
  const queue = createJitterQueue(silence)
  const [a, , c, d] = packets(4) as [Packet, Packet, Packet, Packet]
  give(queue, [a, c, d])
  expect([queue.pull(), queue.pull(), queue.pull(), queue.pull()]).toEqual([
    sound(0),
    undefined,
    sound(320),
    sound(480),
  ])
  expect(queue.counts).toMatchObject({ lost: 1, underruns: 0 })
})

test('a packet that comes after its moment counts as lost and is not heard late', () => {
  const queue = createJitterQueue(silence)
  const [a, b, c, d] = packets(4) as [Packet, Packet, Packet, Packet]
  give(queue, [a, c])
  queue.pull()
  queue.pull()
  give(queue, [b, d])
  expect(pullAll(queue)).toEqual([sound(320), sound(480)])
  expect(queue.counts.lost).toBe(1)
})

test.each([
  ['10 ms', 80],
  ['30 ms', 240],
  ['40 ms', 320],
])('packets of %s are cut into frames of 20 ms', (_, samples) => {
  const queue = createJitterQueue(silence)
  give(queue, packets(960 / samples, { samples }))
  expect(pullAll(queue)).toEqual(Array.from({ length: 6 }, (_, n) => sound(n * 160)))
})

test('half a frame that is missing is silent, the other half is heard', () => {
  const queue = createJitterQueue(silence)
  const list = packets(6, { samples: 80 })
  list.splice(2, 1)
  give(queue, list)
  queue.pull()
  expect(queue.pull()).toEqual(Uint8Array.from([...new Uint8Array(80).fill(silence), ...sound(240, 80)]))
})

test('sequence numbers and timestamps wrap round without being noticed', () => {
  const queue = createJitterQueue(silence)
  give(queue, packets(5, { sequence: 65_534, timestamp: 2 ** 32 - 320 }))
  expect(pullAll(queue)).toHaveLength(5)
  expect(queue.counts.lost).toBe(0)
})

test('more than 160 ms are never kept: the oldest are dropped', () => {
  const queue = createJitterQueue(silence)
  give(queue, packets(12))
  expect(queue.counts.dropped).toBe(4)
  expect(queue.pull()).toEqual(sound(4 * 160))
})

test('a delay that nobody needed for two seconds goes away again', () => {
  const queue = createJitterQueue(silence)
  const list = packets(600)
  give(queue, list.splice(0, 8))
  let delay = 8
  for (const packet of list) {
    queue.pull()
    queue.push(packet)
  }
  delay -= queue.counts.dropped
  expect(delay).toBeLessThanOrEqual(4)
  expect(queue.counts.underruns).toBe(0)
})

test('when the sound stops the queue runs dry once, and begins anew when it goes on after a pause', () => {
  const queue = createJitterQueue(silence)
  give(queue, packets(3))
  expect(pullAll(queue)).toHaveLength(3)
  for (let i = 0; i < 100; i++) expect(queue.pull()).toBeUndefined()
  expect(queue.counts.underruns).toBe(1)
  give(queue, packets(3, { sequence: 1_003, timestamp: 50_000 + 480 + 16_000 }))
  expect(queue.pull()).toEqual(sound(0))
  expect(queue.counts.lost).toBe(0)
})

test('a sender that begins anew with other numbers is heard at once', () => {
  const queue = createJitterQueue(silence)
  give(queue, packets(3))
  queue.pull()
  give(queue, packets(3, { sequence: 40_000, timestamp: 7 }))
  expect(queue.pull()).toEqual(sound(0))
  expect(queue.counts.lost).toBe(0)
})

test('key presses among the sound do not count as lost sound', () => {
  const queue = createJitterQueue(silence)
  const [a, b, , , e] = packets(5) as [Packet, Packet, Packet, Packet, Packet]
  give(queue, [a, b])
  queue.pass(1_002)
  queue.pass(1_003)
  queue.push(e)
  expect(queue.counts.lost).toBe(0)
})

test('empty and oversized packets are left alone', () => {
  const queue = createJitterQueue(silence)
  queue.push({ sequence: 1, timestamp: 1, payload: new Uint8Array(0) })
  queue.push({ sequence: 2, timestamp: 1, payload: new Uint8Array(5_000) })
  expect(queue.pull()).toBeUndefined()
})

test('whatever order, loss and doubling the network makes, sound comes in order, once, and nothing fails', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ n: fc.nat(40), pull: fc.boolean() }), { maxLength: 120 }),
      fc.constantFrom(80, 160, 240, 320),
      fc.nat(0xffff),
      fc.nat(0xffffffff),
      (steps, samples, sequence, timestamp) => {
        const queue = createJitterQueue(silence)
        const list = Array.from({ length: 41 }, (_, n) => ({
          sequence: (sequence + n) & 0xffff,
          timestamp: (timestamp + n * samples) % 2 ** 32,
          payload: new Uint8Array(samples).fill(n), // its number in every sample
        }))
        let last = -1
        for (const { n, pull } of steps) {
          queue.push(list[n] as Packet)
          const frame = pull ? queue.pull() : undefined
          for (const sample of frame ?? []) {
            if (sample === silence) continue
            expect(sample).toBeGreaterThanOrEqual(last)
            last = sample
          }
        }
        expect(queue.counts.lost).toBeGreaterThanOrEqual(0)
      },
    ),
  )
})

test('a wrapped number is found again from any place near it', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 40 }), fc.integer({ min: -30_000, max: 30_000 }), (last, step) => {
      const value = last + step
      expect(unwrap(last, ((value % 65_536) + 65_536) % 65_536, 16)).toBe(value)
    }),
  )
})

test('a straggler is taken back from the lost ones', () => {
  const sequence = createSequence()
  for (const number of [10, 13]) sequence.note(number)
  expect(sequence.lost).toBe(2)
  expect(sequence.note(11)).toBe('overtaken')
  expect(sequence.note(11)).toBe('duplicate')
  expect(sequence.lost).toBe(1)
})
