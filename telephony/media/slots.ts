import type { LegEnd, LegId } from '../../server/contracts/voice.ts'
import { type Leg, type LegEvents, type Opening, Overloaded } from './leg.ts'
import type { MediaAnswer, MediaEvent } from './protocol.ts'
import { newSeat, type Slot } from './slot.ts'

export type Slots = {
  readonly all: Map<LegId, Slot>
  /** Opens a leg at this place, in the stead of the one that is there, once the other side is understood. */
  open(legId: LegId, open: (events: LegEvents) => Opening): Promise<MediaAnswer>
  /** Another offer for the connection that is there; a place without one that can be asked gets a new one. */
  openAgain(legId: LegId, sdp: string, open: (events: LegEvents) => Opening): Promise<MediaAnswer>
  accept(legId: LegId, sdp: string): Promise<MediaAnswer>
  press(legId: LegId, keys: string, pressMs?: number): MediaAnswer
  lose(slot: Slot, because: LegEnd): void
  hangUp(slot: Slot): void
  remove(slot: Slot): void
}

/** The places of the legs, and how connections come to them and go. */
export function createSlots(parts: {
  /** No room for one more. */
  full(legs: number): boolean
  emit(event: MediaEvent): void
  fault(what: string, error: unknown): void
  /** The first one is here, the last one has gone. */
  onBusy(busy: boolean): void
}): Slots {
  const { full, emit, fault, onBusy } = parts
  const slots = new Map<LegId, Slot>()

  function turn(slot: Slot, state: Slot['state']): void {
    slot.state = state
    slot.ticksInState = 0
  }

  function lose(slot: Slot, because: LegEnd): void {
    slot.leg?.close()
    slot.leg = undefined
    turn(slot, 'lost')
    emit({ event: 'leg-down', legId: slot.legId, because })
  }

  function remove(slot: Slot): void {
    slot.leg?.close()
    slot.leg = undefined
    slot.order++
    slots.delete(slot.legId)
    if (slots.size === 0) onBusy(false)
  }

  function hangUp(slot: Slot): void {
    remove(slot)
    emit({ event: 'leg-down', legId: slot.legId, because: 'hung-up' })
  }

  async function open(legId: LegId, openLeg: (events: LegEvents) => Opening): Promise<MediaAnswer> {
    const known = slots.get(legId)
    // Who was here before comes back in any case: they may be in the middle of a call.
    if (!known && full(slots.size)) return { refused: 'overloaded' }
    const slot = known ?? newSeat(legId)
    const opening = ++slot.openings
    let leg: Leg | undefined
    const current = () => slot.leg === leg && slots.get(legId) === slot
    const { leg: opened, answer } = openLeg({
      up() {
        if (!current()) return
        turn(slot, 'up')
        emit({ event: 'leg-up', legId })
      },
      down: (because) => current() && lose(slot, because),
      key: (key) => current() && emit({ event: 'dtmf', legId, key }),
    })
    leg = opened
    slots.set(legId, slot)
    onBusy(true)
    try {
      const sdp = await answer
      if (slot.openings !== opening || slots.get(legId) !== slot) {
        leg.close() // a later offer overtook this one, or the leg was closed meanwhile
        return { refused: 'no-such-leg' }
      }
      // Only now: an offer that we do not understand must not cost a line that works.
      slot.leg?.close()
      slot.leg = leg
      turn(slot, 'connecting')
      return { ok: true, sdp }
    } catch (error) {
      fault('leg not opened', error)
      if (!known && slot.openings === opening && slots.get(legId) === slot) remove(slot)
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
    all: slots,
    open,
    async openAgain(legId, sdp, openLeg) {
      const negotiation = slots.get(legId)?.leg?.negotiation
      return negotiation ? understood(negotiation.answer(sdp)) : open(legId, openLeg)
    },
    async accept(legId, sdp) {
      const negotiation = slots.get(legId)?.leg?.negotiation
      return negotiation ? understood(negotiation.accept(sdp).then(() => undefined)) : { refused: 'no-such-leg' }
    },
    press(legId, keys, pressMs) {
      const leg = slots.get(legId)?.leg
      if (!leg) return { refused: 'no-such-leg' }
      return leg.negotiation?.press(keys, pressMs) ? { ok: true } : { refused: 'no-keys' }
    },
    lose,
    hangUp,
    remove,
  }
}
