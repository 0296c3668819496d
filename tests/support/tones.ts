/** Sounds for tests, 8 kHz. Who hears whom is told by frequency: each party sends a tone of its own. */
export const sampleRateHz = 8_000

export function tone(hz: number, ms: number, peak = 8_000): Int16Array {
  return Int16Array.from({ length: (sampleRateHz * ms) / 1_000 }, (_, i) =>
    Math.round(peak * Math.sin((2 * Math.PI * hz * i) / sampleRateHz)),
  )
}

/** The share of the sound's power that is at this frequency, 0 to 1 (Goertzel). Silence has none. */
export function power(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz)
  let one = 0
  let two = 0
  let all = 0
  for (const sample of samples) {
    const next = sample + turn * one - two
    two = one
    one = next
    all += sample * sample
  }
  if (all === 0) return 0
  return (2 * (one * one + two * two - turn * one * two)) / (samples.length * all)
}

/** Root of the mean square: how loud, in sample units. */
export function loudness(samples: Int16Array): number {
  let all = 0
  for (const sample of samples) all += sample * sample
  return samples.length === 0 ? 0 : Math.sqrt(all / samples.length)
}
