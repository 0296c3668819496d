import type { LegEnd, LegId } from '../../server/contracts/voice.ts'
import { type Leg, type LegEvents, type Opening, Overloaded } from './leg.ts'
import type { MediaAnswer, MediaEvent } from './protocol.ts'
import { newSeat, type Seat } from './seat.ts'

export type Seats = {
  readonly all: Map<LegId, Seat>
  /** Opens a leg at this place, in the stead of the one that is there, once the other side is understood. */
  open(legId: LegId, open: (events: LegEvents) => Opening): Promise<MediaAnswer>
  /** Another offer for the connection that is there; a place without one that can be asked gets a new one. */
  openAgain(legId: LegId, sdp: string, open: (events: LegEvents) => Opening): Promise<MediaAnswer>
  accept(legId: LegId, sdp: string): Promise<MediaAnswer>
  press(legId: LegId, keys: string, pressMs?: number): MediaAnswer
  lose(seat: Seat, because: LegEnd): void
  hangUp(seat: Seat): void
  remove(seat: Seat): void
}

/** The places of the legs, and how connections come to them and go. */
export function createSeats(parts: {
  /** No room for one more. */
  full(legs: number): boolean
  emit(event: MediaEvent): void
  fault(what: string, error: unknown): void
  /** The first one is here, the last one has gone. */
  onBusy(busy: boolean): void
}): Seats {
  const { full, emit, fault, onBusy } = parts
  const seats = new Map<LegId, Seat>()

  function turn(seat: Seat, state: Seat['state']): void {
    seat.state = state
    seat.ticksInState = 0
  }

  function lose(seat: Seat, because: LegEnd): void {
    seat.leg?.close()
    seat.leg = undefined
    turn(seat, 'lost')
    emit({ event: 'leg-down', legId: seat.legId, because })
  }

  function remove(seat: Seat): void {
    seat.leg?.close()
    seat.leg = undefined
    seat.order++
    seats.delete(seat.legId)
    if (seats.size === 0) onBusy(false)
  }

  function hangUp(seat: Seat): void {
    remove(seat)
    emit({ event: 'leg-down', legId: seat.legId, because: 'hung-up' })
  }

  async function open(legId: LegId, openLeg: (events: LegEvents) => Opening): Promise<MediaAnswer> {
    const known = seats.get(legId)
    // Who was here before comes back in any case: they may be in the middle of a call.
    if (!known && full(seats.size)) return { refused: 'overloaded' }
    const seat = known ?? newSeat(legId)
    const opening = ++seat.openings
    let leg: Leg | undefined
    const current = () => seat.leg === leg && seats.get(legId) === seat
    const { leg: opened, answer } = openLeg({
      up() {
        if (!current()) return
        turn(seat, 'up')
        emit({ event: 'leg-up', legId })
      },
      down: (because) => current() && lose(seat, because),
      key: (key) => current() && emit({ event: 'dtmf', legId, key }),
    })
    leg = opened
    seats.set(legId, seat)
    onBusy(true)
    try {
      const sdp = await answer
      if (seat.openings !== opening || seats.get(legId) !== seat) {
        leg.close() // a later offer overtook this one, or the leg was closed meanwhile
        return { refused: 'no-such-leg' }
      }
      // Only now: an offer that we do not understand must not cost a line that works.
      seat.leg?.close()
      seat.leg = leg
      turn(seat, 'connecting')
      return { ok: true, sdp }
    } catch (error) {
      fault('leg not opened', error)
      if (!known && seat.openings === opening && seats.get(legId) === seat) remove(seat)
      return { refused: error instanceof Overloaded ? 'overloaded' : 'bad-sdp' }
    }
  }

  async function understood(word: Promise<string | undefined>): Promise<MediaAnswer> {
    try {
      const sdp = await word
      return sdp === undefined ? { ok: true } : { ok: true, sdp }
    } catch (error) {
      fault('SDP not understood', error)
      return { refused: 'bad-sdp' }
    }
  }

  return {
    all: seats,
    open,
    async openAgain(legId, sdp, openLeg) {
      const negotiation = seats.get(legId)?.leg?.negotiation
      return negotiation ? understood(negotiation.answer(sdp)) : open(legId, openLeg)
    },
    async accept(legId, sdp) {
      const negotiation = seats.get(legId)?.leg?.negotiation
      return negotiation ? understood(negotiation.accept(sdp).then(() => undefined)) : { refused: 'no-such-leg' }
    },
    press(legId, keys, pressMs) {
      const leg = seats.get(legId)?.leg
      if (!leg) return { refused: 'no-such-leg' }
      return leg.negotiation?.press(keys, pressMs) ? { ok: true } : { refused: 'no-keys' }
    },
    lose,
    hangUp,
    remove,
  }
}
