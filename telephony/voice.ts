import type { Server, Socket } from 'socket.io'
import type { Party, PromptKey, PromptLocale, Voice, VoiceEvent } from '../server/contracts/voice.ts'
import { createDelivery } from './deliver.ts'
import { createLegs } from './legs.ts'
import type { MediaAnswer, MediaEvent, MediaSettings, MediaStats } from './media/protocol.ts'
import { type Log, startMediaProcess } from './media-process.ts'
import { acceptWebTelephones, ring } from './web/signalling.ts'
import { addressKey, createTelephones } from './web/telephones.ts'

export type VoiceParts = {
  /** What to fork: the module's path, then the arguments for Node itself. */
  entry: string[]
  settings: MediaSettings
  promptFile(key: PromptKey, locale: PromptLocale): string
  recordingTarget(recordingId: string): { file: string; keyHex: string }
  now(): Date
  log: Log
}

export type RunningVoice = {
  voice: Voice
  /** The one handler of events. Those of one leg come one after the other; a rejection means: again, please. */
  onEvent(handler: (event: VoiceEvent) => Promise<void>): void
  acceptSockets(io: Server, partyOf: (socket: Socket) => Party | undefined): void
  ready(): boolean
  /** Resolves when calls can be taken for the first time. */
  started: Promise<void>
  stats(): MediaStats | undefined
  stop(): Promise<void>
  pid(): number | undefined
}

// The last `recorded` events are worth a moment; a handler that hangs is not.
const lastEventsMsMax = 3_000

/** The Voice port over the media process, with the web telephones as the way in. One per server process that takes sockets. */
export function startVoice({ entry, settings, promptFile, recordingTarget, now, log }: VoiceParts): RunningVoice {
  const delivery = createDelivery(log)
  const telephones = createTelephones()
  const media = startMediaProcess({ entry, settings, log, onEvent: receive, onDeath: () => legs.endAll() })
  const legs = createLegs({ media, delivery, telephones, now })

  function receive(event: MediaEvent): void {
    switch (event.event) {
      case 'leg-up':
        legs.up(event.legId)
        return
      case 'leg-down': {
        const leg = legs.get(event.legId)
        if (leg && event.because === 'hung-up') legs.end(leg, 'hung-up')
        else legs.lose(event.legId)
        return
      }
      case 'dtmf':
        delivery.tell(event.legId, { type: 'dtmf', legId: event.legId, key: event.key, at: now() })
        return
      case 'played':
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

  /** A leg that is gone has told so by its own event; the order about it is void, not an outage. */
  function unlessGone(answer: MediaAnswer): void {
    if ('refused' in answer && answer.refused !== 'no-such-leg') throw new Error(`media: ${answer.refused}`)
  }

  const voice: Voice = {
    reaches(to) {
      const key = addressKey(to)
      return media.ready() && telephones.at(key).length > 0 && !legs.ofKey(key)
    },
    legState(legId) {
      const leg = legs.get(legId)
      return leg ? (leg.state === 'up' ? 'up' : 'there') : 'gone'
    },
    async place({ callId, legId, to }) {
      const key = addressKey(to)
      const known = legs.get(legId)
      if (known && known.state !== 'ringing') return 'ringing' // ordered twice, and answered in between
      const sockets = telephones.at(key)
      if (sockets.length === 0) return 'unreachable'
      const busyWith = legs.ofKey(key)
      if (busyWith && busyWith !== known) return 'unreachable'
      if (!media.ready() || (media.stats()?.legs ?? 0) >= settings.legsMax) return 'overloaded'
      const party: Party = 'phone' in to ? { kind: 'phone', number: to.phone } : { kind: 'kiosk', deviceId: to.kiosk }
      const leg = known ?? legs.add({ legId, callId, party, key, state: 'ringing', socket: undefined })
      for (const socket of sockets) ring(socket, leg)
      return 'ringing'
    },
    async bridge(callId, legIds) {
      unlessGone(await media.command({ do: 'bridge', roomId: callId, legIds }))
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
    async hangUp(legId, reason) {
      const leg = legs.get(legId)
      if (leg) legs.end(leg, reason)
    },
  }

  return {
    voice,
    onEvent: delivery.onEvent,
    acceptSockets: (io, partyOf) => acceptWebTelephones(io, { partyOf, media, legs, telephones, delivery, now, log }),
    ready: media.ready,
    started: media.started,
    stats: media.stats,
    pid: media.pid,
    async stop() {
      legs.stop()
      await media.stop()
      let timer: NodeJS.Timeout | undefined
      const limit = new Promise((resolve) => {
        timer = setTimeout(resolve, lastEventsMsMax)
      })
      await Promise.race([delivery.settled(), limit])
      clearTimeout(timer)
    },
  }
}
