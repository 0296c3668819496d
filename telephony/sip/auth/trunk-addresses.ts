import { lookup } from 'node:dns/promises'
import { BlockList, isIP, isIPv6 } from 'node:net'
import type { Log } from '../../ports.ts'
import type { SipPeer } from '../settings.ts'
import type { Timers } from '../timers.ts'

// A carrier that moves says so in its DNS for minutes before.
const askAgainMs = 5 * 60_000

/** From where a peer may come without a password. */
export type PlaceOf = (peer: SipPeer) => { has(address: string): boolean }

/**
 * By its `from`; of a trunk that has none, the addresses of where we call it, asked of DNS now and then: without that it could
 * bring no call, and nobody would know why. The last known ones stay when DNS does not answer.
 */
export function trunkAddresses(peers: SipPeer[], timers: Timers, log: Log): PlaceOf {
  const lists = new Map(peers.map((peer) => [peer.name, listOf(peer.from)]))

  async function resolve(peer: SipPeer, host: string): Promise<void> {
    try {
      const found = await lookup(host, { all: true })
      lists.set(peer.name, listOf(found.map(({ address }) => address)))
    } catch (error) {
      log.warn(
        { peer: peer.name, fault: (error as NodeJS.ErrnoException).code },
        'the address of a trunk was not found',
      )
    }
    timers.after(askAgainMs, () => void resolve(peer, host))
  }

  for (const peer of peers) {
    if (peer.kind !== 'trunk' || peer.from.length > 0 || !peer.at) continue
    if (isIP(peer.at.host)) lists.set(peer.name, listOf([peer.at.host]))
    else void resolve(peer, peer.at.host)
  }
  return ({ name }) => ({
    has: (address) => lists.get(name)?.check(address, isIPv6(address) ? 'ipv6' : 'ipv4') ?? false,
  })
}

/** `192.0.2.0/24`, or one address. A mistake in the settings stops the start: an empty list would let nobody in. */
function listOf(cidrs: string[]): BlockList {
  const list = new BlockList()
  for (const cidr of cidrs) {
    const [address = '', bits] = cidr.split('/')
    const family = isIPv6(address) ? 'ipv6' : 'ipv4'
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}
