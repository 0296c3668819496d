import type { Server } from 'socket.io'
import type { AlarmIn } from '../../server/contracts/alarms.ts'
import {
  type CallId,
  type Clearing,
  isOperatorLeg,
  type LegEnd,
  type LegId,
  type Party,
  type PromptKey,
  type PromptLocale,
  type Voice,
  type VoiceAddress,
  type VoiceEvent,
} from '../../server/contracts/voice.ts'
import { hearPanels, type Panels } from '../alarm/contact-id-line/panels.ts'
import type { MediaAnswer, MediaEvent, MediaSettings, MediaStats } from '../media/protocol.ts'
import { startMediaProcess } from '../media-process/start.ts'
import type { Carrier, Log } from '../ports.ts'
import { createSwitchboard, type Switchboard } from '../web/switchboard.ts'
import { addressKey, roomOf, telephonesOf } from '../web/telephones.ts'
import { type CarrierParts, createArrivals } from './arrivals.ts'
import { createDelivery } from './deliver.ts'
import { createLegs, type VoiceLeg } from './legs.ts'
import type { Pending } from './pending.ts'

export type VoiceParts = {
  /** What to fork: the module's path, then the arguments for Node itself. */
  entry: string[]
  settings: MediaSettings
  /** The name of this media host among those of the centre. */
  hostId: string
  /** By it the telephones of every server process are reached. */
  io: Server
  /** May carriers ring this number (E.164, or an emergency service as it is dialled)? */
  mayRing(number: string): boolean
  promptFile(key: PromptKey, locale: PromptLocale): string
  recordingTarget(recordingId: string): { file: string; keyHex: string }
  /** Where calls that cannot be stored are kept over a restart. */
  undelivered?: Pending
  now(): Date
  log: Log
}

export type RunningVoice = {
  voice: Voice
  carrierParts: CarrierParts
  /** From now on numbers are rung by it as well; the first that reaches a number has it. Stopped with the rest. */
  plug(carrier: Carrier): void
  /** From now on calls to these numbers are those of alarm panels. */
  hearPanels(lines: string[], alarms: AlarmIn): void
  /** The one handler of events. Those of one leg come one after the other; a rejection means: again, please. */
  onEvent(handler: (event: VoiceEvent) => Promise<void>): void
  /** Where the relays of the server processes bring what their telephones say. */
  switchboard: Switchboard
  ready(): boolean
  /** Resolves when calls can be taken for the first time. */
  started: Promise<void>
  stats(): MediaStats | undefined
  /** Of how many legs the server could not be told yet. */
  undelivered(): number
  stop(): Promise<void>
  pid(): number | undefined
}

/**
 * The Voice port of a process without a media process beside it: it knows who could be rung, and no call lives there. With
 * carriers somewhere every number could be; whether this one can is found where it is placed.
 */
export function voiceElsewhere(io: Server, carriers: boolean): Voice {
  const telephones = telephonesOf(io)
  return {
    reaches: async (to) => (carriers && !('kiosk' in to)) || telephones.isOpen(roomOf(addressKey(to)), true),
    legState: elsewhere,
    place: elsewhere,
    bridge: elsewhere,
    play: elsewhere,
    record: elsewhere,
    hangUp: elsewhere,
    press: elsewhere,
  }
}

/** Asked of the wrong process: calls are worked on at their host. */
function elsewhere(): never {
  throw new Error('no call lives in this process')
}

// The last `recorded` events are worth a moment; a handler that hangs is not.
const lastEventsMsMax = 3_000

