import { sampleRateHz } from './frame.ts'
import { toMuLaw } from './g711.ts'

// -9 dBFS: clear over a poor line, and not clipped by a gateway that amplifies.
const peak = 11_600
// A tone that begins or ends at once clicks, and a click has every frequency.
const rampSamples = sampleRateHz / 500

/** Plain tones one after the other as mu-law; 0 Hz is silence. */
export function makeTones(tones: { hz: number; ms: number }[]): Uint8Array {
  const pieces = tones.map(({ hz, ms }) => {
    const length = Math.round((sampleRateHz * ms) / 1_000)
    return Int16Array.from({ length }, (_, i) => {
      const ramp = Math.min(1, (i + 1) / rampSamples, (length - i) / rampSamples)
      return Math.round(peak * ramp * Math.sin((2 * Math.PI * hz * i) / sampleRateHz))
    })
  })
  return toMuLaw(Int16Array.from(pieces.flatMap((piece) => [...piece])))
}
