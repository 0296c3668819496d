import { v7 as uuid } from 'uuid'
import type { CallId, LegId, Party, PromptLocale } from '../server/contracts/voice.ts'
import type { FarEnd } from './carrier.ts'
import type { Delivery } from './deliver.ts'
import type { Legs } from './legs.ts'
import type { MediaProcess } from './media-process.ts'

const callersShare = 0.8

export type Arriving = {
  party: Party
  /** Its telephone, see keyOf; without one the telephone may call as often as it likes: many share a company's number. */
  key?: string
  /** The connection by which a web telephone is told; none for a carrier's. */
  at?: string
  far?: FarEnd
  /** The hotline number that was dialled; `kiosk` or `web` for calls without one. */
  line: string
  locale: PromptLocale
  /** Opens the media of the leg; a refusal goes back to the caller. */
  open(legId: LegId): Promise<{ sdp: string } | { refused: string }>
}

export type Arrived = { callId: CallId; legId: LegId; sdp: string } | { refused: string }

/** Takes a call in: its leg is opened, then the call is committed; only what this returns is said to the caller. */
export type Arrivals = {
  admit(arriving: Arriving): Promise<Arrived>
  /** They could not be taken: told as a call that came and was cut off, so that somebody calls back. */
  missed(call: Pick<Arriving, 'party' | 'line' | 'locale'>): void
}

export function createArrivals(parts: {
  legsMax: number
  media: MediaProcess
  legs: Legs
  delivery: Delivery
  now(): Date
}): Arrivals {
  const { media, legs, delivery, now } = parts
  return {
    async admit({ party, key, at, far, line, locale, open }) {
      if (key && legs.ofKey(key)) return { refused: 'busy' }
      // The last places are for those who answer: an operator's line follows the call to this host.
      if ((media.stats()?.legs ?? 0) >= parts.legsMax * callersShare) return { refused: 'overloaded' }
      const callId = uuid()
      const legId = uuid()
      const leg = legs.add({ legId, callId, party, key: key ?? `leg:${legId}`, state: 'opening', at, far })
      const opened = await open(legId).catch((error: Error) => {
        legs.drop(leg)
        throw error
      })
      if ('refused' in opened) {
        legs.drop(leg)
        return opened
      }
      const goneAlready = legs.get(legId) !== leg
      try {
        await delivery.ask(legId, { type: 'arrived', callId, legId, party, line, locale, at: now() })
      } catch (error) {
        // It may have been committed all the same: the leg-down that follows closes it.
        legs.end(leg, 'refused')
        throw error
      }
      // They hung up before there was a call that could end, so it is told again; what ends later stands behind it in the line.
      if (goneAlready) delivery.tell(legId, { type: 'leg-down', legId, callId, party, because: 'hung-up', at: now() })
      return { callId, legId, ...opened }
    },
    missed({ party, line, locale }) {
      const ids = { callId: uuid(), legId: uuid() }
      delivery.tell(ids.legId, { type: 'arrived', ...ids, party, line, locale, at: now() })
      delivery.tell(ids.legId, { type: 'leg-down', ...ids, party, because: 'media-lost', at: now() })
    },
  }
}
