import type { CallId, LegEnd, LegId, Party } from '../../server/contracts/voice.ts'
import type { MediaAnswer } from '../media/protocol.ts'
import type { Carrier, FarEnd } from '../ports.ts'
import type { CarrierParts } from '../switching/arrivals.ts'
import type { CallEnd, IncomingCall, SipCall } from './calls/call.ts'
import { type SipEndpoint, type SipParts, startSipEndpoint } from './endpoint.ts'
import type { SipPeer, SipSettings } from './settings.ts'

type Placed = Awaited<ReturnType<Carrier['place']>>

/** What it knows of alarm units, and where their messages go. */
export type UnitParts = Pick<SipParts, 'onMessage' | 'guestOf' | 'unitType' | 'onStranger'>

export type SipCarrier = Carrier & Pick<SipEndpoint, 'addresses' | 'stats'>

/** At this a trunk finds another way [RFC 3261 21.5.4]. */
const elsewhere = 503
/** They offer what cannot be had here; another way would lead to the same. */
const statusOf: Record<string, number> = { 'bad-sdp': 488, 'no-keys': 488 }
/** The trunk could not, as opposed to whom it rang: silence, no answer to the request itself, or a fault of its own. */
const isTheirFault = (because: CallEnd, status = 0): boolean =>
  because === 'lost' || status === 408 || (status >= 500 && status < 600)
const ofOurs: LegEnd[] = ['refused', 'media-lost', 'not-taken']

/** SIP trunks and telephones as a carrier: signalling here, sound in the media process. */
export async function startSipCarrier(
  { media, legs, arrivals, now, log }: CarrierParts,
  settings: SipSettings,
  units: UnitParts,
): Promise<SipCarrier> {
  const endpoint = await startSipEndpoint({ settings, log, now, onInvite, ...units })

  const sdpOf = (answer: MediaAnswer): { sdp: string } | { refused: string } =>
    'refused' in answer ? answer : { sdp: answer.sdp ?? '' }
  /** By a fault of ours it ends elsewhere only while it is not answered. */
  const farOf = (call: IncomingCall): FarEnd => ({
    end(because) {
      if (ofOurs.includes(because)) call.refuse(elsewhere)
      call.hangUp()
    },
  })

  /** The call and its leg end together, whoever ends. */
  function bind(legId: LegId, call: IncomingCall | SipCall): void {
    takeOffers(legId, call)
    call.onEnd((because) => ended(legId, because))
  }

  function ended(legId: LegId, because: CallEnd): void {
    const leg = legs.get(legId)
    // We go, not they: whoever is cut off by that is called back.
    if (leg) legs.end(leg, because === 'stopped' ? 'media-lost' : because)
  }

  /** New offers go to the leg. */
  function takeOffers(legId: LegId, call: IncomingCall | SipCall): void {
    call.onReoffer(async (sdp) => {
      const answer = await media.command({ do: 'open-rtp', legId, sdp })
      if ('refused' in answer) throw new Error(answer.refused)
      return answer.sdp ?? ''
    })
  }

  async function onInvite(call: IncomingCall): Promise<void> {
    const { number, verified } = call.caller
    const { deviceId } = call
    const party: Party = deviceId ? { kind: 'kiosk', deviceId } : { kind: 'phone', number, verified }
    const arrived = await arrivals.admit({
      party,
      line: call.called,
      locale: 'zh-CN',
      far: farOf(call),
      async open(legId, asTones) {
        const opened = sdpOf(await media.command({ do: 'open-rtp', legId, sdp: call.sdp, ...(asTones && { asTones }) }))
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

  type Ringing = { callId: CallId; legId: LegId; party: Party; number: string; peers: SipPeer[] }
  /** Rings it by the first of these peers that takes it. */
  async function ringBy({ callId, legId, party, number, peers }: Ringing): Promise<Placed> {
    if (legs.get(legId)) return 'ringing'
    const [peer, ...others] = peers
    if (!peer) return 'unreachable'
    let call: SipCall | undefined
    const far: FarEnd = { end: () => call?.hangUp() }
    const leg = legs.add({ legId, callId, party, key: `leg:${legId}`, state: 'ringing', at: undefined, far })
    const secure = peer.secure ?? false
    const at = endpoint.addressFor(peer, number)
    const order = { do: 'offer-rtp' as const, legId, secure, ...(at && { at }) }
    const offer = await media.command(order).then(sdpOf, () => ({ refused: 'outage' }))
    // Given up while its media was being opened: it would ring for nobody.
    const givenUp = () => legs.get(legId) !== leg
    const letGo = (answer: 'overloaded' | 'unreachable') => {
      legs.drop(leg)
      media.command({ do: 'close-leg', legId }).catch(() => {})
      return answer
    }
    if (givenUp()) return letGo('unreachable')
    if ('refused' in offer) return letGo('overloaded')
    /** Rings by this trunk; one that cannot take it before it rings anywhere leaves it to the next [RFC 3261 21.5.4]. */
    const ring = (by: SipPeer, next: SipPeer[]): SipCall | undefined => {
      const placed = endpoint.invite({ number, sdp: offer.sdp, peer: by })
      if (!placed) return next[0] && ring(next[0], next.slice(1))
      let rings = false
      placed.onRinging(() => {
        rings = true
      })
      takeOffers(legId, placed)
      placed.onAnswered((sdp) => void answered(sdp))
      placed.onEnd((because, status) => {
        const [second, ...rest] = next
        if (second && !rings && legs.get(legId) === leg && leg.state === 'ringing' && isTheirFault(because, status)) {
          log.warn({ peer: by.name, next: second.name, status }, 'a trunk did not take a call; the next is asked')
          call = ring(second, rest)
          if (call) return
        }
        ended(legId, because)
      })
      return placed
    }
    async function answered(sdp: string): Promise<void> {
      if (legs.get(legId) !== leg) return
      leg.state = 'opening'
      const taken = await media.command({ do: 'accept-rtp', legId, sdp }).catch(() => ({ refused: 'outage' }))
      if ('refused' in taken) legs.end(leg, 'refused')
    }
    // The offer is made once: only a trunk that takes the same kind of sound can have it.
    call = ring(
      peer,
      others.filter((one) => (one.secure ?? false) === secure),
    )
    if (!call) return letGo('unreachable') // the trunk went silent in that moment
    return 'ringing'
  }

  return {
    addresses: endpoint.addresses,
    stats: endpoint.stats,
    reaches: endpoint.reaches,
    place: ({ number, ...order }) =>
      ringBy({ ...order, party: { kind: 'phone', number }, number, peers: endpoint.peersTo(number) }),
    units: {
      has: (deviceId) => endpoint.unitOf(deviceId) !== undefined,
      place({ deviceId, ...order }) {
        const unit = endpoint.unitOf(deviceId)
        return ringBy({ ...order, party: { kind: 'kiosk', deviceId }, number: '', peers: unit ? [unit] : [] })
      },
    },
    stop: endpoint.stop,
  }
}
