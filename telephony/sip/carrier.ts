import type { LegEnd, LegId, Party } from '../../server/contracts/voice.ts'
import type { Carrier, FarEnd } from '../carrier.ts'
import type { MediaAnswer } from '../media/protocol.ts'
import type { CarrierParts } from '../voice.ts'
import type { IncomingCall, SipCall } from './call.ts'
import { type SipEndpoint, type SipMessage, type SipMessageAnswer, startSipEndpoint } from './endpoint.ts'
import type { SipSettings } from './settings.ts'

export type SipCarrier = Carrier & Pick<SipEndpoint, 'addresses' | 'stats'>

/** At this a trunk finds another way [RFC 3261 21.5.4]. */
const elsewhere = 503
/** They offer what cannot be had here; another way would lead to the same. */
const statusOf: Record<string, number> = { 'bad-sdp': 488, 'no-keys': 488 }
const ofOurs: LegEnd[] = ['refused', 'media-lost', 'not-taken']

/** SIP trunks and telephones as a carrier: signalling here, sound in the media process. */
export async function startSipCarrier(
  { media, legs, arrivals, now, log }: CarrierParts,
  settings: SipSettings,
  onMessage: (message: SipMessage) => Promise<SipMessageAnswer>,
): Promise<SipCarrier> {
  const endpoint = await startSipEndpoint({ settings, log, now, onInvite, onMessage })

  const sdpOf = (answer: MediaAnswer): { sdp: string } | { refused: string } =>
    'refused' in answer ? answer : { sdp: answer.sdp ?? '' }
  /** By a fault of ours it ends elsewhere only while it is not answered. */
  const farOf = (call: IncomingCall): FarEnd => ({
    end(because) {
      if (ofOurs.includes(because)) call.refuse(elsewhere)
      call.hangUp()
    },
  })

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
    const arrived = await arrivals.admit({
      party,
      line: call.called,
      locale: 'zh-CN',
      far: farOf(call),
      async open(legId) {
        const opened = sdpOf(await media.command({ do: 'open-rtp', legId, sdp: call.sdp }))
        if (!('refused' in opened)) bind(legId, call)
        return opened
      },
    })
    if ('refused' in arrived) {
      log.warn({ peer: call.peer, refused: arrived.refused }, 'a call could not be taken')
      return call.refuse(statusOf[arrived.refused] ?? elsewhere)
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
