import { frameSamples, sampleRateHz } from './frame.ts'

/** Keys as two tones at once [ITU-T Q.23]: the row's low one and the column's high one. */
const low = [697, 770, 852, 941]
const high = [1_209, 1_336, 1_477, 1_633]
const keys = ['123A', '456B', '789C', '*0#D']

// Each tone at least −36 dBm0 or so; below that it is somebody else's key on a bad line.
const powerMin = 1.2e4
// The high tone may be 6 dB louder or 8 dB weaker than the low one, wider than Q.24 asks of the weakest administration.
const twistHighMax = 4
const twistLowMax = 6.3
// The two tones are nearly all that is heard, 10 dB above the rest: speech and music have their power elsewhere, too.
const shareMin = 0.9
/** The second best of each group is far weaker, or it is no key. */
const clearBy = 6.3
// Two frames are 40 ms, the shortest key of Q.24; as long a pause ends it.
const framesMin = 2

type Heard = { key: string } | undefined

const coefficients = [...low, ...high].map((hz) => 2 * Math.cos((2 * Math.PI * hz) / sampleRateHz))
const powers = new Float64Array(8)

/** Mean square of each of the eight tones in this frame, and of all that is in it. */
function measure(frame: Int16Array): number {
  let all = 0
  for (let i = 0; i < frameSamples; i++) all += (frame[i] as number) ** 2
  for (let tone = 0; tone < 8; tone++) {
    const coefficient = coefficients[tone] as number
    let last = 0
    let before = 0
    for (let i = 0; i < frameSamples; i++) {
      const now = (frame[i] as number) + coefficient * last - before
      before = last
      last = now
    }
    powers[tone] = (2 * (last * last + before * before - coefficient * last * before)) / frameSamples ** 2
  }
  return all / frameSamples
}

function best(from: number): { at: number; power: number; next: number } {
  let at = 0
  let power = 0
  let next = 0
  for (let i = 0; i < 4; i++) {
    const one = powers[from + i] as number
    if (one > power) [at, power, next] = [i, one, power]
    else if (one > next) next = one
  }
  return { at, power, next }
}

/** The key in this frame, if there is one. */
function keyIn(frame: Int16Array): Heard {
  const all = measure(frame)
  if (all < powerMin) return undefined
  const row = best(0)
  const column = best(4)
  if (row.power < powerMin || column.power < powerMin) return undefined
  if (column.power > row.power * twistHighMax || row.power > column.power * twistLowMax) return undefined
  if (row.power < row.next * clearBy || column.power < column.next * clearBy) return undefined
  if (row.power + column.power < all * shareMin) return undefined
  return { key: keys[row.at]?.[column.at] as string }
}

/** Finds keys that are pressed as tones in the sound [ITU-T Q.24]; each counts once, however long it is held. */
export function createToneDecoder(onKey: (key: string) => void): { take(frame: Int16Array): void } {
  let candidate: string | undefined
  let frames = 0
  let held: string | undefined
  let without = 0
  return {
    take(frame) {
      const key = keyIn(frame)?.key
      frames = key !== undefined && key === candidate ? frames + 1 : key === undefined ? 0 : 1
      candidate = key
      without = key === held && key !== undefined ? 0 : without + 1
      if (without >= framesMin) held = undefined
      if (key === undefined || frames < framesMin || key === held) return
      held = key
      without = 0
      onKey(key)
    },
  }
}
