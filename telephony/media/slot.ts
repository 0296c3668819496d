import type { LegId } from '../../server/contracts/voice.ts'
import { framesPerSecond, silentFrame } from './frame.ts'
import { toMuLaw } from './g711.ts'
import type { Leg } from './leg.ts'
import type { MusicPlace, Player } from './player.ts'

/**
 * The place of a leg: what it hears and which room it is in. `connecting` has been offered, `up` has sound, `lost` had a
 * connection that broke; a new one under the same name takes the place over, with its room and at the same word of the prompt.
 */
export type Slot = {
  readonly legId: LegId
  state: 'connecting' | 'up' | 'lost'
  leg: Leg | undefined
  /** Counts the offers; only the last one is connected. */
  openings: number
  /** Ticks in this state, by which a connection that does not come about is given up. */
  ticksInState: number
  player: Player | undefined
  music: MusicPlace
  echo: Echo | undefined
  /** Counts the orders about what it hears; an order that was overtaken while its files were read is not carried out. */
  order: number
  ticksQuiet: number
}

export const newSeat = (legId: LegId): Slot => ({
  legId,
  state: 'connecting',
  leg: undefined,
  openings: 0,
  ticksInState: 0,
  player: undefined,
  music: { frame: 0 },
  echo: undefined,
  order: 0,
  ticksQuiet: 0,
})

export type Echo = (said: Int16Array) => Uint8Array

/** What was said a second ago. */
export function createEcho(): Echo {
  const delayed: Uint8Array[] = Array.from({ length: framesPerSecond }, () => silentFrame)
  let at = 0
  return (said) => {
    const frame = delayed[at] as Uint8Array
    delayed[at] = toMuLaw(said)
    at = (at + 1) % delayed.length
    return frame
  }
}

// A browser that gets nothing more stretches the last sound it had; these let it end in silence.
const fadeTicks = framesPerSecond / 5
// Once a second keeps the path through a NAT open and costs nothing: an operator is idle most of a shift.
const keepAliveTicks = framesPerSecond

/** Sends what there is to say; a leg with nothing to say gets a moment of silence, then a packet now and then. */
export function speak(slot: Slot, frame: Uint8Array | null): void {
  slot.ticksQuiet = frame ? 0 : slot.ticksQuiet + 1
  if (frame) slot.leg?.send(frame)
  else if (slot.ticksQuiet <= fadeTicks || slot.ticksQuiet % keepAliveTicks === 0) slot.leg?.send(silentFrame)
  else slot.leg?.pause(1)
}
