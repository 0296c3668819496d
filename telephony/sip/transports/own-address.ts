import { networkInterfaces } from 'node:os'
import { isNear } from '../../rtp/address.ts'
import { writeHost } from '../message/uri.ts'
import type { Flow, Transport } from './flow.ts'

type Listener = { transport: Transport; address: string; port: number }

const isAny = (address: string): boolean => address === '' || address === '0.0.0.0' || address === '::'

/** What we say of ourselves in Via and Contact: where the other end of this flow can reach us; near, without the public address. */
export function ownAddress(
  publicAddress: string | undefined,
  listeners: Listener[],
): (flow: Flow) => { host: string; port: number } {
  return (flow) => {
    const listener = listeners.find((one) => one.transport === flow.transport)
    const port = flow.reliable ? (listener?.port ?? flow.local.port) : flow.local.port
    const bound = [flow.local.address, listener?.address ?? ''].find((one) => !isAny(one))
    const outside = isNear(flow.remote.address) ? undefined : publicAddress
    return { host: outside ?? bound ?? ofMachine(flow.remote.address), port }
  }
}

/** Of a connection that is only being opened, or of a socket that listens everywhere. */
function ofMachine(remote: string): string {
  if (remote === 'localhost' || remote.startsWith('127.')) return '127.0.0.1'
  if (remote === '::1') return '::1'
  const family = remote.includes(':') ? 'IPv6' : 'IPv4'
  const all = Object.values(networkInterfaces()).flatMap((one) => one ?? [])
  return all.find((one) => !one.internal && one.family === family)?.address ?? '127.0.0.1'
}

export const contactOf = ({ transport }: Flow, { host, port }: { host: string; port: number }): string =>
  `sip:hotline@${writeHost(host, port)}${transport === 'udp' ? '' : `;transport=${transport}`}`
