const keys = '0123456789*#ABCD'
// Three end packets of a key, and those of the keys before it, may still be on their way.
const rememberedKeys = 8
// A key held longer than its 16-bit duration goes on as a further event [RFC 4733 2.5.1.3].
const durationMax = 0xffff

export type KeyDecoder = { accept(timestamp: number, payload: Uint8Array): string | undefined }

/**
 * Telephone events [RFC 4733]. All packets of one key press carry the timestamp of its beginning, and the end is said
 * three times; the key counts at the first packet that comes, whichever it is, so a lost end does no harm.
 */
export function createKeyDecoder(): KeyDecoder {
  const recent: number[] = []
  let held: { event: number; until: number } | undefined

  return {
    accept(timestamp, payload) {
      if (payload.length < 4) return undefined
      const event = payload[0] as number
      const duration = ((payload[2] as number) << 8) | (payload[3] as number)
      const ended = ((payload[1] as number) & 0x80) !== 0
      const goesOn = held !== undefined && held.event === event && held.until === timestamp
      const isNew = !recent.includes(timestamp)
      if (isNew) {
        recent.push(timestamp)
        if (recent.length > rememberedKeys) recent.shift()
      }
      if (isNew || goesOn) held = undefined
      if (!ended && duration === durationMax) held = { event, until: (timestamp + durationMax) % 2 ** 32 }
      return isNew && !goesOn ? keys[event] : undefined
    },
  }
}
