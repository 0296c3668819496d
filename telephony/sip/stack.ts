import type { Log } from '../ports.ts'
import { answerChallenge } from './auth/digest.ts'
import type { CallEnd } from './calls/call.ts'
import type { Dialog } from './calls/dialog.ts'
import {
  type Headers,
  header,
  headers,
  type ReceivedRequest,
  type ReceivedResponse,
  type SipRequest,
} from './message/message.ts'
import type { SipPeer } from './settings.ts'
import type { Timers } from './timers.ts'
import { randomToken } from './transactions/keys.ts'
import type { Asked, Asking, ServerTransaction, Transactions } from './transactions/table.ts'
import type { Flow } from './transports/flow.ts'

/** Whoever has a dialog: later requests in it come here. */
export type DialogUser = {
  peer: SipPeer
  dialog: Dialog
  receive(transaction: ServerTransaction): void
  acknowledge(request: ReceivedRequest): void
  /** The ACK for what we answered has not come. */
  giveUp(): void
  /** We hang up. */
  bye(because: CallEnd): void
}

/** What calls, registrations and keep-alives work with. */
export type Stack = {
  timers: Timers
  log: Log
  transactions: Transactions
  dialogs: Map<string, DialogUser>
  /** Our own address as the other end of this flow can reach it. */
  contact(flow: Flow): string
  /** The way to the other end of a dialog, now. */
  wayTo(peer: SipPeer, dialog: Dialog): Flow | undefined
  onMessage(transaction: ServerTransaction, peer: SipPeer): void
}

export const allowed: Headers = [['allow', 'INVITE, ACK, BYE, CANCEL, OPTIONS, MESSAGE, UPDATE']]
export const agent: Headers = [['user-agent', 'Yihu']]

/** A request of ours that belongs to no call. */
export function outOfDialog(
  stack: Pick<Stack, 'contact'>,
  flow: Flow,
  what: Pick<SipRequest, 'method' | 'uri' | 'body'>,
  more: Headers,
): SipRequest {
  return {
    ...what,
    headers: [
      ['max-forwards', '70'],
      ['from', `<${stack.contact(flow)}>;tag=${randomToken(8)}`],
      ['to', `<${what.uri}>`],
      ['call-id', randomToken(16)],
      ['cseq', `1 ${what.method}`],
      ...more,
      ...agent,
    ],
  }
}

/** Another header, and the next number: the same request is not asked twice [RFC 3261 22.2]. */
function withWords(request: SipRequest, number: number, words: readonly [string, string]): SipRequest {
  const all = request.headers
    .filter(([name]) => name !== words[0])
    .map(([name, value]) => [name, name === 'cseq' ? `${number} ${request.method}` : value] as const)
  return { ...request, headers: [...all, words] }
}

/** Tells what was really sent, for an ACK has to carry its words as well. */
export type AskingOnce = Asking & { onAgain?(request: SipRequest, asked: Asked): void; nextSeq?(): number }

/** Asks, and when a password is asked for, once more with it. A second time it is wrong, and asking on would shut us out. */
export function ask(stack: Stack, peer: SipPeer, flow: Flow, request: SipRequest, asking: AskingOnce): Asked {
  const answer = (response: ReceivedResponse): SipRequest | undefined => {
    const proxy = response.status === 407
    if ((!proxy && response.status !== 401) || peer.password === undefined) return undefined
    const challenges = headers(response, proxy ? 'proxy-authenticate' : 'www-authenticate')
    const credentials = { user: peer.user ?? '', password: peer.password }
    const words = answerChallenge(challenges, credentials, request)
    const number = asking.nextSeq?.() ?? response.cseq.number + 1
    return words === undefined
      ? undefined
      : withWords(request, number, [proxy ? 'proxy-authorization' : 'authorization', words])
  }
  return stack.transactions.ask(flow, request, {
    onFailed: asking.onFailed,
    onResponse(response) {
      const second = answer(response)
      if (!second) return asking.onResponse(response)
      const asked = stack.transactions.ask(flow, second, asking)
      asking.onAgain?.(second, asked)
    },
  })
}

/** Their words, to be said again in an ACK. */
export const wordsIn = (request: SipRequest): Headers =>
  ['authorization', 'proxy-authorization'].flatMap((name) => {
    const value = header(request, name)
    return value === undefined ? [] : [[name, value] as const]
  })
