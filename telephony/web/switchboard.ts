import { operatorLegId } from '../../server/contracts/voice.ts'
import type { MediaProcess } from '../media-process/start.ts'
import type { Arrivals } from '../switching/arrivals.ts'
import type { Legs, VoiceLeg } from '../switching/legs.ts'
import type { Answer, From, Heard, Signal } from './signals.ts'
import { roomOf, type Telephones } from './telephones.ts'

const badRequest = { refused: 'bad-request' } as const

/** What the telephones say, carried out at the media process that has their call. What one may do follows from who it is. */
export type Switchboard = {
  hear(from: From, signal: Signal): Promise<Answer>
  note(heard: Heard): Promise<void>
}

export function createSwitchboard(parts: {
  hostId: string
  media: MediaProcess
  legs: Legs
  telephones: Telephones
  arrivals: Arrivals
}): Switchboard {
  const { media, legs, telephones, arrivals } = parts

  async function offer(legId: string, sdp: string): Promise<{ sdp: string } | { refused: string }> {
    const answer = await media.command({ do: 'open-web', legId, sdp })
    return 'refused' in answer ? answer : { sdp: answer.sdp ?? '' }
  }

  /** The caller's own leg, which they have opened or which rings there. */
  function own({ key }: From, legId: string): VoiceLeg | undefined {
    const leg = legs.get(legId)
    return leg?.key === key ? leg : undefined
  }

  async function open(from: From, sdp: string): Promise<Answer> {
    if (from.party.kind !== 'operator') return badRequest
    const legId = operatorLegId(from.party.accountId)
    const opened = await offer(legId, sdp)
    if ('refused' in opened) return opened
    const before = legs.get(legId)
    if (before && before.at !== from.socketId) legs.tell(before, 'replaced')
    legs.add({ legId, callId: null, party: from.party, key: from.key, state: 'opening', at: from.socketId })
    return { legId, ...opened }
  }

  async function echo({ party }: From, on: boolean): Promise<Answer> {
    if (party.kind !== 'operator') return badRequest
    const answer = await media.command({ do: 'echo', legId: operatorLegId(party.accountId), on })
    return 'refused' in answer ? answer : { ok: true }
  }

  async function dial(from: From, { sdp, locale, line }: Signal & { do: 'dial' }): Promise<Answer> {
    const { party, key, socketId } = from
    return arrivals.admit({ party, key, at: socketId, line, locale, open: (legId) => offer(legId, sdp) })
  }

  async function answer(from: From, legId: string, sdp: string): Promise<Answer> {
    const leg = own(from, legId)
    if (leg?.state !== 'ringing') return leg?.at === from.socketId ? again(leg, from, sdp) : badRequest
    leg.state = 'opening'
    leg.at = from.socketId
    const opened = await offer(legId, sdp).catch(() => ({ refused: 'outage' }))
    if ('refused' in opened) {
      leg.state = 'ringing'
      leg.at = undefined
      return opened
    }
    telephones.tell(roomOf(leg.key), 'voice.state', { legId, state: 'ended' }, from.socketId)
    return { ...(leg.callId && { callId: leg.callId }), legId, ...opened }
  }

  async function again(leg: VoiceLeg, from: From, sdp: string): Promise<Answer> {
    const opened = await offer(leg.legId, sdp)
    if ('refused' in opened) return opened
    if (legs.get(leg.legId) !== leg) {
      media.command({ do: 'close-leg', legId: leg.legId }).catch(() => {}) // its time ran out meanwhile
      return badRequest
    }
    if (leg.at && leg.at !== from.socketId) legs.tell(leg, 'replaced')
    leg.at = from.socketId
    leg.state = 'opening'
    legs.returned(leg)
    return { ...(leg.callId && { callId: leg.callId }), legId: leg.legId, ...opened }
  }

  async function hangUp(from: From, legId: string): Promise<Answer> {
    const leg = own(from, legId)
    if (!leg) return badRequest
    legs.end(leg, leg.state === 'ringing' ? 'declined' : 'hung-up')
    return { ok: true }
  }

  /** A page is open: what rings at its telephone rings there too; a call whose page is gone is offered to it. */
  async function here({ party, key, socketId }: From): Promise<void> {
    const leg = party.kind === 'operator' ? undefined : legs.ofKey(key)
    if (!leg) return
    if (leg.state === 'ringing') {
      legs.returned(leg)
      telephones.tell(socketId, 'voice.ring', { legId: leg.legId, callId: leg.callId as string })
    } else if (leg.at !== socketId && !(leg.at && (await telephones.isOpen(leg.at, false))))
      telephones.tell(socketId, 'voice.state', { legId: leg.legId, state: 'lost' })
  }

  async function gone({ key, socketId }: From): Promise<void> {
    for (const leg of legs.at(socketId)) {
      leg.at = undefined
      if (leg.party.kind === 'operator') legs.end(leg, 'lost')
      else legs.awaitReturn(leg)
    }
    const leg = legs.ofKey(key)
    if (leg?.state === 'ringing' && !(await telephones.isOpen(roomOf(key), false))) legs.awaitReturn(leg)
  }

  /** The operator's line is at another switchboard. Silently: nobody has lost it. */
  async function moved({ key, socketId }: From, hostId: string): Promise<void> {
    const leg = hostId === parts.hostId ? undefined : legs.ofKey(key)
    if (!leg) return
    if (leg.at && leg.at !== socketId) legs.tell(leg, 'replaced')
    legs.drop(leg)
    await media.command({ do: 'close-leg', legId: leg.legId })
  }

  return {
    async hear(from, signal) {
      switch (signal.do) {
        case 'open':
          return open(from, signal.sdp)
        case 'echo':
          return echo(from, signal.on)
        case 'dial':
          return dial(from, signal)
        case 'answer':
          return answer(from, signal.legId, signal.sdp)
        case 'redial': {
          const leg = own(from, signal.legId)
          const may = leg && leg.state !== 'ringing' && leg.party.kind !== 'operator'
          return may ? again(leg, from, signal.sdp) : badRequest
        }
        case 'hang-up':
          return hangUp(from, signal.legId)
      }
    },
    async note(heard) {
      if (heard.told === 'here') await here(heard.from)
      else if (heard.told === 'gone') await gone(heard.from)
      else await moved(heard.from, heard.hostId)
    },
  }
}
