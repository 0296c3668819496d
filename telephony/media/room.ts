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

const nobody: Int16Array[] = []

/**
 * What each party of a room hears of this tick, as mu-law: everybody but themselves. Summed in 32 bits and clipped once,
 * so that two loud voices do not wrap round into noise. Who is alone hears nothing. `only`, by the place of who speaks: the
 * places of those who alone hear them.
 */
export function mixMinusOwn(
  said: readonly Int16Array[],
  only: readonly (ReadonlySet<number> | undefined)[] = [],
): (Uint8Array | null)[] {
  if (said.length < 2) return said.map(() => null)
  const open = said.filter((_, i) => !only[i])
  addUp(open)
  return said.map((own, place) => {
    const isOpen = !only[place]
    const whispered = only.length === 0 ? nobody : said.filter((_, i) => i !== place && only[i]?.has(place))
    if (open.length + whispered.length <= (isOpen ? 1 : 0)) return null
    for (let i = 0; i < frameSamples; i++) {
      let sum = (total[i] as number) - (isOpen ? (own[i] as number) : 0)
      for (const frame of whispered) sum += frame[i] as number
      mixed[i] = clip(sum)
    }
    return toMuLaw(mixed)
  })
}

/** All of these together, as mu-law: one side of a recording. */
export function mixAll(said: readonly Int16Array[]): Uint8Array {
  addUp(said)
  for (let i = 0; i < frameSamples; i++) mixed[i] = clip(total[i] as number)
  return toMuLaw(mixed)
}
