import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { networkInterfaces } from 'node:os'

const near =
  /^(127\.|10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1$|f[cde])/i
const discardPort = 9

/** In our own network, or on this machine: they reach us without the public address. */
export const isNear = (address: string): boolean => near.test(address) || address === 'localhost'

/** The address from which this machine's packets would leave towards there. Nothing is sent. */
function localTowards(address: string): Promise<string | undefined> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4')
  return new Promise((resolve) => {
    const done = (found?: string) => {
      socket.close()
      resolve(found)
    }
    // Its callback is told of failure too: there is no way to there.
    socket.connect(discardPort, address, (error?: Error) => done(error ? undefined : socket.address().address))
  })
}

const isOwn = (address: string) =>
  Object.values(networkInterfaces()).some((list) => list?.some((one) => one.address === address))

type OwnAddress = { bind: string; tell: string }

/**
 * Where to listen and what to say of it. `at` is our address as the signalling knows it, and goes before all; else who is near
 * is told the local address, and who is not the public one, if there is one.
 */
export async function ownAddress(far: string | null, at: string | undefined, publics: string[]): Promise<OwnAddress> {
  if (at) return { bind: isOwn(at) ? at : isIPv6(at) ? '::' : '0.0.0.0', tell: at }
  const of = (address: string) => isIPv6(address) === isIPv6(far ?? '')
  const local = far === null ? undefined : await localTowards(far)
  const known = publics.find(of)
  if (local && (isNear(far ?? '') || !known)) return { bind: local, tell: local }
  const any = isIPv6(far ?? '') ? '::' : '0.0.0.0'
  const outward = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const tell = known ?? outward.find((one) => !one.internal && of(one.address))?.address ?? '127.0.0.1'
  return { bind: local ?? any, tell }
}
