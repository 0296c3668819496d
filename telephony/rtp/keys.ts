const keys = '0123456789*#ABCD'
const pressTicks = 6 // 120 ms: gateways want 40, slow ones 100
const endTicks = 3 // the end is said three times, since nobody asks for a lost one [RFC 4733 2.5.1.4]
const pauseTicks = 5
const volume = 10 // -10 dBm0, as a telephone's own keys
const samplesPerTick = 160
// A card number, an extension, a code: more at once is a mistake.
const keysMax = 32

type KeyPacket = { first: boolean; payload: Uint8Array; ticksSinceStart: number }

type KeySender = {
  /** Presses these after the ones under way; false when one is no key or they are too many. */
  press(keys: string): boolean
  /** What to send in this tick instead of sound, if a key is down. */
  next(): KeyPacket | undefined
}

/** Presses keys for us at the far end, one after the other, by telephone events [RFC 4733]. */
export function createKeySender(): KeySender {
  let waiting: number[] = []
  let ticks = 0
  return {
    press(pressed) {
      const events = [...pressed.toUpperCase()].map((key) => keys.indexOf(key))
      if (events.includes(-1) || events.length === 0 || waiting.length + events.length > keysMax) return false
      waiting = [...waiting, ...events]
      return true
    },
    next() {
      const event = waiting[0]
      if (event === undefined) return undefined
      const tick = ticks++
      if (tick >= pressTicks + endTicks) {
        if (ticks < pressTicks + endTicks + pauseTicks) return undefined
        waiting = waiting.slice(1)
        ticks = 0
        return undefined
      }
      const duration = samplesPerTick * Math.min(tick + 1, pressTicks)
      const end = tick >= pressTicks
      const payload = Uint8Array.of(event, (end ? 0x80 : 0) | volume, duration >> 8, duration & 0xff)
      return { first: tick === 0, payload, ticksSinceStart: tick }
    },
  }
}
