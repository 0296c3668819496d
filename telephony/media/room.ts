import { frameSamples } from './frame.ts'
import { toMuLaw } from './g711.ts'

const clip = (sum: number) => Math.max(-32_768, Math.min(32_767, sum))

const total = new Int32Array(frameSamples)
const mixed = new Int16Array(frameSamples)

function addUp(said: readonly Int16Array[]): void {
  total.fill(0)
  for (const frame of said) {
    for (let i = 0; i < frameSamples; i++) total[i] = (total[i] as number) + (frame[i] as number)
  }
}

/**
 * What each party of a room hears of this tick, as mu-law: everybody but themselves. Summed in 32 bits and clipped once,
 * so that two loud voices do not wrap round into noise. Who is alone hears nothing.
 */
export function mixMinusOwn(said: readonly Int16Array[]): (Uint8Array | null)[] {
  if (said.length < 2) return said.map(() => null)
  addUp(said)
  return said.map((own) => {
    for (let i = 0; i < frameSamples; i++) mixed[i] = clip((total[i] as number) - (own[i] as number))
    return toMuLaw(mixed)
  })
}

/** All of these together, as mu-law: one side of a recording. */
export function mixAll(said: readonly Int16Array[]): Uint8Array {
  addUp(said)
  for (let i = 0; i < frameSamples; i++) mixed[i] = clip(total[i] as number)
  return toMuLaw(mixed)
}
