import { contactsMax, registrationSecondsMax, registrationSecondsMin } from '../limits.ts'
import { readNumber } from '../message/grammar.ts'
import { readAddress } from '../message/headers.ts'
import { type Headers, header, headers } from '../message/message.ts'
import type { SipPeer } from '../settings.ts'
import type { ServerTransaction } from '../transactions/table.ts'
import type { Flow } from '../transports/flow.ts'

type Binding = { uri: string; flow: Flow; until: number; callId: string; cseq: number }

/** Where our telephones are. They are called the way they came [RFC 5626]: through their NAT, on their connection. */
export type Registrar = {
  receive(transaction: ServerTransaction, peer: SipPeer, toTag: string): void
  /** Where it is now; undefined when it is nowhere. */
  find(peer: SipPeer): { uri: string; flow: Flow } | undefined
  count(): number
}

export function createRegistrar({ now }: { now(): Date }): Registrar {
  const bindings = new Map<string, Binding[]>()

  function of(peer: SipPeer): Binding[] {
    const time = now().getTime()
    // A connection that broke is a telephone that cannot be called, however long it has asked for.
    const live = (bindings.get(peer.name) ?? []).filter((one) => one.until > time && one.flow.isOpen())
    if (live.length) bindings.set(peer.name, live)
    else bindings.delete(peer.name)
    return live
  }

  type Change = { uri: string; seconds: number }

  function read(message: { headers: Headers }): Change[] | number {
    const texts = headers(message, 'contact')
    const general = header(message, 'expires')
    if (texts.includes('*')) return texts.length === 1 && general?.trim() === '0' ? [{ uri: '*', seconds: 0 }] : 400
    const changes: Change[] = []
    for (const text of texts) {
      const contact = readAddress(text)
      // An address with headers of its own in it would have us write them into our requests.
      if (!contact || !('host' in contact.uri) || contact.uri.headers !== undefined) return 400
      // What is no number counts as not said [RFC 3261 10.3, 20.19].
      const said = readNumber(contact.params.get('expires')) ?? readNumber(general) ?? registrationSecondsMax
      if (said > 0 && said < registrationSecondsMin) return 423
      changes.push({ uri: contact.uriText, seconds: Math.min(said, registrationSecondsMax) })
    }
    return changes.length > contactsMax ? 400 : changes
  }

  return {
    receive({ request, flow, respond }, peer, toTag) {
      const whose = 'user' in request.to.uri ? request.to.uri.user : undefined
      if (peer.kind !== 'telephone' || (whose !== peer.user && whose !== peer.number)) return respond(403, { toTag })
      const changes = read(request)
      if (typeof changes === 'number')
        return respond(changes, {
          toTag,
          ...(changes === 423 && { headers: [['min-expires', String(registrationSecondsMin)]] }),
        })
      let live = of(peer)
      const { callId, cseq } = request
      // An earlier one that comes late must not undo a later one.
      if (changes.length && live.some((one) => one.callId === callId && one.cseq >= cseq.number))
        return respond(500, { toTag })
      for (const { uri, seconds } of changes) {
        live = uri === '*' ? [] : live.filter((one) => one.uri !== uri)
        if (seconds) live.push({ uri, flow, until: now().getTime() + seconds * 1000, callId, cseq: cseq.number })
      }
      bindings.set(peer.name, live.slice(-contactsMax))
      const here = of(peer)
      const left = (one: Binding) => Math.ceil((one.until - now().getTime()) / 1000)
      const contacts = here.map((one) => ['contact', `<${one.uri}>;expires=${left(one)}`] as const)
      respond(200, { toTag, headers: [...contacts, ['date', now().toUTCString()]] })
    },
    find: (peer) => of(peer).at(-1),
    count: () =>
      [...bindings.values()].reduce(
        (sum, all) => sum + all.filter((one) => one.until > now().getTime() && one.flow.isOpen()).length,
        0,
      ),
  }
}
