import { frameSamples, sampleRateHz } from '../media/frame.ts'
import { fromMuLaw } from '../media/g711.ts'
import { createGoertzel } from '../media/goertzel.ts'

// Somebody who sends nothing in pauses pauses; what is longer is another beginning, before which there was silence.
const gapSamplesMax = sampleRateHz / 2

// A packet that is lost within a key would cut it in two; what was said before it stands for it, as in a pause silence does. It
// may still cost the key: then the sum is wrong, and the panel says it again.
const lostSamplesMax = (sampleRateHz * 3) / 100

/**
 * Keys that come as tones, read from the packets in the order in which they were said and not from what is played: the queue
 * before the ear stretches and cuts a little when packets come unevenly, and a panel's keys are short and close together.
 */
export function createToneReader(onKey: (key: string) => void): (packet: {
  timestamp: number
  /** mu-law */
  payload: Uint8Array
}) => void {
  const listen = createGoertzel()
  const frame = new Int16Array(frameSamples)
  let filled = 0
  let due: number | undefined
  let before: Int16Array = new Int16Array()

  function take(sample: number): void {
    frame[filled++] = sample
    if (filled < frameSamples) return
    filled = 0
    const key = listen(frame)
    if (key) onKey(key)
  }

  return ({ timestamp, payload }) => {
    const ahead = due === undefined ? 0 : (timestamp - due) | 0
    // It came twice, or late: what stood there has been read as a gap.
    if (ahead < 0 && ahead > -gapSamplesMax) return
    const lost = ahead <= lostSamplesMax && before.length >= ahead ? before.subarray(before.length - ahead) : undefined
    for (let i = 0; i < Math.min(Math.abs(ahead), gapSamplesMax); i++) take(lost?.[i] ?? 0)
    before = fromMuLaw(payload)
    for (const sample of before) take(sample)
    due = (timestamp + payload.length) >>> 0
  }
}
