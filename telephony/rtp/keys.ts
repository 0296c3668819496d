const keys = '0123456789*#ABCD'
const frameSamples = 160
/** 100 ms a key, and as long a pause: what an old exchange and a telecare unit still hear. */
const heldTicks = 5
const pauseTicks = 5
/** The end is said three times [RFC 4733 2.5.1.4]. */
const ends = 3
const level = 10 // −10 dBm0

export type KeyFrame = { payload: Uint8Array; marker: boolean; back: number }

/**
 * The packets of some keys, one for each tick [RFC 4733]; null in the pause between them. `back` says how many samples before
 * the tick the key began: all packets of one key bear the time of its beginning.
 */
export function keyFrames(pressed: string): (KeyFrame | null)[] {
  return [...pressed].flatMap((key) => {
    const event = keys.indexOf(key.toUpperCase())
    if (event < 0) return []
    const packet = (ticks: number, over: boolean): KeyFrame => {
      const duration = Math.min(ticks + 1, heldTicks) * frameSamples
      return {
        payload: Uint8Array.of(event, (over ? 0x80 : 0) | level, duration >> 8, duration & 0xff),
        marker: ticks === 0,
        back: ticks * frameSamples,
      }
    }
    const held = Array.from({ length: heldTicks }, (_, i) => packet(i, false))
    const ended = Array.from({ length: ends }, (_, i) => packet(heldTicks + i, true))
    return [...held, ...ended, ...Array.from({ length: pauseTicks }, () => null)]
  })
}
