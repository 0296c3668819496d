import { masterBytes, type Suite, suites } from './srtp.ts'

/** One `a=crypto` line [RFC 4568]: key and salt by which its writer seals what it sends. */
export type Crypto = { tag: string; suite: Suite; master: Buffer }

/**
 * Reads the value of one line. A lifetime is ignored (we end long before 2^31 packets); a key index or parameters that change
 * how packets are sealed are none of ours, and such a line is not taken.
 */
export function readCrypto(value: string): Crypto | undefined {
  const [, tag, suite, key, rest] = /^(\d{1,9})\s+(\S+)\s+inline:([A-Za-z0-9+/]{40}={0,2})(\S*.*)$/.exec(value) ?? []
  if (!tag || !suite || !key || rest === undefined || !(suite in suites)) return undefined
  const [lifetime, ...parameters] = rest.trim().split(/\s+/)
  if (lifetime && !/^\|(2\^)?\d+$/.test(lifetime)) return undefined
  if (parameters.some((parameter) => !/^WSH=\d+$/i.test(parameter))) return undefined
  const master = Buffer.from(key, 'base64')
  return master.length === masterBytes ? { tag, suite: suite as Suite, master } : undefined
}

export const writeCrypto = ({ tag, suite, master }: Crypto): string =>
  `a=crypto:${tag} ${suite} inline:${master.toString('base64')}`
