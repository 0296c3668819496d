import type { Server, Socket } from 'socket.io'
import { v7 as uuid } from 'uuid'
import type { z } from 'zod'
import {
  operatorLegId,
  type Party,
  type VoiceAnswer,
  type VoiceRing,
  voiceDial,
  voiceEcho,
  voiceLeg,
  voiceLegOffer,
  voiceOffer,
} from '../../server/contracts/voice.ts'
import type { Delivery } from '../deliver.ts'
import type { Legs, VoiceLeg } from '../legs.ts'
import type { Log, MediaProcess } from '../media-process.ts'
import { createRate } from './rate.ts'
import { keyOf, type Telephones } from './telephones.ts'

type Answer = VoiceAnswer | { ok: true }
const badRequest = { refused: 'bad-request' } as const

// Nobody in need dials more often; each dial costs a handshake and a row.
const dialsPerMinuteMax = 10
// A telephone that offers in a circle must not take the handshakes of the others.
const offersPerMinuteMax = 30

/**
 * The web telephones of one socket.io server: kiosks, pretend telephones and the operators' consoles, as documented in the
 * contract. Each event is checked and acknowledged; what a telephone may do follows from who it is.
 */
export function acceptWebTelephones(
  io: Server,
  parts: {
    partyOf(socket: Socket): Party | undefined
    media: MediaProcess
    legs: Legs
    telephones: Telephones
    delivery: Delivery
    now(): Date
    log: Log
  },
): void {
  const { media, legs, telephones, delivery, now, log } = parts
  const mayDial = createRate(dialsPerMinuteMax)
  const mayOffer = createRate(offersPerMinuteMax)

  io.on('connection', (socket: Socket) => {
    const party = parts.partyOf(socket)
    const key = party ? keyOf(party, socket.id) : ''

    /** An unknown telephone, an unknown word or a wrong one: all are answered. */
    function on<T>(name: string, shape: z.ZodType<T>, act: (party: Party, input: T) => Promise<Answer>): void {
      socket.on(name, async (...given: unknown[]) => {
        const acknowledge = given.at(-1)
        if (typeof acknowledge !== 'function') return
        const input = shape.safeParse(given[0])
        if (!party || !input.success) return acknowledge(badRequest)
        const answer = await act(party, input.data).catch((error: Error) => {
          log.warn({ fault: error.message }, `${name} not done`)
          return { refused: 'outage' }
        })
        acknowledge(answer)
      })
    }

    async function offer(legId: string, sdp: string): Promise<{ sdp: string } | { refused: string }> {
      if (!mayOffer(key, now().getTime())) return { refused: 'too-many-requests' }
      const answer = await media.command({ do: 'open-web', legId, sdp })
      return 'refused' in answer ? answer : { sdp: answer.sdp ?? '' }
    }

    /** The caller's own leg, which they have opened or which rings here. */
    function own(legId: string): VoiceLeg | undefined {
      const leg = legs.get(legId)
      return leg?.key === key ? leg : undefined
    }

    on('voice.open', voiceOffer, async (who, { sdp }) => {
      if (who.kind !== 'operator') return badRequest
      const legId = operatorLegId(who.accountId)
      const opened = await offer(legId, sdp)
      if ('refused' in opened) return opened
      if (!socket.connected) {
        media.command({ do: 'close-leg', legId }).catch(() => {})
        return { refused: 'outage' }
      }
      const before = legs.get(legId)
      if (before && before.socket !== socket) legs.tell(before, 'replaced')
      legs.add({ legId, callId: null, party: who, key, state: 'opening', socket })
      return { legId, ...opened }
    })

    on('voice.echo', voiceEcho, async (who, { on }) => {
      if (who.kind !== 'operator') return badRequest
      const answer = await media.command({ do: 'echo', legId: operatorLegId(who.accountId), on })
      return 'refused' in answer ? answer : { ok: true }
    })

    on('voice.dial', voiceDial, async (who, { sdp, locale, line }) => {
      if (who.kind === 'operator') return badRequest
      if (!mayDial(key, now().getTime())) return { refused: 'too-many-requests' }
      if (legs.ofKey(key)) return { refused: 'busy' }
      const callId = uuid()
      const leg = legs.add({ legId: uuid(), callId, party: who, key, state: 'opening', socket })
      const { legId } = leg
      const opened = await offer(legId, sdp).catch((error: Error) => {
        legs.drop(leg)
        throw error
      })
      if ('refused' in opened) {
        legs.drop(leg)
        return opened
      }
      // A web telephone has no number that it dialled; say which kind it is.
      const dialled = who.kind === 'kiosk' && line === 'web' ? 'kiosk' : line
      try {
        await delivery.ask(legId, { type: 'arrived', callId, legId, party: who, line: dialled, locale, at: now() })
      } catch (error) {
        // It may have been committed all the same: the leg-down that follows closes it.
        legs.end(leg, 'refused')
        throw error
      }
      return { callId, legId, ...opened }
    })

    on('voice.answer', voiceLegOffer, async (_, { legId, sdp }) => {
      const leg = own(legId)
      if (leg?.state !== 'ringing') return leg?.socket === socket ? again(leg, sdp) : badRequest
      leg.state = 'opening'
      leg.socket = socket
      const opened = await offer(legId, sdp).catch((error: Error) => ({ refused: 'outage', error }))
      if ('refused' in opened) {
        leg.state = 'ringing'
        leg.socket = undefined
        return { refused: opened.refused }
      }
      for (const other of telephones.at(key)) {
        if (other !== socket) other.emit('voice.state', { legId, state: 'ended' })
      }
      return { ...(leg.callId && { callId: leg.callId }), legId, ...opened }
    })

    on('voice.redial', voiceLegOffer, async (_, { legId, sdp }) => {
      const leg = own(legId)
      return leg && leg.state !== 'ringing' && leg.party.kind !== 'operator' ? again(leg, sdp) : badRequest
    })

    async function again(leg: VoiceLeg, sdp: string): Promise<Answer> {
      const opened = await offer(leg.legId, sdp)
      if ('refused' in opened) return opened
      if (legs.get(leg.legId) !== leg) {
        media.command({ do: 'close-leg', legId: leg.legId }).catch(() => {}) // its time ran out meanwhile
        return badRequest
      }
      if (leg.socket && leg.socket !== socket) legs.tell(leg, 'replaced')
      leg.socket = socket
      leg.state = 'opening'
      legs.returned(leg)
      if (!socket.connected) away(leg)
      return { ...(leg.callId && { callId: leg.callId }), legId: leg.legId, ...opened }
    }

    on('voice.hang-up', voiceLeg, async (_, { legId }) => {
      const leg = own(legId)
      if (!leg) return badRequest
      legs.end(leg, leg.state === 'ringing' ? 'declined' : 'hung-up')
      return { ok: true }
    })

    function away(leg: VoiceLeg): void {
      leg.socket = undefined
      if (leg.party.kind === 'operator') legs.end(leg, 'lost')
      else legs.awaitReturn(leg)
    }

    if (!party) return
    if (party.kind !== 'operator') {
      telephones.add(key, socket)
      const leg = legs.ofKey(key)
      if (leg?.state === 'ringing') {
        legs.returned(leg)
        ring(socket, leg)
      } else if (leg && !leg.socket) legs.tell(leg, 'lost')
    }
    socket.on('disconnect', () => {
      telephones.remove(key, socket)
      for (const leg of legs.ofSocket(socket)) away(leg)
      const leg = legs.ofKey(key)
      if (leg?.state === 'ringing' && telephones.at(key).length === 0) legs.awaitReturn(leg)
    })
  })
}

export function ring(socket: Socket, leg: VoiceLeg): void {
  const message: VoiceRing = { legId: leg.legId, callId: leg.callId as string }
  socket.emit('voice.ring', message)
}
