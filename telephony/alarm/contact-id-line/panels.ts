import { v7 as uuid } from 'uuid'
import type { AlarmIn } from '../../../server/contracts/alarms.ts'
import type { LegId } from '../../../server/contracts/voice.ts'
import type { MediaProcess } from '../../media-process/start.ts'
import type { Log } from '../../ports.ts'
import { type Heard, hearPanel, type PanelLine, type Tone } from './talk.ts'

/** The calls of alarm panels that press their message as keys: to numbers of their own, never to the one of the residents. */
export type Panels = {
  /** Is this number one that panels call? */
  takes(line: string): boolean
  /** Hears the panel on this leg out, from when it is up. */
  hear(legId: LegId, number: string | null): Promise<Heard>
  /** What the media says of a leg that is being heard out; false of every other. */
  up(legId: LegId): boolean
  key(legId: LegId, key: string): boolean
  played(legId: LegId, token: string): boolean
  /** The leg is over, whoever ended it. */
  gone(legId: LegId): void
}

// More than the tones ever last; who does not hear of their end goes on all the same.
const soundMsMax = 5_000
// A leg comes up with its first packet, or a moment later.
const upMsMax = 10_000

type Open = {
  keys: string[]
  gone: boolean
  awaited: { token: string; done(): void } | undefined
  wake(): void
  tellUp(): void
}

export function hearPanels(parts: { lines: string[]; media: MediaProcess; alarms: AlarmIn; log: Log }): Panels {
  const { lines, media, alarms, log } = parts
  const open = new Map<LegId, Open>()

  /** Resolves when it is told, or the time is up. */
  function waitFor(ms: number, tellMe: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      tellMe(() => {
        clearTimeout(timer)
        resolve()
      })
    })
  }

  function lineOf(legId: LegId, leg: Open): PanelLine {
    return {
      isGone: () => leg.gone,
      async sound(tones: Tone[]) {
        if (leg.gone) return
        const token = uuid()
        const sent = waitFor(soundMsMax, (done) => {
          leg.awaited = { token, done }
        })
        const answer = await media.command({ do: 'tones', legId, tones, token })
        if ('refused' in answer) leg.awaited?.done()
        await sent
        leg.awaited = undefined
      },
      async key(withinMs) {
        if (leg.keys.length === 0 && !leg.gone)
          await waitFor(withinMs, (done) => {
            leg.wake = done
          })
        return leg.keys.shift()
      },
    }
  }

  return {
    takes: (line) => lines.includes(line),
    async hear(legId, number) {
      const leg: Open = { keys: [], gone: false, awaited: undefined, wake() {}, tellUp() {} }
      const up = waitFor(upMsMax, (done) => {
        leg.tellUp = done
      })
      open.set(legId, leg)
      try {
        await up
        return await hearPanel(lineOf(legId, leg), number, alarms)
      } catch (error) {
        // Nothing of it was answered by a kissoff: the panel calls again.
        log.warn({ fault: (error as Error).message }, 'a panel could not be heard out')
        return { device: undefined, voice: false }
      } finally {
        open.delete(legId)
      }
    },
    up(legId) {
      open.get(legId)?.tellUp()
      return open.has(legId)
    },
    key(legId, key) {
      const leg = open.get(legId)
      leg?.keys.push(key)
      leg?.wake()
      return leg !== undefined
    },
    played(legId, token) {
      const leg = open.get(legId)
      if (leg?.awaited?.token === token) leg.awaited.done()
      return leg !== undefined
    },
    gone(legId) {
      const leg = open.get(legId)
      if (!leg) return
      leg.gone = true
      leg.tellUp()
      leg.awaited?.done()
      leg.wake()
    },
  }
}
