import type { CallId, LegEnd, LegId, Party, VoiceState } from '../../server/contracts/voice.ts'
import type { MediaProcess } from '../media-process/start.ts'
import type { FarEnd } from '../ports.ts'
import { roomOf, type Telephones } from '../web/telephones.ts'
import type { Delivery } from './deliver.ts'

/**
 * A leg as the server knows it. `ringing` is only a sound in somebody's room and not yet in the media process; `opening`
 * has been answered; `up` has sound; `lost` has none, and its telephone has a moment to offer again.
 */
export type VoiceLeg = {
  readonly legId: LegId
  readonly callId: CallId | null
  readonly party: Party
  /** Its telephone, see keyOf. */
  readonly key: string
  state: 'ringing' | 'opening' | 'up' | 'lost'
  /** The connection by which it was opened; none while it rings at every telephone of that name, or while the page is away. */
  at: string | undefined
  /** Of a leg that a carrier brought: it cannot offer again, and is told when the leg is over. */
  readonly far?: FarEnd | undefined
  grace: NodeJS.Timeout | undefined
}

export type Legs = {
  get(legId: LegId): VoiceLeg | undefined
  ofKey(key: string): VoiceLeg | undefined
  /** Opened by this connection. */
  at(socketId: string): VoiceLeg[]
  add(leg: Omit<VoiceLeg, 'grace'>): VoiceLeg
  /** Takes it away without a word: nobody has been told of it yet. */
  drop(leg: VoiceLeg): void
  up(legId: LegId): void
  /** No sound any more. An operator's leg is down at once; a caller's waits for them to offer again. */
  lose(legId: LegId): void
  /** Nobody is at the telephone any more; its leg waits for a moment. */
  awaitReturn(leg: VoiceLeg): void
  returned(leg: VoiceLeg): void
  end(leg: VoiceLeg, because: LegEnd): void
  /** The media process died, and with it every leg that had been opened. */
  endAll(): void
  tell(leg: VoiceLeg, state: VoiceState['state'], because?: LegEnd): void
  stop(): void
}

// A page reloads, a phone changes from Wi-Fi to mobile: 5 s bring most of them back, and silence of 5 s is bearable.
const graceMs = 5_000

export function createLegs(parts: {
  media: MediaProcess
  delivery: Delivery
  telephones: Telephones
  now(): Date
}): Legs {
  const { media, delivery, telephones, now } = parts
  const legs = new Map<LegId, VoiceLeg>()

  function tell(leg: VoiceLeg, state: VoiceState['state'], because?: LegEnd): void {
    const message: VoiceState = { legId: leg.legId, state, ...(because && { because }) }
    telephones.tell(leg.at ?? roomOf(leg.key), 'voice.state', message)
  }

  function drop(leg: VoiceLeg): void {
    clearTimeout(leg.grace)
    if (legs.get(leg.legId) === leg) legs.delete(leg.legId)
  }

  function down(leg: VoiceLeg, because: LegEnd): void {
    if (legs.get(leg.legId) !== leg) return
    drop(leg)
    leg.far?.end(because)
    // An operator's telephone offers again by itself; for the others it is over.
    const again = leg.party.kind === 'operator' && (because === 'lost' || because === 'media-lost')
    tell(leg, again ? 'lost' : 'ended', because)
    const { legId, callId, party } = leg
    delivery.tell(legId, { type: 'leg-down', legId, callId, party, because, at: now() })
  }

  /** What rings on a web telephone is nothing but a message yet; a carrier's has its place in the media from the start. */
  const inMedia = (leg: VoiceLeg) => leg.state !== 'ringing' || leg.far !== undefined

  function end(leg: VoiceLeg, because: LegEnd): void {
    const opened = legs.get(leg.legId) === leg && inMedia(leg)
    down(leg, because)
    if (opened) media.command({ do: 'close-leg', legId: leg.legId }).catch(() => {}) // a dead process has no legs
  }

  /** A second loss while one is being waited for does not make the wait longer. */
  function wait(leg: VoiceLeg): void {
    leg.grace ??= setTimeout(() => end(leg, 'lost'), graceMs)
  }

  function returned(leg: VoiceLeg): void {
    clearTimeout(leg.grace)
    leg.grace = undefined
  }

  return {
    get: (legId) => legs.get(legId),
    ofKey: (key) => [...legs.values()].find((leg) => leg.key === key),
    at: (socketId) => [...legs.values()].filter((leg) => leg.at === socketId),
    add(given) {
      const before = legs.get(given.legId)
      if (before) drop(before)
      const leg: VoiceLeg = { ...given, grace: undefined }
      legs.set(leg.legId, leg)
      return leg
    },
    drop,
    up(legId) {
      const leg = legs.get(legId)
      if (!leg || leg.state === 'ringing') return
      if (leg.at) returned(leg)
      leg.state = 'up'
      tell(leg, 'up')
      delivery.tell(legId, { type: 'leg-up', legId, callId: leg.callId, party: leg.party, at: now() })
    },
    lose(legId) {
      const leg = legs.get(legId)
      if (!leg || leg.state === 'ringing') return
      // The media process keeps an operator's place open by itself, so the leg is not closed there.
      if (leg.party.kind === 'operator') return down(leg, 'lost')
      if (leg.far) return end(leg, 'lost')
      leg.state = 'lost'
      tell(leg, 'lost')
      wait(leg)
    },
    awaitReturn: wait,
    returned,
    end,
    endAll() {
      for (const leg of [...legs.values()]) if (inMedia(leg)) down(leg, 'media-lost')
    },
    tell,
    stop() {
      for (const leg of legs.values()) clearTimeout(leg.grace)
      legs.clear()
    },
  }
}
