import {
  addressesMax,
  guestRate,
  oneGuestRate,
  shutOutMs,
  strangerRate,
  telephoneRate,
  trunkRate,
  wrongPasswordsMax,
  wrongTold,
} from '../limits.ts'
import { headers, type ReceivedRequest } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import type { Flow } from '../transports/flow.ts'
import type { Challenge, Known } from './challenge.ts'
import { createRateLimit } from './rate-limit.ts'
import type { PlaceOf } from './trunk-addresses.ts'

/** Who asks is a peer, is told that a password is needed, is told to slow down, or is told nothing at all. */
type Admitted = { peer: SipPeer } | { challenge: string } | 'too-many' | 'silence'

/** A device of ours whose secret was shown wrong so often from there. */
export type WrongSecret = { user: string; request: ReceivedRequest }

export type Admission = {
  /** `guest`: a device that has the user's name; it must show its secret like a telephone. */
  admit(request: ReceivedRequest, flow: Flow, guest?: SipPeer): Admitted
  /** By the address alone: for what cannot be asked for a password. */
  peerAt(flow: Flow, user?: string): SipPeer | undefined
}

/**
 * A scanner must not learn that there is anything here: whoever is unknown and names no user of ours is not answered. Wrong
 * passwords shut an address out, but never a device of ours there: others sit behind the same NAT, and their secrets, which we
 * made, cannot be guessed.
 */
export function createAdmission(parts: {
  peers: SipPeer[]
  placeOf: PlaceOf
  challenge: Challenge
  now(): Date
  onWrong?(what: WrongSecret): void
}): Admission {
  const { peers, placeOf, challenge, now } = parts
  // A trunk that is known by its addresses has its password for us to use there, not for others to use here.
  const byUser = new Map(
    peers
      .filter((peer) => peer.password && (peer.kind === 'telephone' || (!peer.from.length && !peer.at)))
      .map((peer) => [peer.user ?? '', peer]),
  )
  const rates = { trunk: createRateLimit(trunkRate, now), telephone: createRateLimit(telephoneRate, now) }
  const strangers = createRateLimit(strangerRate, now)
  const guests = createRateLimit(guestRate, now)
  const eachGuest = createRateLimit(oneGuestRate, now)
  const wrong = new Map<string, { count: number; at: number }>()

  function peerAt(flow: Flow, user?: string): SipPeer | undefined {
    if (flow.peer) return peers.find((peer) => peer.name === flow.peer)
    const here = peers.filter((peer) => placeOf(peer).has(flow.remote.address))
    // Many telephones share a network: there it is the user who tells them apart.
    return (
      here.find((peer) => peer.kind === 'telephone' && peer.user === user) ?? here.find((peer) => peer.kind === 'trunk')
    )
  }

  function wrongOf(whose: string): number {
    const tries = wrong.get(whose)
    if (tries && now().getTime() - tries.at > shutOutMs) wrong.delete(whose)
    return wrong.get(whose)?.count ?? 0
  }

  function countWrong(whose: string): number {
    const count = wrongOf(whose) + 1
    wrong.delete(whose)
    wrong.set(whose, { count, at: now().getTime() })
    if (wrong.size > addressesMax) wrong.delete(wrong.keys().next().value as string)
    return count
  }

  function knownAs(peer: SipPeer | undefined): Known | undefined {
    return peer?.password === undefined ? undefined : { password: peer.password, algorithm: peer.digest ?? 'MD5' }
  }

  const paced = (peer: SipPeer): Admitted => (rates[peer.kind].take(peer.name) ? { peer } : 'too-many')

  function admit(request: ReceivedRequest, flow: Flow, device?: SipPeer): Admitted {
    // A telephone of the settings goes before a device of the same name. Whoever comes as a device is asked as that alone.
    const guest = byUser.has(device?.user ?? '') ? undefined : device
    const userOf = (user: string) => (guest ? (guest.user === user ? guest : undefined) : byUser.get(user))
    const asking = 'user' in request.from.uri ? request.from.uri.user : undefined
    const known = peerAt(flow, asking)
    if (known) return paced(known)
    const { address } = flow.remote
    const whose = guest ? `${address} ${guest.user}` : address
    if (!guest && (!byUser.size || wrongOf(whose) >= wrongPasswordsMax)) return 'silence'
    const { verdict, user } = challenge.check(headers(request, 'authorization'), request.method, (name) =>
      knownAs(userOf(name)),
    )
    const peer = userOf(user ?? '')
    if (verdict === 'right' && peer) {
      wrong.delete(whose)
      return paced(peer)
    }
    if (verdict === 'wrong' && countWrong(whose) % wrongTold === 0 && guest?.user)
      parts.onWrong?.({ user: guest.user, request })
    const named = peer ?? userOf(asking ?? '')
    // Whoever names nobody is a stranger. Of a building full of devices each has a share, so that a noisy one takes that of no other.
    if (!named) return 'silence'
    const asked = named.deviceId ? eachGuest.take(whose) && guests.take(address) : strangers.take(address)
    if (!asked) return 'silence'
    return { challenge: challenge.challenge(named.digest ?? 'MD5', verdict === 'stale') }
  }

  return { admit, peerAt }
}
