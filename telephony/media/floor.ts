import type { LegEnd, LegId } from '../../server/contracts/voice.ts'
import { framesPerSecond } from './frame.ts'
import { mixAll, mixMinusOwn } from './room.ts'
import type { Room, Rooms } from './rooms.ts'
import { type Seat, speak } from './seat.ts'

// A browser sends fifty packets a second even when muted; two seconds without one is a line that broke.
const watchdogTicks = 2 * framesPerSecond
// ICE over a relay and a starved DTLS handshake take seconds; after this nobody is still waiting at the other end.
const connectTicksMax = 15 * framesPerSecond
// A lost leg that nobody reopens or closes; the server's own patience is much shorter.
const lostTicksMax = 60 * framesPerSecond

type Parts = {
  seats: Map<LegId, Seat>
  rooms: Rooms
  lose(seat: Seat, because: LegEnd): void
  forget(seat: Seat): void
  hangUp(seat: Seat): void
  fault(what: string, error: unknown): void
}

/** What happens in each 20 ms: everybody is heard, rooms are mixed, everybody is spoken to. */
export function createFloor({ seats, rooms, lose, forget, hangUp, fault }: Parts): () => void {
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
    const outs = mixMinusOwn(frames)
    for (const [index, seat] of here.entries()) mixed.set(seat, outs[index] ?? null)
    const { recorder } = room
    if (!recorder || here.length === 0) return
    const side = (left: boolean) => frames.filter((_, i) => recorder.left.has((here[i] as Seat).legId) === left)
    recorder.write(mixAll(side(true)), mixAll(side(false)))
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
      const silent = seat.leg.patience?.().silentTicks ?? watchdogTicks
      if (seat.leg.receiver.ticksWithoutPacket > silent) lose(seat, 'lost')
      else serve(seat, own, ofRoom)
      return
    }
    // Nobody is at the other end: a prompt waits at its word until somebody is.
    const connects = seat.leg?.patience?.().connectTicks ?? connectTicksMax
    if (seat.state === 'connecting' && seat.ticksInState > connects) lose(seat, 'lost')
    else if (seat.state === 'lost' && seat.ticksInState > lostTicksMax) forget(seat)
  }

  return () => {
    const said = new Map<Seat, Int16Array>()
    const mixed = new Map<Seat, Uint8Array | null>()
    for (const seat of seats.values()) if (seat.leg) said.set(seat, seat.leg.receiver.hear())
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
