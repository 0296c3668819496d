import { createKeyDecoder } from './dtmf.ts'
import { frameSamples, silentSamples } from './frame.ts'
import { aLawSilence, fromALaw, fromMuLaw, muLawSilence } from './g711.ts'
import { createJitterQueue, type Packet } from './jitter.ts'

export type Receiver = {
  /** A packet of the other side, by the payload types that were agreed with it. */
  accept(payloadType: number, packet: Packet): void
  /** One that was not let in: the wrong key, a stranger, no RTP at all. It is no sign of life. */
  refuse(): void
  /** From now on somebody else sends, with numbers of their own. */
  startOver(): void
  /** What it says in this tick, as linear samples; missing sound is concealed. To be asked every tick, heard or not. */
  hear(): Int16Array
  /** Ticks since the last packet, whatever was in it. Counted in ticks, so that a stall of ours is not taken for theirs. */
  readonly ticksWithoutPacket: number
  /** Since it was last asked. */
  takeCounts(): { lost: number; underruns: number; refused: number }
}

/**
 * The receiving half of any leg, whichever way its RTP comes. Packets of an unknown type are counted as a sign of life and
 * otherwise ignored.
 */
export function createReceiver(parts: {
  law: 'mu' | 'A'
  soundType: number
  eventTypes: ReadonlySet<number>
  onKey(key: string): void
}): Receiver {
  const queue = createJitterQueue(parts.law === 'mu' ? muLawSilence : aLawSilence)
  const decode = parts.law === 'mu' ? fromMuLaw : fromALaw
  const keys = createKeyDecoder()
  const heard = new Int16Array(frameSamples)
  let ticksWithoutPacket = 0
  let missing = 1
  let told = { lost: 0, underruns: 0 }
  let refused = 0

  return {
    accept(payloadType, packet) {
      ticksWithoutPacket = 0
      if (payloadType === parts.soundType) return queue.push(packet)
      queue.pass(packet.sequence)
      if (!parts.eventTypes.has(payloadType)) return
      const key = keys.accept(packet.timestamp, packet.payload)
      if (key) parts.onKey(key)
    },
    refuse() {
      refused++
    },
    startOver() {
      queue.startOver()
      ticksWithoutPacket = 0
    },
    hear() {
      ticksWithoutPacket++
      const frame = queue.pull()
      if (frame) {
        missing = 0
        return decode(frame, heard)
      }
      // One missing frame is said again at half its strength: a gap that short is heard as a click, not as a pause.
      if (++missing > 1) return silentSamples
      for (let i = 0; i < frameSamples; i++) heard[i] = (heard[i] as number) >> 1
      return heard
    },
    get ticksWithoutPacket() {
      return ticksWithoutPacket
    },
    takeCounts() {
      const { lost, underruns } = queue.counts
      const since = { lost: Math.max(0, lost - told.lost), underruns: underruns - told.underruns, refused }
      refused = 0
      // A straggler lowers the count after it was told; it is not told a second time.
      told = { lost: Math.max(lost, told.lost), underruns }
      return since
    },
  }
}
