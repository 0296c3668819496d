const keys = '0123456789*#ABCD'
const usualMs = 120 // gateways want 40, slow ones 100
const msPerTick = 20
const endTicks = 3 // the end is said three times, since nobody asks for a lost one [RFC 4733 2.5.1.4]
const pauseTicks = 5
const volume = 10 // -10 dBm0, as a telephone's own keys
const samplesPerTick = 160
// A card number, an extension, a code: more at once is a mistake.
const keysMax = 32

type KeyPacket = { first: boolean; payload: Uint8Array; ticksSinceStart: number }

type KeySender = {
  /** Presses these after the ones under way, each so long; false when one is no key or they are too many. */
  press(keys: string, pressMs?: number): boolean
  /** What to send in this tick instead of sound, if a key is down. */
  next(): KeyPacket | undefined
}

/** Presses keys for us at the far end, one after the other, by telephone events [RFC 4733]. */
export function createKeySender(): KeySender {
  let waiting: { event: number; pressTicks: number }[] = []
  let ticks = 0
  return {
    press(pressed, pressMs = usualMs) {
      const events = [...pressed.toUpperCase()].map((key) => keys.indexOf(key))
      if (events.includes(-1) || events.length === 0 || waiting.length + events.length > keysMax) return false
      const pressTicks = Math.max(2, Math.round(pressMs / msPerTick))
      waiting = [...waiting, ...events.map((event) => ({ event, pressTicks }))]
      return true
    },
    next() {
      const [now] = waiting
      if (now === undefined) return undefined
      const { event, pressTicks } = now
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
