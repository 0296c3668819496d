import type { Server, Socket } from 'socket.io'
import type { z } from 'zod'
import { type Party, voiceDial, voiceEcho, voiceLeg, voiceLegOffer, voiceOffer } from '../../server/contracts/voice.ts'
import type { Log } from '../ports.ts'
import { createRate } from './rate.ts'
import type { Answer, From, Heard, Signal } from './signals.ts'
import { keyOf, roomOf } from './telephones.ts'

/** Which switchboard: of the call the operator talks in, of the operator's line, of a leg, or any with room. */
export type Wanted = { callOf: string } | { lineOf: string } | { leg: string } | 'any'

/** The way from a page to the switchboard of its call, in this process or in another. */
export type Exchange = {
  hostFor(wanted: Wanted): Promise<string | undefined>
  ask(hostId: string, signal: { from: From; signal: Signal }): Promise<Answer>
  tellAll(heard: Heard): void
}

const badRequest = { refused: 'bad-request' } as const
// Nobody in need dials more often; each dial costs a handshake and a row.
const dialsPerMinuteMax = 10
// A telephone that offers in a circle must not take the handshakes of the others.
const offersPerMinuteMax = 30

/**
 * The web telephones of one socket.io server: kiosks, pretend telephones and the operators' consoles, as documented in the
 * contract. Each event is checked here, carried to the switchboard that has the call, and acknowledged with its answer.
 */
export function relayWebTelephones(
  io: Server,
  parts: { partyOf(socket: Socket): Party | undefined; exchange: Exchange; now(): Date; log: Log },
): void {
  const { exchange, now, log } = parts
  const mayDial = createRate(dialsPerMinuteMax)
  const mayOffer = createRate(offersPerMinuteMax)

  io.on('connection', (socket: Socket) => {
    const party = parts.partyOf(socket)
    const key = party ? keyOf(party, socket.id) : ''

    /** An unknown telephone, an unknown word or a wrong one: all are answered. */
    function on<T>(name: string, shape: z.ZodType<T>, act: (from: From, input: T) => Promise<Answer>): void {
      socket.on(name, async (...given: unknown[]) => {
        const acknowledge = given.at(-1)
        if (typeof acknowledge !== 'function') return
        const input = shape.safeParse(given[0])
        if (!party || !input.success) return acknowledge(badRequest)
        const from: From = { party, key, socketId: socket.id }
        const answer = await act(from, input.data).catch((error: Error) => {
          log.warn({ fault: error.message }, `${name} not done`)
          return { refused: 'outage' }
        })
        acknowledge(answer)
        if (!socket.connected) exchange.tellAll({ from, told: 'gone' }) // it went while it was being served
      })
    }

    async function carry(wanted: Wanted, from: From, signal: Signal): Promise<Answer> {
      if ('sdp' in signal && !mayOffer(key, now().getTime())) return { refused: 'too-many-requests' }
      const hostId = await exchange.hostFor(wanted)
      if (!hostId) return typeof wanted === 'object' && 'leg' in wanted ? badRequest : { refused: 'outage' }
      const answer = await exchange.ask(hostId, { from, signal })
      // The line is here now: the switchboard that had it before lets it go.
      if (signal.do === 'open' && !('refused' in answer)) exchange.tellAll({ from, told: 'moved', hostId })
      return answer
    }

    on('voice.open', voiceOffer, async (from, { sdp }) =>
      from.party.kind === 'operator' ? carry({ callOf: from.party.accountId }, from, { do: 'open', sdp }) : badRequest,
    )
    on('voice.echo', voiceEcho, async (from, { on }) =>
      from.party.kind === 'operator' ? carry({ lineOf: from.party.accountId }, from, { do: 'echo', on }) : badRequest,
    )
    on('voice.dial', voiceDial, async (from, { sdp, locale, line }) => {
      if (from.party.kind === 'operator') return badRequest
      if (!mayDial(key, now().getTime())) return { refused: 'too-many-requests' }
      // A web telephone has no number that it dialled; say which kind it is.
      const dialled = from.party.kind === 'kiosk' && line === 'web' ? 'kiosk' : line
      return carry('any', from, { do: 'dial', sdp, locale, line: dialled })
    })
    on('voice.answer', voiceLegOffer, (from, { legId, sdp }) =>
      carry({ leg: legId }, from, { do: 'answer', legId, sdp }),
    )
    on('voice.redial', voiceLegOffer, (from, { legId, sdp }) =>
      carry({ leg: legId }, from, { do: 'redial', legId, sdp }),
    )
    on('voice.hang-up', voiceLeg, (from, { legId }) => carry({ leg: legId }, from, { do: 'hang-up', legId }))

    if (!party) return
    const from: From = { party, key, socketId: socket.id }
    void socket.join(roomOf(key))
    exchange.tellAll({ from, told: 'here' })
    socket.on('disconnect', () => exchange.tellAll({ from, told: 'gone' }))
  })
}
