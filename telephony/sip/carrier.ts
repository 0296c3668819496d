import type { LegId, Party } from '../../server/contracts/voice.ts'
import type { Carrier, FarEnd } from '../carrier.ts'
import type { MediaAnswer } from '../media/protocol.ts'
import type { CarrierParts } from '../voice.ts'
import type { IncomingCall, SipCall } from './call.ts'
import { type SipEndpoint, type SipMessage, type SipMessageAnswer, startSipEndpoint } from './endpoint.ts'
import type { SipSettings } from './settings.ts'

export type SipCarrier = Carrier & Pick<SipEndpoint, 'addresses' | 'stats'>

/** What they hear who cannot be taken [RFC 3261 21]: try elsewhere, speak another law, or come again. */
const statusOf: Record<string, number> = { overloaded: 503, 'bad-sdp': 488 }
const unavailable = 480

/** SIP trunks and telephones as a carrier: signalling here, sound in the media process. */
export async function startSipCarrier(
  { media, legs, arrivals, now, log }: CarrierParts,
  settings: SipSettings,
  onMessage: (message: SipMessage) => Promise<SipMessageAnswer>,
): Promise<SipCarrier> {
  const endpoint = await startSipEndpoint({ settings, log, now, onInvite, onMessage })

  const sdpOf = (answer: MediaAnswer): { sdp: string } | { refused: string } =>
    'refused' in answer ? answer : { sdp: answer.sdp ?? '' }
  const farOf = (call: { hangUp(): void }): FarEnd => ({ end: () => call.hangUp() })

  /** The call and its leg end together, whoever ends; new offers go to the leg. */
  function bind(legId: LegId, call: IncomingCall | SipCall): void {
    call.onReoffer(async (sdp) => {
      const answer = await media.command({ do: 'open-rtp', legId, sdp })
      if ('refused' in answer) throw new Error(answer.refused)
      return answer.sdp ?? ''
    })
    call.onEnd((because) => {
      const leg = legs.get(legId)
      // We go, not they: whoever is cut off by that is called back.
      if (leg) legs.end(leg, because === 'stopped' ? 'media-lost' : because)
    })
  }

  async function onInvite(call: IncomingCall): Promise<void> {
    const { number, verified } = call.caller
    const party: Party = { kind: 'phone', number, verified }
    const arriving = { party, line: call.called, locale: 'zh-CN' as const }
    const arrived = await arrivals
      .admit({
        ...arriving,
        far: farOf(call),
        async open(legId) {
          const opened = sdpOf(await media.command({ do: 'open-rtp', legId, sdp: call.sdp }))
          if (!('refused' in opened)) bind(legId, call)
          return opened
        },
      })
      .catch((error: Error) => {
        log.warn({ peer: call.peer, fault: error.message }, 'a call could not be stored')
        return { refused: 'overloaded' }
      })
    if ('refused' in arrived) {
      // The trunk may find them another way; that they called is told all the same.
      if (arrived.refused === 'overloaded') arrivals.missed(arriving)
      return call.refuse(statusOf[arrived.refused] ?? unavailable)
    }
    call.answer(arrived.sdp)
  }

  return {
    addresses: endpoint.addresses,
    stats: endpoint.stats,
    reaches: endpoint.reaches,
    async place({ callId, legId, number }) {
      if (legs.get(legId)) return 'ringing'
      const peer = endpoint.peerTo(number)
      if (!peer) return 'unreachable'
      let call: SipCall | undefined
      const party: Party = { kind: 'phone', number }
      const far: FarEnd = { end: () => call?.hangUp() }
      const leg = legs.add({ legId, callId, party, key: `phone:${number}`, state: 'ringing', at: undefined, far })
      const offer = sdpOf(await media.command({ do: 'offer-rtp', legId, secure: peer.secure ?? false }))
      if ('refused' in offer) {
        legs.drop(leg)
        return 'overloaded'
      }
      call = endpoint.invite({ number, sdp: offer.sdp })
      // Given up while its media was being opened, or the trunk went silent in that moment.
      if (!call || legs.get(legId) !== leg) {
        call?.hangUp()
        legs.drop(leg)
        media.command({ do: 'close-leg', legId }).catch(() => {})
        return 'unreachable'
      }
      bind(legId, call)
      call.onAnswered(async (sdp) => {
        if (legs.get(legId) !== leg) return
        leg.state = 'opening'
        const taken = await media.command({ do: 'accept-rtp', legId, sdp }).catch(() => ({ refused: 'outage' }))
        if ('refused' in taken) legs.end(leg, 'refused')
      })
      return 'ringing'
    },
    stop: endpoint.stop,
  }
}
