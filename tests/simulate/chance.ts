import { createHash } from 'node:crypto'
import { type Random, seeded } from '../../prisma/demo/random.ts'

/**
 * Everybody draws from a stream of their own, so that what one does depends on nobody else's number of draws: the same seed
 * presses the same buttons at the same moments, whatever the product answers.
 */
export const streamOf = (seed: number, name: string): Random =>
  seeded(createHash('sha256').update(`${seed}:${name}`).digest().readUInt32BE())

export const between = (random: Random, min: number, max: number): number => min + random.next() * (max - min)

/** The gaps of a Poisson process: independent events at a constant rate. */
export const untilNext = (random: Random, meanMs: number): number => -Math.log(1 - random.next()) * meanMs

/** How long people take: mostly about the median, seldom three times as long, never nothing. Log-normal. */
export function takes(random: Random, medianMs: number, spread = 0.5): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())
  return medianMs * Math.exp(spread * normal)
}

/** One of these, as often as its share says; the shares add up to 1. */
export function oneOf<T extends string>(random: Random, shares: Record<T, number>): T {
  let left = random.next()
  const names = Object.keys(shares) as T[]
  for (const name of names) {
    left -= shares[name]
    if (left < 0) return name
  }
  return names.at(-1) as T
}