/** The Voice port over a media process, with the web telephones as the way in. */
export function startVoice(parts: VoiceParts): RunningVoice {
  const { entry, settings, hostId, promptFile, recordingTarget, now, log } = parts
  const delivery = createDelivery(log, parts.undelivered)
  const telephones = telephonesOf(parts.io)
  const media = startMediaProcess({ entry, settings, log, onEvent: receive, onDeath: () => legs.endAll() })
  const legs = createLegs({ media, delivery, telephones, now })
  let panels: Panels | undefined
  const arrivals = createArrivals({ legsMax: settings.legsMax, media, legs, delivery, panels: () => panels, now })
  const carriers: Carrier[] = []
  /** Legs that are being placed and are not among the legs yet: true once they were hung up in that moment. */
  const placing = new Map<LegId, boolean>()
  /** Legs that were told to end the call themselves, with when that is done for them. */
  const leaving = new Map<LegId, NodeJS.Timeout>()

  function receive(event: MediaEvent): void {
    switch (event.event) {
      case 'leg-up':
        // A panel's is no call yet.
        if (!panels?.up(event.legId)) legs.up(event.legId)
        return
      case 'leg-down': {
        const leg = legs.get(event.legId)
        if (leg && event.because === 'hung-up') legs.end(leg, 'hung-up')
        else legs.lose(event.legId)
        return
      }
      case 'dtmf':
        if (panels?.key(event.legId, event.key)) return
        delivery.tell(event.legId, { type: 'dtmf', legId: event.legId, key: event.key, at: now() })
        return
      case 'played':
        if (panels?.played(event.legId, event.token)) return
        delivery.tell(event.legId, { type: 'played', legId: event.legId, token: event.token, at: now() })
        return
      case 'recorded': {
        const { recordingId, durationMs, bytes } = event
        delivery.tell(`recording:${recordingId}`, { type: 'recorded', recordingId, durationMs, bytes, at: now() })
        return
      }
      case 'stats':
        return
    }
  }

  type Order = { callId: CallId; legId: LegId }
  /** How a carrier rings it, if one reaches it now: a unit where it has registered, else by its number. */
  function wayTo(to: VoiceAddress): ((order: Order) => ReturnType<Carrier['place']>) | undefined {
    const units = 'unit' in to && carriers.map((carrier) => carrier.units).find((some) => some?.has(to.unit))
    if (units) return (order) => units.place({ ...order, deviceId: to.unit })
    const number = 'phone' in to ? to.phone : 'unit' in to ? to.number : null
    if (number === null || !parts.mayRing(number)) return undefined
    const carrier = carriers.find((one) => one.reaches(number))
    return carrier && ((order) => carrier.place({ ...order, number }))
  }

  /** A leg that is gone has told so by its own event; the order about it is void, not an outage. */
  function unlessGone(answer: MediaAnswer): void {
    if ('refused' in answer && answer.refused !== 'no-such-leg') throw new Error(`media: ${answer.refused}`)
  }

  /** A device that is told to end the call does that itself; one that does not, or takes no keys, is hung up on. */
  async function letLeave(leg: VoiceLeg, reason: LegEnd, { keys, pressMs, waitMs }: Clearing): Promise<void> {
    const { legId } = leg
    const end = () => {
      clearTimeout(leaving.get(legId))
      leaving.delete(legId)
      if (legs.get(legId) === leg) legs.end(leg, reason)
    }
    leaving.set(legId, setTimeout(end, waitMs))
    const pressed = await voice.press(legId, keys, pressMs).catch(() => 'gone' as const)
    if (pressed !== 'pressed') end()
  }

  const voice: Voice = {
    async reaches(to) {
      const key = addressKey(to)
      return !legs.ofKey(key) && ((await telephones.isOpen(roomOf(key), true)) || wayTo(to) !== undefined)
    },
    legState(legId) {
      const leg = legs.get(legId)
      return leg ? (leg.state === 'up' ? 'up' : 'there') : 'gone'
    },
    async place({ callId, legId, to }) {
      const key = addressKey(to)
      const known = legs.get(legId)
      if (known && known.state !== 'ringing') return 'ringing' // ordered twice, and answered in between
      const busyWith = legs.ofKey(key)
      if (busyWith && busyWith !== known) return 'unreachable'
      let givenUp = false
      placing.set(legId, false)
      const page = await telephones.isOpen(roomOf(key), !('unit' in to)).finally(() => {
        givenUp = placing.get(legId) ?? false
        placing.delete(legId)
      })
      // It would ring for nobody.
      if (givenUp) return 'unreachable'
      const way = page ? undefined : wayTo(to)
      if (!page && !way) return 'unreachable'
      if (!media.ready() || (media.stats()?.legs ?? 0) >= settings.legsMax) return 'overloaded'
      if (way) return way({ callId, legId })
      const party: Party =
        'phone' in to
          ? { kind: 'phone', number: to.phone }
          : { kind: 'kiosk', deviceId: 'kiosk' in to ? to.kiosk : to.unit }
      if (!legs.get(legId)) legs.add({ legId, callId, party, key, state: 'ringing', at: undefined })
      telephones.tell(roomOf(key), 'voice.ring', { legId, callId })
      return 'ringing'
    },
    async bridge(callId, legIds, only) {
      // An operator whose line is at another media host: their page opens it here, and takes its place in the room.
      for (const legId of legIds)
        if (isOperatorLeg(legId) && !legs.get(legId))
          telephones.tell(roomOf(legId), 'voice.state', { legId, state: 'moved' })
      unlessGone(await media.command({ do: 'bridge', roomId: callId, legIds, ...(only && { only }) }))
    },
    async play(legId, { prompts, locale, ...order }) {
      const files = prompts.map((key) => promptFile(key, locale))
      const answer = await media.command({ do: 'play', legId, files, ...order })
      if (!('refused' in answer && answer.refused === 'no-such-file')) return unlessGone(answer)
      // A prompt that cannot be read must not stop the line: they hear the music, and what waits for `played` goes on.
      log.warn({ prompts, locale }, 'prompt file missing or unreadable')
      unlessGone(await media.command({ do: 'play', legId, files: [], ...order }))
    },
    async record(callId, to) {
      const target = to && { ...recordingTarget(to.recordingId), ...to }
      unlessGone(await media.command({ do: 'record', roomId: callId, to: target }))
    },
    async hangUp(legId, reason, clearing) {
      const leg = legs.get(legId)
      if (!leg && placing.has(legId)) placing.set(legId, true)
      if (!leg || leaving.has(legId)) return
      if (clearing && leg.state === 'up') return letLeave(leg, reason, clearing)
      legs.end(leg, reason)
    },
    async press(legId, keys, pressMs) {
      if (!legs.get(legId)) return 'gone'
      const answer = await media.command({ do: 'keys', legId, keys, pressMs })
      if (!('refused' in answer)) return 'pressed'
      return answer.refused === 'no-keys' ? 'no-keys' : 'gone'
    },
  }

  return {
    voice,
    carrierParts: { media, legs, arrivals, now, log },
    plug: (carrier) => void carriers.push(carrier),
    hearPanels(lines, alarms) {
      panels = hearPanels({ lines, media, alarms, log })
    },
    onEvent: delivery.onEvent,
    switchboard: createSwitchboard({ hostId, media, legs, telephones, arrivals }),
    ready: media.ready,
    started: media.started,
    stats: media.stats,
    undelivered: delivery.pending,
    pid: media.pid,
    async stop() {
      for (const timer of leaving.values()) clearTimeout(timer)
      await Promise.all(carriers.map((carrier) => carrier.stop()))
      legs.stop()
      await media.stop()
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, lastEventsMsMax)
      })
      await Promise.race([delivery.settled(), limit])
      clearTimeout(timer)
      delivery.stop()
    },
  }
}
