import { isLoopback } from './loopback.ts'

type Headers = Record<string, string | string[] | undefined>
export type Arrival = {
  /** Who asks, as far as it is known, and our own end of the connection. */
  address: string | undefined
  localAddress: string | undefined
  headers: Headers
  /** A proxy that we know has named the caller. */
  named: boolean
}

// Whatever hands a request on for somebody else writes one of them.
const handedOn =
  /^(x-forwarded-.*|forwarded|via|x-real-ip|x-client-ip|true-client-ip|cf-.*|x-original-.*|x-cluster-client-ip)$/

/**
 * Does whoever sits at this machine ask, and nobody else? Not what a proxy hands on without a name that we believe, and not a page of
 * somebody else whose name leads here: the address bar must show this machine as well. Pure.
 */
export function isFromHere({ address, localAddress, headers, named }: Arrival): boolean {
  if (!named && Object.keys(headers).some((name) => handedOn.test(name.toLowerCase()))) return false
  const host = String(headers['host'] ?? '').replace(/:\d+$/, '')
  const plain = (one: string) => one.replace(/^\[|\]$/g, '').replace(/^::ffff:/i, '')
  const own = localAddress === undefined ? undefined : plain(localAddress)
  if (!isLoopback(host) && (own === undefined || plain(host) !== own)) return false
  return address !== undefined && (isLoopback(address) || plain(address) === own)
}
