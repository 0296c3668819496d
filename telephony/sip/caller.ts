// The full metadata, as for the numbers of residents: what is valid there has to be found here.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { type Address, readAddress, wordsOf } from './headers.ts'
import { header, headers, type ReceivedRequest } from './message.ts'
import type { SipPeer } from './settings.ts'
import { readable, unescaped } from './text.ts'
import { readUri, type Uri } from './uri.ts'

export type Caller = {
  /** E.164 where it can be said; null when it cannot, or when they do not want it known. */
  number: string | null
  display: string | null
  withheld: boolean
  /** Somebody vouches for the number; what a trunk passes on in From alone may be anybody's. */
  verified: boolean
}

/** A number without a country is taken as Chinese; undefined when nobody could be reached by it. */
function toE164(text: string): string | undefined {
  const parsed = parsePhoneNumberFromString(text, 'CN')
  return parsed?.isValid() ? parsed.number : undefined
}

/** The user part or the telephone number, without what hangs on it (`;phone-context=…`). */
export const userOf = (uri: Uri): string | undefined =>
  uri.scheme === 'tel' ? uri.number : uri.scheme === 'other' ? undefined : uri.user?.split(';')[0]

/** Whom they dialled. */
export const calledIn = (request: { uri: string }): string => {
  const uri = readUri(request.uri)
  return (uri && userOf(uri)) ?? ''
}

const anonymous = /^(anonymous|unavailable|restricted|unknown|private)$/i

export function callerOf(request: ReceivedRequest, peer: SipPeer): Caller {
  const display = readable(request.from.display).slice(0, 60) || null
  // A telephone of ours is who its password or its place says, whatever it writes.
  if (peer.kind === 'telephone')
    return { number: peer.number ?? null, display: peer.name, withheld: false, verified: peer.number !== undefined }
  const asserted = headers(request, 'p-asserted-identity')
    .map(readAddress)
    .filter((one) => one !== undefined)
  const best = asserted.find((one) => one.uri.scheme === 'tel') ?? asserted[0]
  const privacy = wordsOf(headers(request, 'privacy'))
  const from = userOf(request.from.uri) ?? ''
  const hidden = anonymous.test(from) || ('host' in request.from.uri && request.from.uri.host === 'anonymous.invalid')
  const withheld = hidden || privacy.some((word) => word === 'id' || word === 'user' || word === 'header')
  if (withheld) return { number: null, display: null, withheld: true, verified: false }
  const number = toE164(userOf((best ?? request.from).uri) ?? '') ?? null
  return { number, display, withheld: false, verified: number !== null && vouchedFor(request, best) }
}

/** What the network says of it (TS 24.229 verstat, RFC 8588 attestation) goes before that the trunk has asserted it. */
function vouchedFor(request: ReceivedRequest, asserted: Address | undefined): boolean {
  const verdict = verstatIn(asserted) ?? verstatIn(request.from)
  if (verdict) return verdict === 'tn-validation-passed'
  const attested = header(request, 'p-attestation-indicator')?.toUpperCase()
  return attested ? attested === 'A' : asserted !== undefined
}

/** It stands in the address, after the number or after the host, or behind the brackets. */
function verstatIn(address: Address | undefined): string | undefined {
  if (!address) return undefined
  const text = /;verstat=([A-Za-z-]+)/i.exec(unescaped(address.uriText))?.[1] ?? address.params.get('verstat')
  const verdict = text?.toLowerCase()
  return verdict === 'no-tn-validation' ? undefined : verdict
}
