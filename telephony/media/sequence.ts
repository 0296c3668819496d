/** The number nearest to `last` whose low bits are `value`: RTP counts in 16 and 32 bits and wraps [RFC 3550 5.1]. */
export function unwrap(last: number, value: number, bits: 16 | 32): number {
  const span = 2 ** bits
  const low = ((last % span) + span) % span
  let step = value - low
  if (step > span / 2) step -= span
  if (step < -span / 2) step += span
  return last + step
}

/** Longer than any duplicate or straggler comes late, and still small. */
const window = 256
// A larger step is a sender that began anew, not a loss of a minute [RFC 3550 A.1, MAX_DROPOUT].
const restartAfter = 3_000

export type Sequence = {
  /** Notes a packet: the newest so far, one that was overtaken, one we had, or the first of a sender that began anew. */
  note(sequence: number): 'newest' | 'overtaken' | 'duplicate' | 'restarted'
  /** Another sender: the next packet is its first. What was lost stays counted. */
  startOver(): void
  /** Packets that should have come and did not, so far. One that comes after all is taken back. */
  readonly lost: number
}

/** Counts packets of one sender by their 16-bit numbers [RFC 3550 A.3]. */
export function createSequence(): Sequence {
  const seen = new Float64Array(window).fill(-1)
  let first = -1
  let highest = -1
  let lost = 0

  function begin(sequence: number): void {
    first = sequence + 0x10000 // room for stragglers from before the first
    highest = first
    seen.fill(-1)
    seen[first % window] = first
  }

  return {
    note(sequence) {
      if (highest < 0) {
        begin(sequence)
        return 'newest'
      }
      const number = unwrap(highest, sequence, 16)
      if (Math.abs(number - highest) > restartAfter) {
        begin(sequence)
        return 'restarted'
      }
      if (number <= highest - window || seen[number % window] === number) return 'duplicate'
      seen[number % window] = number
      if (number > highest) {
        lost += number - highest - 1
        highest = number
        return 'newest'
      }
      if (number > first) lost--
      return 'overtaken'
    },
    startOver() {
      highest = -1
    },
    get lost() {
      return lost
    },
  }
}
