import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { startSipCarrier } from '../../telephony/sip/carrier.ts'
import { openPending } from '../../telephony/switching/pending.ts'
import { startVoice, voiceElsewhere } from '../../telephony/switching/voice.ts'
import type { TwilioDoors } from '../../telephony/twilio/routes.ts'
import { type Exchange, relayWebTelephones } from '../../telephony/web/relay.ts'
import type { From, Heard, Signal } from '../../telephony/web/signals.ts'
import { letGoEnded, workAsHost } from '../calls/host-work.ts'
import { beatHost, forgetHost, forgetHosts, freeHost, hostForLine, hostOfLeg, hostOfLine } from '../calls/hosts.ts'
import { layOutPrompts } from '../calls/sound/prompts.ts'
import { takeVoiceEvent } from '../calls/voice-events.ts'
import type { AlarmIn } from '../contracts/alarms.ts'
import { usualPrompt, type Voice } from '../contracts/voice.ts'
import type { Parts } from '../platform/parts.ts'
import { isDomestic } from '../platform/phone.ts'
import type { RealtimeServer } from '../platform/realtime.ts'
import type { WaysIn } from '../platform/ways-in.ts'
import { onlyOfPanels } from './panel-numbers.ts'
import { sipMessages } from './scaip.ts'
import { partyOf } from './sockets.ts'
import { startCallSweep } from './sweep.ts'
import { openTwilio, twilioDoors } from './twilio.ts'

const beatEveryMs = 1_000

type Wiring = Omit<Parts, 'voice' | 'conversations' | 'outbox' | 'metrics'> & { realtime: RealtimeServer }

/** What this process has of telephony: a media process beside it, or the way to those that have one. */
export type Telephony = {
  voice: Voice
  mediaPid(): number | undefined
  ready(): boolean
  /** Resolves when calls can be taken; at once where none are. */
  started: Promise<void>
  stats: ReturnType<typeof startVoice>['stats']
  /** Of how many legs the server could not be told yet. */
  undelivered(): number
  /** What Twilio's webhooks are answered by this process; nothing where it takes no calls. */
  twilio(parts: Parts): TwilioDoors | undefined
  /** From now on this process carries calls; ends with what it returns, twice if need be. */
  host(parts: Parts, alarms: AlarmIn, ways: WaysIn): Promise<() => Promise<void>>
}

/** Starts the media process of a media host; without the role nothing is started. */
export function startTelephony(
  { env, bus, clock, log, realtime, recordings, seal, promptFile, shippedPrompts }: Wiring,
  { entry }: { entry: string[] },
): Telephony {
  if (!env.roles.includes('media'))
    return {
      voice: voiceElsewhere(realtime.io, (env.sip?.peers.length ?? 0) > 0 || env.twilio !== undefined),
      mediaPid: () => undefined,
      ready: () => true,
      started: Promise.resolve(),
      stats: () => undefined,
      undelivered: () => 0,
      twilio: () => undefined,
      host: async () => async () => {},
    }
  const phone = startVoice({
    entry,
    settings: env.voice,
    hostId: bus.id,
    io: realtime.io,
    mayRing: isDomestic,
    // The voice of a person if there is one, else the shipped placeholder.
    promptFile(key, locale) {
      const usual = usualPrompt(key)
      const recorded = [promptFile(locale, key), promptFile(locale, usual)].find((file) => existsSync(file))
      return recorded ?? join(shippedPrompts, locale, `${usual}.wav`)
    },
    recordingTarget: recordings.target,
    undelivered: openPending(join(env.dataDir, 'undelivered'), seal, log),
    now: () => clock.now(),
    log,
  })
  const twilio = openTwilio(phone.carrierParts, env)
  return {
    voice: phone.voice,
    mediaPid: phone.pid,
    ready: phone.ready,
    started: phone.started,
    stats: phone.stats,
    undelivered: phone.undelivered,
    twilio: (parts) => twilio && twilioDoors(parts, twilio, phone.carrierParts.media),
    async host(parts, alarms, ways) {
      phone.onEvent((event) => takeVoiceEvent(parts, event))
      if (env.contactIdNumbers.length > 0) {
        await onlyOfPanels(parts, env.contactIdNumbers)
        phone.hearPanels(env.contactIdNumbers, alarms)
      }
      const { sip } = env
      if (sip)
        await ways.open('sip', sip.listen, async () =>
          phone.plug(await startSipCarrier(phone.carrierParts, sip, sipMessages(alarms, log))),
        )
      // Behind the trunks: what they reach costs nothing for each minute.
      if (twilio) phone.plug(twilio)
      bus.on('telephone', ({ from, signal }: { from: From; signal: Signal }) => phone.switchboard.hear(from, signal))
      bus.on('telephone-told', (heard: Heard) => phone.switchboard.note(heard))
      workAsHost(parts)
      // Alone: whatever host is in the books is one that was killed, and its calls are lost.
      if (!env.redisUrl) await forgetHosts(parts.db)
      await layOutPrompts(parts)
      const beat = () => beatHost(parts.db, { id: bus.id, legs: phone.stats()?.legs ?? 0, legsMax: env.voice.legsMax })
      await beat()
      let busy = false
      const timer = setInterval(async () => {
        if (busy) return
        busy = true
        try {
          if (await beat()) await letGoEnded(parts)
        } catch (error) {
          log.warn({ fault: (error as Error).message }, 'media host not told')
        }
        busy = false
      }, beatEveryMs)
      const endSweep = startCallSweep(parts)
      return async () => {
        clearInterval(timer)
        endSweep()
        await phone.stop()
        await forgetHost(parts.db, bus.id).catch(() => {})
      }
    },
  }
}

/** The telephones of this web process: what they say goes to the media host of their call. */
export function relayTelephones(parts: Parts, realtime: RealtimeServer): void {
  const { bus, db, clock, log } = parts
  const exchange: Exchange = {
    hostFor(wanted) {
      if (wanted === 'any') return freeHost(db)
      if ('callOf' in wanted) return hostForLine(db, wanted.callOf)
      return 'lineOf' in wanted ? hostOfLine(db, wanted.lineOf) : hostOfLeg(db, wanted.leg)
    },
    ask: (hostId, signal) => bus.ask(hostId, 'telephone', signal),
    tellAll: (heard) => bus.tellAll('telephone-told', heard),
  }
  relayWebTelephones(realtime.io, { partyOf, exchange, now: () => clock.now(), log })
}
