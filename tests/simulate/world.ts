import type { Random } from '../../prisma/demo/random.ts'
import type { Fence } from './fence.ts'
import type { Notes } from './notes.ts'
import type { Happening } from './timeline.ts'

/** What everybody in the simulation shares. */
export type World = {
  /** Virtual time, in ms. */
  now(): number
  after(ms: number, what: Happening): void
  random(name: string): Random
  /** The web processes; people spread over them. */
  urls: string[]
  fence: Fence
  notes: Notes
}

export const iso = (world: World): string => new Date(world.now()).toISOString()
