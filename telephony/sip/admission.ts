import { createBuckets } from './buckets.ts'
import type { Gate, Known } from './gate.ts'
import {
  addressesMax,
  guestRate,
  shutOutMs,
  strangerRate,
  telephoneRate,
  trunkRate,
  wrongPasswordsMax,
} from './limits.ts'
import { headers, type ReceivedRequest } from './message.ts'
import type { SipPeer } from './settings.ts'
import type { Flow } from './transports/flow.ts'
import type { PlaceOf } from './trunk-addresses.ts'

/** Who asks is a peer, is told that a password is needed, is told to slow down, or is told nothing at all. */
type Admitted = { peer: SipPeer } | { challenge: string } | 'too-many' | 'silence'

export type Admission = {
  /** `guest`: a device that has the user's name; it must show its secret like a telephone. */
  admit(request: ReceivedRequest, flow: Flow, guest?: SipPeer): Admitted
  /** By the address alone: for what cannot be asked for a password. */
  peerAt(flow: Flow, user?: string): SipPeer | undefined
}

/** A scanner must not learn that there is anything here: whoever is unknown and names no user of ours is not answered. */
export function createAdmission(parts: { peers: SipPeer[]; placeOf: PlaceOf; gate: Gate; now(): Date }): Admission {
  const { peers, placeOf, gate, now } = parts
  // A trunk that is known by its addresses has its password for us to use there, not for others to use here.
  const byUser = new Map(
    peers
      .filter((peer) => peer.password && (peer.kind === 'telephone' || (!peer.from.length && !peer.at)))
      .map((peer) => [peer.user ?? '', peer]),
  )
  const rates = { trunk: createBuckets(trunkRate, now), telephone: createBuckets(telephoneRate, now) }
  const strangers = createBuckets(strangerRate, now)
  const guests = createBuckets(guestRate, now)
  const wrong = new Map<string, { count: number; at: number }>()

  function peerAt(flow: Flow, user?: string): SipPeer | undefined {
    if (flow.peer) return peers.find((peer) => peer.name === flow.peer)
    const here = peers.filter((peer) => placeOf(peer).has(flow.remote.address))
    // Many telephones share a network: there it is the user who tells them apart.
    return (
      here.find((peer) => peer.kind === 'telephone' && peer.user === user) ?? here.find((peer) => peer.kind === 'trunk')
    )
  }

  function isShutOut(address: string): boolean {
    const tries = wrong.get(address)
    if (tries && now().getTime() - tries.at > shutOutMs) wrong.delete(address)
    return (wrong.get(address)?.count ?? 0) >= wrongPasswordsMax
  }

  function countWrong(address: string): void {
    const count = (wrong.get(address)?.count ?? 0) + 1
    wrong.delete(address)
    wrong.set(address, { count, at: now().getTime() })
    if (wrong.size > addressesMax) wrong.delete(wrong.keys().next().value as string)
  }

  function knownAs(peer: SipPeer | undefined): Known | undefined {
    return peer?.password === undefined ? undefined : { password: peer.password, algorithm: peer.digest ?? 'MD5' }
  }

  const paced = (peer: SipPeer): Admitted => (rates[peer.kind].take(peer.name) ? { peer } : 'too-many')

  function admit(request: ReceivedRequest, flow: Flow, guest?: SipPeer): Admitted {
    const userOf = (user: string) => byUser.get(user) ?? (guest?.user === user ? guest : undefined)
    const asking = 'user' in request.from.uri ? request.from.uri.user : undefined
    const known = peerAt(flow, asking)
    if (known) return paced(known)
    const { address } = flow.remote
    if ((!byUser.size && !guest) || isShutOut(address)) return 'silence'
    const { verdict, user } = gate.check(headers(request, 'authorization'), request.method, (name) =>
      knownAs(userOf(name)),
    )
    const peer = userOf(user ?? '')
    if (verdict === 'right' && peer) {
      wrong.delete(address)
      return paced(peer)
    }
    if (verdict === 'wrong') countWrong(address)
    const named = peer ?? userOf(asking ?? '')
    // Of a building full of devices each is asked once in a while; whoever names nobody is a stranger.
    if (!named || !(named.deviceId ? guests : strangers).take(address)) return 'silence'
    return { challenge: gate.challenge(named.digest ?? 'MD5', verdict === 'stale') }
  }

  return { admit, peerAt }
}
