import type { Address, CSeq, Via } from './headers.ts'

/** Names in small letters and in full, never compact; values unfolded. Order is kept, for that of Via and Route matters. */
export type Headers = readonly (readonly [name: string, value: string])[]

export type SipRequest = { method: string; uri: string; headers: Headers; body: Buffer }
export type SipResponse = { status: number; reason: string; headers: Headers; body: Buffer }

/** What every message that came in has, and what we go by. */
export type Core = { via: Via; from: Address; to: Address; callId: string; cseq: CSeq }
export type ReceivedRequest = SipRequest & Core & { kind: 'request' }
export type ReceivedResponse = SipResponse &
  Core & { kind: 'response' /** The address from which it came. */; source?: string }
export type Received = ReceivedRequest | ReceivedResponse

/** The first of that name. */
export const header = (message: { headers: Headers }, name: string): string | undefined =>
  message.headers.find(([one]) => one === name)?.[1]

export const headers = (message: { headers: Headers }, name: string): string[] =>
  message.headers.filter(([one]) => one === name).map(([, value]) => value)

export const noBody = Buffer.alloc(0)

/** To the tag of the dialog; undefined before there is one. */
export const tagOf = (address: Address): string | undefined => address.params.get('tag')
