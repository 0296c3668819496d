import { frameSamples } from './frame.ts'
import { createSequence, unwrap } from './sequence.ts'

export type Packet = { sequence: number; timestamp: number; payload: Uint8Array }

export type JitterQueue = {
  /** Takes a packet of sound, one byte a sample, of any length (10, 20, 30, 40 ms). */
  push(packet: Packet): void
  /** Takes note of a packet that is no sound (a key press), so that it does not count as lost. */
  pass(sequence: number): void
  /** The next 20 ms; undefined when they are not there, to be concealed by whoever listens. */
  pull(): Uint8Array | undefined
  /** Another sender, with numbers and a clock of its own. */
  startOver(): void
  readonly counts: { lost: number; underruns: number; dropped: number }
}

// One frame to play and one in hand: 20 ms of jitter are covered, and the delay is not heard.
const primeFrames = 2
// 160 ms. More delay than that makes people talk over each other.
const framesMax = 8
// What nobody needed for two seconds is delay without use; one frame of it is dropped each time.
const settlePulls = 100
const spareFrames = 3
// 120 ms, longer packets are none of ours.
const payloadBytesMax = 960
// Timestamps that fall back by a second: the sender began a new clock.
const clockRestartSamples = 8_000

/**
 * The receive queue of one leg. Sound is laid out by its timestamp, so that order, length and gaps of the packets do not
 * matter; a frame is cut off each tick. `silence` fills what is missing inside a frame.
 */
export function createJitterQueue(silence: number): JitterQueue {
  const sequence = createSequence()
  let waiting: { start: number; end: number; payload: Uint8Array }[] = []
  let lastStart: number | undefined
  let primed = false
  let readAt = Number.NEGATIVE_INFINITY
  let packetSamples = frameSamples
  let late = 0
  let underruns = 0
  let dropped = 0
  let pulls = 0
  let leastSpare = Number.POSITIVE_INFINITY

  const newest = () => waiting.at(-1)?.end ?? readAt

  function startOver(): void {
    waiting = []
    primed = false
    readAt = Number.NEGATIVE_INFINITY
  }

  function restart(): void {
    startOver()
    lastStart = undefined
  }

  /** Keeps the delay in its limit: what is too old is never heard. */
  function dropOldest(): void {
    const from = Math.max(readAt, waiting[0]?.start ?? readAt)
    const surplus = newest() - from - framesMax * frameSamples
    if (surplus <= 0) return
    readAt = from + Math.ceil(surplus / frameSamples) * frameSamples
    dropped += Math.ceil(surplus / frameSamples)
    waiting = waiting.filter((piece) => piece.end > readAt)
  }

  /** After a burst the queue would stay long for the rest of the call. */
  function settle(): void {
    leastSpare = Math.min(leastSpare, newest() - readAt)
    if (++pulls < settlePulls) return
    if (leastSpare >= spareFrames * frameSamples) {
      readAt += frameSamples
      dropped++
    }
    pulls = 0
    leastSpare = Number.POSITIVE_INFINITY
  }

  function enough(): boolean {
    // A long packet is not enough by itself: the next one must not come a moment late.
    const needed = Math.max(primeFrames * frameSamples, packetSamples + frameSamples)
    return waiting.length > 0 && newest() - Math.max(readAt, waiting[0]?.start ?? 0) >= needed
  }

  return {
    push({ sequence: number, timestamp, payload }) {
      const noted = sequence.note(number)
      if (noted === 'duplicate') return
      if (payload.length === 0 || payload.length > payloadBytesMax) return
      if (noted === 'restarted') restart()
      const start = lastStart === undefined ? timestamp : unwrap(lastStart, timestamp, 32)
      const end = start + payload.length
      if (noted !== 'overtaken') {
        // A pause longer than the queue, or a new clock: what comes now is a new beginning.
        if (readAt - start > clockRestartSamples || start - newest() > framesMax * frameSamples) startOver()
        lastStart = start
      }
      if (end <= readAt) {
        late++
        return
      }
      packetSamples = payload.length
      let at = waiting.length
      while (at > 0 && (waiting[at - 1]?.start ?? 0) > start) at--
      waiting.splice(at, 0, { start, end, payload })
      dropOldest()
    },
    pass(number) {
      if (sequence.note(number) === 'restarted') startOver()
    },
    pull() {
      if (!primed) {
        if (!enough()) return undefined
        primed = true
        readAt = Math.max(readAt, waiting[0]?.start ?? 0)
      }
      if (newest() < readAt + frameSamples) {
        underruns++
        primed = false
        return undefined
      }
      const frame = new Uint8Array(frameSamples).fill(silence)
      let found = false
      for (const { start, end, payload } of waiting) {
        if (start >= readAt + frameSamples) break
        if (end <= readAt) continue
        found = true
        const from = Math.max(start, readAt)
        frame.set(payload.subarray(from - start, Math.min(end, readAt + frameSamples) - start), from - readAt)
      }
      readAt += frameSamples
      while (waiting[0] && waiting[0].end <= readAt) waiting.shift()
      settle()
      return found ? frame : undefined
    },
    startOver() {
      sequence.startOver()
      restart()
    },
    get counts() {
      return { lost: sequence.lost + late, underruns, dropped }
    },
  }
}
