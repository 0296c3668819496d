import { frameAt, frameSamples } from './frame.ts'
import { musicFrames } from './music.ts'

export type Player = {
  readonly token: string
  readonly finished: boolean
  /** The next 20 ms of this leg; null when it has nothing to say, `hang-up` when the leg shall end. */
  next(): Uint8Array | null | 'hang-up'
}

/** Where a leg is in the music; it goes on there after an announcement instead of beginning again each time. */
export type MusicPlace = { frame: number }

const frameMs = 20

/** The last word must leave the listener's own jitter buffer before the line goes dead. */
const leastTailMs = 300

/**
 * Prompts one after the other, then music, silence or the end. `onPlayed` is called once, when the last prompt has been
 * sent; a player that is replaced before is simply no longer asked and never says it.
 */
export function createPlayer(what: {
  sounds: Uint8Array[]
  after: 'music' | 'silence' | 'hang-up'
  tailMs?: number | undefined
  token: string
  music: MusicPlace
  onPlayed(token: string): void
}): Player {
  let sound = 0
  let frame = 0
  let finished = false
  let tail = 0
  const tailFrames = (what.tailMs ?? leastTailMs) / frameMs

  function nextOfPrompts(): Uint8Array | undefined {
    for (;;) {
      const current = what.sounds[sound]
      if (!current) return undefined
      if (frame * frameSamples < current.length) return frameAt(current, frame++)
      sound++
      frame = 0
    }
  }

  return {
    token: what.token,
    get finished() {
      return finished
    },
    next() {
      const prompt = nextOfPrompts()
      if (prompt) return prompt
      if (!finished) {
        finished = true
        what.onPlayed(what.token)
      }
      if (what.after === 'silence') return null
      if (what.after === 'hang-up') return ++tail > tailFrames ? 'hang-up' : null
      const music = musicFrames()
      what.music.frame = (what.music.frame + 1) % music.length
      return music[what.music.frame] as Uint8Array
    },
  }
}
