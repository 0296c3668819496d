import { framesPerSecond } from '../media/frame.ts'

export type FarAddress = { address: string; port: number }

export type Latch = {
  /**
   * The signalling says where they are; null when it does not say (hold, a name). The stream was silent for so many ticks: a
   * telephone that comes back from hold may come through another door of its NAT.
   */
  expect(named: FarAddress | null, ticksSilent: number): void
  /** A good packet came from there, and the stream was silent for so many ticks: is it theirs? */
  admits(from: FarAddress, ticksSilent: number): boolean
  /** Where to send to. */
  readonly target: FarAddress | null
}

// Longer than most pauses of a telephone that sends nothing in silence, and short enough to follow one whose network changed.
const followAfterTicks = 5 * framesPerSecond

const same = (a: FarAddress | null, b: FarAddress | null) => a?.address === b?.address && a?.port === b?.port

/**
 * Symmetric RTP [RFC 4961]: we send to where their packets come from, since what the SDP names is often an address behind a
 * NAT. The first good packet decides; after that nobody else is heard until the stream has been silent, so a stranger who
 * finds the port cannot take over a running call. Whoever slips in while the telephone is silent, on hold for example, has to
 * go when it speaks again: the address that the signalling named, and else the first that came, may come at any time.
 */
export function createLatch(): Latch {
  let named: FarAddress | null = null
  let latched: FarAddress | null = null
  let home: FarAddress | null = null
  return {
    expect(next, ticksSilent) {
      if (next && !same(next, named)) {
        named = next
        latched = null
        home = null
      } else if (ticksSilent >= followAfterTicks) latched = null
    },
    admits(from, ticksSilent) {
      if (same(from, latched)) return true
      if (latched && !same(from, named) && !same(from, home) && ticksSilent < followAfterTicks) return false
      latched = { address: from.address, port: from.port }
      if (!home || same(from, named)) home = latched
      return true
    },
    get target() {
      return latched ?? home ?? named
    },
  }
}
