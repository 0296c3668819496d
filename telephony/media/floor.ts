import { framesPerSecond } from './frame.ts'
import { mixAll, mixMinusOwn } from './room.ts'
import type { Room, Rooms } from './rooms.ts'
import { type Seat, speak } from './seat.ts'
import type { Seats } from './seats.ts'

// An answer that is not given: after this nobody is still waiting at the other end.
const answerTicksMax = 15 * framesPerSecond
// A lost leg that nobody reopens or closes; the server's own patience is much shorter.
const lostTicksMax = 60 * framesPerSecond

type Parts = { seats: Seats; rooms: Rooms; fault(what: string, error: unknown): void }

/** What happens in each 20 ms: everybody is heard, rooms are mixed, everybody is spoken to. */
export function createFloor({ seats: { all: seats, lose, remove, hangUp }, rooms, fault }: Parts): () => void {
  function mixRoom(room: Room, said: Map<Seat, Int16Array>, mixed: Map<Seat, Uint8Array | null>): void {
    const here: Seat[] = []
    const frames: Int16Array[] = []
    for (const legId of room.names.keys()) {
      const seat = seats.get(legId)
      const frame = seat?.state === 'up' ? said.get(seat) : undefined
      if (!seat || !frame) continue
      here.push(seat)
      frames.push(frame)
    }
    const outs = mixMinusOwn(frames, narrowed(room, here))
    for (const [index, seat] of here.entries()) mixed.set(seat, outs[index] ?? null)
    const { recorder } = room
    if (!recorder || here.length === 0) return
    // Who is heard by some alone is no part of the conversation that the caller was told is recorded.
    const legIdOf = (i: number) => (here[i] as Seat).legId
    const side = (left: boolean) =>
      frames.filter((_, i) => recorder.left.has(legIdOf(i)) === left && !room.only.has(legIdOf(i)))
    recorder.write(mixAll(side(true)), mixAll(side(false)))
  }

  /** For each one here who is heard by some alone, who they are; undefined for the others. */
  function narrowed(room: Room, here: Seat[]): (ReadonlySet<number> | undefined)[] {
    if (room.only.size === 0) return []
    return here.map(({ legId }) => {
      const by = room.only.get(legId)
      return by && new Set(here.flatMap((other, i) => (by.has(other.legId) ? [i] : [])))
    })
  }

  /** Its own prompts go before the room, and the room before the echo. */
  function serve(seat: Seat, own: Int16Array, ofRoom: Uint8Array | null | undefined): void {
    const played = seat.player?.next()
    if (played === 'hang-up') hangUp(seat)
    else if (seat.player) speak(seat, played ?? null)
    else if (ofRoom !== undefined) speak(seat, ofRoom)
    else speak(seat, seat.echo?.(own) ?? null)
  }

  function attend(seat: Seat, own: Int16Array | undefined, ofRoom: Uint8Array | null | undefined): void {
    seat.ticksInState++
    if (seat.state === 'up' && seat.leg && own) {
      if (seat.leg.receiver.ticksWithoutPacket > seat.leg.silentTicksMax) lose(seat, 'lost')
      else serve(seat, own, ofRoom)
      return
    }
    // Nobody is at the other end: a prompt waits at its word until somebody is.
    if (seat.state === 'connecting' && seat.ticksInState > (seat.leg?.connectTicksMax ?? answerTicksMax))
      lose(seat, 'lost')
    else if (seat.state === 'lost' && seat.ticksInState > lostTicksMax) remove(seat)
  }

  return () => {
    const said = new Map<Seat, Int16Array>()
    const mixed = new Map<Seat, Uint8Array | null>()
    for (const seat of seats.values()) if (seat.leg) said.set(seat, seat.leg.hear())
    for (const room of rooms.all.values()) mixRoom(room, said, mixed)
    for (const seat of [...seats.values()]) {
      try {
        attend(seat, said.get(seat), mixed.get(seat))
      } catch (error) {
        fault('leg broke', error)
        if (seats.get(seat.legId) === seat && seat.leg) lose(seat, 'lost')
      }
    }
  }
}
