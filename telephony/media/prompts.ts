import { readFile, stat } from 'node:fs/promises'
import { readWav } from './wav.ts'

// All prompts of two locales with room for recorded ones; at 8 kB a second a few megabytes.
const keptMax = 64

export type Prompts = { load(file: string): Promise<Uint8Array | undefined> }

/** Prompt files as mu-law, kept in memory; a file that was recorded anew is read again. Undefined: it cannot be played. */
export function createPrompts(): Prompts {
  const kept = new Map<string, { changedMs: number; sound: Uint8Array }>()
  return {
    async load(file) {
      try {
        const { mtimeMs } = await stat(file)
        const known = kept.get(file)
        if (known?.changedMs === mtimeMs) return known.sound
        const read = readWav(await readFile(file))
        if (!read.ok) return undefined
        if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string)
        kept.set(file, { changedMs: mtimeMs, sound: read.sound })
        return read.sound
      } catch {
        return undefined
      }
    },
  }
}
