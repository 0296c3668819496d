import { v7 as uuid } from 'uuid'
import type { CallId, LegEnd, LegId, Party, PromptLocale, VoiceEvent } from '../../server/contracts/voice.ts'
import type { Panels } from '../alarm/contact-id-line/panels.ts'
import type { MediaProcess } from '../media-process/start.ts'
import type { FarEnd, Log } from '../ports.ts'
import type { Delivery } from './deliver.ts'
import type { Legs } from './legs.ts'

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
  /** Opens the media of the leg; a refusal goes back to the caller. `asTones`: a panel calls, whose keys are sound. */
  open(legId: LegId, asTones: boolean): Promise<{ sdp: string } | { refused: string }>
}

export type Arrived = { callId: CallId; legId: LegId; sdp: string } | { refused: string }

/** What a carrier works with. */
export type CarrierParts = {
  media: MediaProcess
  legs: Legs
  arrivals: Arrivals
  now(): Date
  log: Log
}

/**
 * Takes a call in: its leg is opened, then the call is committed; only what this returns is said to the caller. A carrier's
 * caller who cannot be taken is told of as a call that came and was not taken, so that somebody calls back.
 */
export type Arrivals = { admit(arriving: Arriving): Promise<Arrived> }

export function createArrivals(parts: {
  legsMax: number
  media: MediaProcess
  legs: Legs
  delivery: Delivery
  /** Where alarm panels call to press their messages, if anywhere. */
  panels?(): Panels | undefined
  now(): Date
}): Arrivals {
  const { media, legs, delivery, now } = parts

  /**
   * A panel calls: it is heard out, and only then is this a call, with the device, if somebody is to be spoken with through it.
   * Until then there is nothing that could be lost: what it says is stored before it is answered, else the panel says it again.
   */
  async function admitPanel(panels: Panels, { party, far, line, locale, open }: Arriving): Promise<Arrived> {
    if ((media.stats()?.legs ?? 0) >= parts.legsMax) return { refused: 'overloaded' }
    const [callId, legId] = [uuid(), uuid()]
    const told: FarEnd = {
      end(because) {
        panels.gone(legId)
        far?.end(because)
      },
    }
    const leg = legs.add({ legId, callId, party, key: `leg:${legId}`, state: 'opening', at: undefined, far: told })
    const heard = panels.hear(legId, 'number' in party ? party.number : null)
    const opened = await open(legId, true).catch(() => ({ refused: 'outage' }))
    if ('refused' in opened) {
      panels.gone(legId)
      legs.drop(leg)
      return opened
    }
    void heard.then(async ({ device, voice }) => {
      if (legs.get(legId) !== leg) return
      if (!device || !voice) return legs.end(leg, 'hung-up')
      const unit: Party = { kind: 'kiosk', deviceId: device.id }
      const mine = legs.add({ ...leg, party: unit, state: 'up' })
      const about = { callId, legId, party: unit, at: now() }
      try {
        await delivery.ask(legId, { type: 'arrived', ...about, line, locale })
        delivery.tell(legId, { type: 'leg-up', ...about })
      } catch {
        // Its alarm is stored, and that nobody has spoken with it is told of.
        legs.end(mine, 'not-taken')
      }
    })
    return { callId, legId, ...opened }
  }

  return {
    async admit(arriving) {
      const { party, key, at, far, line, locale, open } = arriving
      const panels = parts.panels?.()
      if (panels?.takes(line)) return admitPanel(panels, arriving)
      if (key && legs.ofKey(key)) return { refused: 'busy' }
      const [callId, legId] = [uuid(), uuid()]
      const arrived = (): VoiceEvent => ({ type: 'arrived', callId, legId, party, line, locale, at: now() })
      const down = (because: LegEnd): VoiceEvent => ({ type: 'leg-down', legId, callId, party, because, at: now() })

      /** At a page they see it, and press again; at a telephone they only hear that nobody was there. */
      function notTaken(refused: string): { refused: string } {
        if (!far) return { refused }
        delivery.tell(legId, arrived())
        delivery.tell(legId, down('not-taken'))
        return { refused }
      }

      // The last places are for those who answer: an operator's line follows the call to this host.
      if ((media.stats()?.legs ?? 0) >= parts.legsMax * callersShare) return notTaken('overloaded')
      const leg = legs.add({ legId, callId, party, key: key ?? `leg:${legId}`, state: 'opening', at, far })
      const opened = await open(legId, false).catch(() => ({ refused: 'outage' }))
      if ('refused' in opened) {
        legs.drop(leg)
        // What they offer cannot be had here, now or later.
        return opened.refused === 'bad-sdp' ? opened : notTaken(opened.refused)
      }
      const goneAlready = legs.get(legId) !== leg
      try {
        await delivery.ask(legId, arrived())
      } catch (error) {
        if (!far) {
          // It may have been committed all the same: the leg-down that follows closes it.
          legs.end(leg, 'refused')
          throw error
        }
        // The same call once more, so that it is one of them even if the first was committed late.
        notTaken('not-stored')
        legs.drop(leg)
        media.command({ do: 'close-leg', legId }).catch(() => {}) // a dead process has no legs
        far.end('not-taken')
        return { refused: 'not-stored' }
      }
      // They hung up before there was a call that could end, so it is told again; what ends later stands behind it in the line.
      if (goneAlready) delivery.tell(legId, down('hung-up'))
      return { callId, legId, ...opened }
    },
  }
}
