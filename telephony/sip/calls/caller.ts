// The full metadata, as for the numbers of residents: what is valid there has to be found here.
import { parsePhoneNumberFromString } from 'libphonenumber-js/max'
import { partExtension } from '../../../server/contracts/phone-extension.ts'
import { readable, unescaped } from '../message/grammar.ts'
import { type Address, readAddress, wordsOf } from '../message/headers.ts'
import { header, headers, type ReceivedRequest } from '../message/message.ts'
import { readUri, type Uri } from '../message/uri.ts'
import type { SipPeer } from '../settings.ts'

export type Caller = {
  /** E.164 where it can be said; null when it cannot, or when they do not want it known. */
  number: string | null
  display: string | null
  withheld: boolean
  /** Somebody vouches for the number; what a trunk passes on in From alone may be anybody's. */
  verified: boolean
}

const valid = (text: string) => {
  const parsed = parsePhoneNumberFromString(text, { defaultCountry: 'CN', extract: false })
  return parsed?.isValid() ? parsed.number : undefined
}

/** A number without a country is taken as Chinese; undefined when nobody could be reached by it. */
function toE164(text: string): { number?: string | undefined; extension?: string | undefined } {
  const { number, extension } = partExtension(text, (one) => valid(one) !== undefined)
  return { number: valid(number), extension }
}
/** `;ext=801` [RFC 3966 5.3], which a trunk of an office sends behind the number. */
const extensionIn = (address: Address) => /;ext=([\d-]{1,12})/i.exec(unescaped(address.uriText))?.[1]

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
  const named = best ?? request.from
  const read = toE164(userOf(named.uri) ?? '')
  const number = read.number ?? null
  // The operator sees that ringing back reaches a switchboard.
  const extension = read.extension ?? extensionIn(named)
  const shown = [display, extension && `ext. ${extension}`].filter(Boolean).join(' ') || null
  return { number, display: shown, withheld: false, verified: number !== null && vouchedFor(request, best) }
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
