import type { LegId } from '../../server/contracts/voice.ts'
import type { Recorder } from './recorder.ts'

export type Room = {
  readonly roomId: string
  /** Who belongs here, and since when (ms) nobody of that name has been seen; null while they are here. */
  readonly names: Map<LegId, number | null>
  /** Who of them is heard by these alone. */
  only: Map<LegId, ReadonlySet<LegId>>
  recorder: Recorder | undefined
  /** Nobody belongs here since, ms; null while somebody does. */
  emptySince: number | null
}

export type Rooms = {
  readonly all: Map<string, Room>
  open(roomId: string, now: number): Room
  /** Exactly these belong here, and to no other room. */
  settle(roomId: string, legIds: LegId[], now: number, only?: Record<LegId, LegId[]>): void
  leave(legId: LegId, now: number): void
  /** Takes the room away; its recording is ended. */
  end(roomId: string): void
  /** Forgets names and rooms that nobody came for. */
  sweep(present: (legId: LegId) => boolean, now: number): void
}

// A leg that is named before it is up (an operator whose browser is reconnecting) joins when it comes; half a minute is
// longer than any reconnection and short enough that no old name waits to overhear a later call.
const rememberedMs = 30_000

/** Rooms are lists of names rather than of legs, so a leg that is lost and comes back is where it was. */
export function createRooms(): Rooms {
  const all = new Map<string, Room>()

  function open(roomId: string, now: number): Room {
    const found = all.get(roomId)
    if (found) return found
    const room: Room = { roomId, names: new Map(), only: new Map(), recorder: undefined, emptySince: now }
    all.set(roomId, room)
    return room
  }

  function leave(legId: LegId, now: number): void {
    for (const room of all.values()) {
      if (room.names.delete(legId) && room.names.size === 0) room.emptySince = now
    }
  }

  function end(roomId: string): void {
    const room = all.get(roomId)
    all.delete(roomId)
    void room?.recorder?.end()
  }

  return {
    all,
    open,
    settle(roomId, legIds, now, only = {}) {
      const room = open(roomId, now)
      room.only = new Map(Object.entries(only).map(([legId, by]) => [legId, new Set(by)]))
      for (const legId of room.names.keys()) if (!legIds.includes(legId)) room.names.delete(legId)
      for (const legId of legIds) {
        if (room.names.has(legId)) continue
        leave(legId, now)
        room.names.set(legId, null)
      }
      room.emptySince = null
    },
    leave,
    end,
    sweep(present, now) {
      for (const room of [...all.values()]) {
        for (const [legId, missingSince] of room.names) {
          if (present(legId)) room.names.set(legId, null)
          else if (missingSince === null) room.names.set(legId, now)
          else if (now - missingSince > rememberedMs) leave(legId, now)
        }
        if (room.emptySince !== null && now - room.emptySince > rememberedMs) end(room.roomId)
      }
    },
  }
}
