import { frameSamples, sampleRateHz } from './frame.ts'

/**
 * Keys that come as tones inside the sound [ITU-T Q.23], from gateways that know no telephone events. Each window of 20 ms,
 * every 10 ms, is asked for the eight frequencies; two windows in a row are a key (40 ms, however they lie), and four without
 * it end it. The limits of level, twist and purity are those of Q.24; they keep speech and music from pressing keys.
 */
const lows = [697, 770, 852, 941]
const highs = [1_209, 1_336, 1_477, 1_633]
const pad = ['123A', '456B', '789C', '*0#D']
const windowSamples = frameSamples
const hopSamples = windowSamples / 2
const hitsForKey = 2
const missesForEnd = 4 // a crackle of 10 ms spoils three, a pause of 40 ms at least five
const leastLoudness = 350 // about -33 dBm0; below is crosstalk of another line
const pureShare = 0.9 // of the window's power in the two tones; speech spreads over its overtones
const tenfold = (db: number) => 10 ** (db / 10)
// The line damps the high group more than the low; the other way round it is hardly a telephone.
const highOverLowMax = tenfold(5)
const lowOverHighMax = tenfold(8)
const overOthersMin = tenfold(8)
// A tone may be 1.5 % beside its place, and is none at 3.5 %: it is strongest inside, however it lies.
const inside = [0.985, 1, 1.015]
const outside = [0.965, 1.035]

/** Power at this frequency; a sine that fills the window has its own mean square. */
function powerAt(samples: Int16Array, hz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz)
  let one = 0
  let two = 0
  for (let i = 0; i < samples.length; i++) {
    const next = (samples[i] as number) + turn * one - two
    two = one
    one = next
  }
  return (2 * (one * one + two * two - turn * one * two)) / samples.length ** 2
}

function strongest(samples: Int16Array, group: number[]): { index: number; power: number } | undefined {
  const powers = group.map((hz) => powerAt(samples, hz))
  const most = Math.max(...powers)
  const index = powers.indexOf(most)
  const hz = group[index] as number
  if (powers.some((other, i) => i !== index && other * overOthersMin > most)) return undefined
  const power = Math.max(...inside.map((factor) => powerAt(samples, hz * factor)))
  return outside.some((factor) => powerAt(samples, hz * factor) > power) ? undefined : { index, power }
}

function keyIn(samples: Int16Array): string | undefined {
  let all = 0
  for (let i = 0; i < samples.length; i++) all += (samples[i] as number) ** 2
  all /= samples.length
  if (all < leastLoudness ** 2) return undefined
  const low = strongest(samples, lows)
  if (!low || low.power < all / 20) return undefined
  const high = strongest(samples, highs)
  if (!high || low.power + high.power < pureShare * all) return undefined
  if (high.power > low.power * highOverLowMax || low.power > high.power * lowOverHighMax) return undefined
  return pad[low.index]?.[high.index]
}

/** Takes the frames of one leg in order; says a key once, when it is known to be one. */
export function createGoertzel(): (frame: Int16Array) => string | undefined {
  const last = new Int16Array(windowSamples + hopSamples)
  let hits = 0
  let misses = 0
  let candidate: string | undefined
  let held: string | undefined

  function note(found: string | undefined): string | undefined {
    hits = found !== undefined && found === candidate ? hits + 1 : 1
    candidate = found
    misses = found === held ? 0 : misses + 1
    if (held !== undefined && misses >= missesForEnd) held = undefined
    if (found === undefined || found === held || hits < hitsForKey) return undefined
    held = found
    misses = 0
    return found
  }

  return (frame) => {
    // The half before this frame, then the frame: one window across the seam, one of the frame itself.
    last.copyWithin(0, windowSamples)
    last.set(frame, hopSamples)
    const across = note(keyIn(last.subarray(0, windowSamples)))
    return note(keyIn(last.subarray(hopSamples))) ?? across
  }
}
