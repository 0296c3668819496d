import { framesPerSecond } from './frame.ts'
import { mixAll, mixMinusOwn } from './room.ts'
import type { Room, Rooms } from './rooms.ts'
import { type Slot, speak } from './slot.ts'
import type { Slots } from './slots.ts'

// An answer that is not given: after this nobody is still waiting at the other end.
const answerTicksMax = 15 * framesPerSecond
// A lost leg that nobody reopens or closes; the server's own patience is much shorter.
const lostTicksMax = 60 * framesPerSecond

type Parts = { slots: Slots; rooms: Rooms; fault(what: string, error: unknown): void }

/** What happens in each 20 ms: everybody is heard, rooms are mixed, everybody is spoken to. */
export function createTickWork({ slots: { all: slots, lose, remove, hangUp }, rooms, fault }: Parts): () => void {
  function mixRoom(room: Room, said: Map<Slot, Int16Array>, mixed: Map<Slot, Uint8Array | null>): void {
    const here: Slot[] = []
    const frames: Int16Array[] = []
    for (const legId of room.names.keys()) {
      const slot = slots.get(legId)
      const frame = slot?.state === 'up' ? said.get(slot) : undefined
      if (!slot || !frame) continue
      here.push(slot)
      frames.push(frame)
    }
    const outs = mixMinusOwn(frames, narrowed(room, here))
    for (const [index, slot] of here.entries()) mixed.set(slot, outs[index] ?? null)
    const { recorder } = room
    if (!recorder || here.length === 0) return
    // Who is heard by some alone is no part of the conversation that the caller was told is recorded.
    const legIdOf = (i: number) => (here[i] as Slot).legId
    const side = (left: boolean) =>
      frames.filter((_, i) => recorder.left.has(legIdOf(i)) === left && !room.only.has(legIdOf(i)))
    recorder.write(mixAll(side(true)), mixAll(side(false)))
  }

  /** For each one here who is heard by some alone, who they are; undefined for the others. */
  function narrowed(room: Room, here: Slot[]): (ReadonlySet<number> | undefined)[] {
    if (room.only.size === 0) return []
    return here.map(({ legId }) => {
      const by = room.only.get(legId)
      return by && new Set(here.flatMap((other, i) => (by.has(other.legId) ? [i] : [])))
    })
  }

  /** Its own prompts go before the room, and the room before the echo. */
  function serve(slot: Slot, own: Int16Array, ofRoom: Uint8Array | null | undefined): void {
    const played = slot.player?.next()
    if (played === 'hang-up') hangUp(slot)
    else if (slot.player) speak(slot, played ?? null)
    else if (ofRoom !== undefined) speak(slot, ofRoom)
    else speak(slot, slot.echo?.(own) ?? null)
  }

  function attend(slot: Slot, own: Int16Array | undefined, ofRoom: Uint8Array | null | undefined): void {
    slot.ticksInState++
    if (slot.state === 'up' && slot.leg && own) {
      if (slot.leg.receiver.ticksWithoutPacket > slot.leg.silentTicksMax) lose(slot, 'lost')
      else serve(slot, own, ofRoom)
      return
    }
    // Nobody is at the other end: a prompt waits at its word until somebody is.
    if (slot.state === 'connecting' && slot.ticksInState > (slot.leg?.connectTicksMax ?? answerTicksMax))
      lose(slot, 'lost')
    else if (slot.state === 'lost' && slot.ticksInState > lostTicksMax) remove(slot)
  }

  return () => {
    const said = new Map<Slot, Int16Array>()
    const mixed = new Map<Slot, Uint8Array | null>()
    for (const slot of slots.values()) if (slot.leg) said.set(slot, slot.leg.hear())
    for (const room of rooms.all.values()) mixRoom(room, said, mixed)
    for (const slot of [...slots.values()]) {
      try {
        attend(slot, said.get(slot), mixed.get(slot))
      } catch (error) {
        fault('leg broke', error)
        if (slots.get(slot.legId) === slot && slot.leg) lose(slot, 'lost')
      }
    }
  }
}
