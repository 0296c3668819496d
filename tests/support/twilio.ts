import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import twilio from 'twilio'
import { WebSocket } from 'ws'

const { RequestClient } = twilio

/** Twilio's own client with every host turned to this machine, so that no test can ever reach the internet. */
export class LoopbackClient extends RequestClient {
  readonly #to: string
  constructor(to: string) {
    super({ timeout: 3_000, keepAlive: false })
    this.#to = to
  }
  override request<T>(asked: Parameters<InstanceType<typeof RequestClient>['request']>[0]) {
    const { hostname, pathname, search } = new URL(asked.uri)
    if (hostname !== 'api.twilio.com') throw new Error(`not a host of Twilio: ${hostname}`)
    return super.request<T>({ ...asked, uri: this.#to + pathname + search } as never)
  }
}

export type PretendCall = {
  sid: string
  direction: 'inbound' | 'outbound-api'
  from: string
  to: string
  status: string
  /** Each document that we were answered with. */
  heard: string[]
  dialled: { number: string; callerId: string | undefined; action: string } | undefined
  said: string
  stream: WebSocket | undefined
  url: string | undefined
  statusCallback: string | undefined
  sequence: number
}
export type PretendMessage = { sid: string; to: string; from: string; body: string; statusCallback: string }

const hex = (n: number) => n.toString(16).padStart(32, '0')
const hidden = (text: string) => text.replaceAll('&amp;', '&')
const attribute = (tag: string, name: string) => {
  const found = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1]
  return found === undefined ? undefined : hidden(found)
}

/**
 * A Twilio of our own on this machine: it keeps its calls and messages, follows our TwiML verb by verb, opens the stream,
 * and sends its webhooks signed, to us alone. What it is asked by REST it remembers, and can be told to refuse.
 */
export async function pretendTwilio(parts: { accountSid: string; token: string; baseUrl: string }) {
  let ours = ''
  let count = 0
  const calls = new Map<string, PretendCall>()
  const messages: PretendMessage[] = []
  const asked: string[] = []
  let refuse: { status: number; code: number } | undefined
  let silent = false
  let closing = false
  const nextSid = (letters: string) => `${letters}${hex(++count)}`

  async function webhook(url: string, form: Record<string, string>, signature?: string) {
    const signed = signature ?? twilio.getExpectedTwilioSignature(parts.token, url, form)
    const reply = await fetch(url.replace(parts.baseUrl, ours), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signed },
      body: new URLSearchParams(form).toString(),
    })
    return { status: reply.status, type: reply.headers.get('content-type') ?? '', text: await reply.text() }
  }

  const formOf = (call: PretendCall) => ({
    CallSid: call.sid,
    AccountSid: parts.accountSid,
    From: call.from,
    To: call.to,
    CallStatus: call.status,
    Direction: call.direction,
    ApiVersion: '2010-04-01',
  })

  async function ask(call: PretendCall, url: string, more: Record<string, string> = {}): Promise<void> {
    const { text } = await webhook(url, { ...formOf(call), ...more })
    call.heard.push(text)
    await follow(call, text)
  }

  /** Does what the document says, up to the verb that lasts. */
  async function follow(call: PretendCall, twiml: string): Promise<void> {
    const stream = /<Stream[^>]*>/.exec(twiml)?.[0]
    const dial = /<Dial[^>]*>/.exec(twiml)?.[0]
    call.said += [...twiml.matchAll(/<Say[^>]*>([^<]*)</g)].map(([, words]) => words).join(' ')
    if (stream) return openStream(call, stream, twiml)
    if (dial) {
      const number = /<Dial[^>]*>([^<]*)</.exec(twiml)?.[1] ?? ''
      call.dialled = { number, callerId: attribute(dial, 'callerId'), action: attribute(dial, 'action') ?? '' }
      return
    }
    if (twiml.includes('<Hangup')) await end(call, 'completed')
  }

  async function openStream(call: PretendCall, tag: string, twiml: string): Promise<void> {
    const token = attribute(/<Parameter[^>]*>/.exec(twiml)?.[0] ?? '', 'value') ?? ''
    const next = hidden(/<Redirect[^>]*>([^<]*)</.exec(twiml)?.[1] ?? '')
    const url = (attribute(tag, 'url') ?? '').replace(parts.baseUrl.replace('https', 'wss'), ours.replace('http', 'ws'))
    const socket = new WebSocket(url)
    call.stream = socket
    let over = false
    const after = () => {
      if (over) return
      over = true
      if (call.status === 'in-progress' && !closing) void ask(call, next)
    }
    socket.on('error', after)
    socket.on('close', after)
    await new Promise<void>((resolve) => {
      socket.on('error', () => resolve())
      socket.on('open', () => {
        const streamSid = nextSid('MZ')
        const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: 8000, channels: 1 }
        const start = { streamSid, callSid: call.sid, customParameters: { token }, tracks: ['inbound'], mediaFormat }
        socket.send(JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' }))
        socket.send(JSON.stringify({ event: 'start', sequenceNumber: '1', streamSid, start }))
        resolve()
      })
    })
  }

  async function report(call: PretendCall, status = call.status): Promise<void> {
    const url = call.statusCallback ?? `${parts.baseUrl}/twilio/call-status`
    await webhook(url, { ...formOf(call), CallStatus: status, SequenceNumber: String(call.sequence++) })
  }

  async function end(call: PretendCall, status: string): Promise<void> {
    if (call.status === 'completed') return
    call.status = status
    if (call.stream?.readyState === WebSocket.OPEN) call.stream.send(JSON.stringify({ event: 'stop' }))
    call.stream?.close()
    if (!silent) await report(call)
  }

  const rest = createServer((request, response) => void answer(request, response))
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = ''
    for await (const part of request) body += part
    const form = new URLSearchParams(body)
    const path = (request.url ?? '').replace(`/2010-04-01/Accounts/${parts.accountSid}`, '')
    asked.push(`${request.method} ${path}`)
    const say = (status: number, value: object) => {
      response.writeHead(status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(value))
    }
    const basic = `Basic ${Buffer.from(`${parts.accountSid}:${parts.token}`).toString('base64')}`
    if (request.headers.authorization !== basic) return say(401, { code: 20003, message: 'Authenticate' })
    if (refuse)
      return say(refuse.status, {
        code: refuse.code,
        message: `no, +8613800000000 (${refuse.code})`,
        status: refuse.status,
      })
    const one = calls.get(/^\/Calls\/(CA\w+)\.json$/.exec(path)?.[1] ?? '')
    if (path === '/Calls.json') {
      const call = ring('outbound-api', form.get('From') ?? '', form.get('To') ?? '')
      call.url = form.get('Url') ?? ''
      call.statusCallback = form.get('StatusCallback') ?? ''
      return say(201, { sid: call.sid, status: 'queued' })
    }
    if (path === '/Messages.json') {
      const message = {
        sid: nextSid('SM'),
        to: form.get('To') ?? '',
        from: form.get('From') ?? '',
        body: form.get('Body') ?? '',
        statusCallback: form.get('StatusCallback') ?? '',
      }
      messages.push(message)
      return say(201, { sid: message.sid, status: 'queued' })
    }
    if (!one) return say(404, { code: 20404, message: 'not found', status: 404 })
    if (form.get('Status') === 'completed') await end(one, 'completed')
    return say(200, { sid: one.sid, status: one.status })
  }

  function ring(direction: PretendCall['direction'], from: string, to: string): PretendCall {
    const call: PretendCall = {
      sid: nextSid('CA'),
      direction,
      from,
      to,
      status: 'ringing',
      heard: [],
      dialled: undefined,
      said: '',
      stream: undefined,
      url: undefined,
      statusCallback: undefined,
      sequence: 0,
    }
    calls.set(call.sid, call)
    return call
  }

  await new Promise<void>((resolve) => rest.listen(0, '127.0.0.1', resolve))
  const restUrl = `http://127.0.0.1:${(rest.address() as AddressInfo).port}`
  return {
    calls,
    messages,
    asked,
    restUrl,
    http: () => new LoopbackClient(restUrl),
    /** Where our webhooks really are. */
    finds: (url: string) => {
      ours = url
    },
    webhook,
    report,
    end,
    formOf,
    refuses(with_: { status: number; code: number } | undefined) {
      refuse = with_
    },
    /** Its reports get lost from now on. */
    silent(is: boolean) {
      silent = is
    },
    /** Somebody dials one of our numbers. */
    async dial(from: string, to = '+8657112349000', more: Record<string, string> = {}): Promise<PretendCall> {
      const call = ring('inbound', from, to)
      call.status = 'in-progress'
      await ask(call, `${parts.baseUrl}/twilio/voice`, more)
      return call
    },
    /** Whom we rang picks up. */
    async picksUp(call: PretendCall): Promise<void> {
      call.status = 'in-progress'
      await ask(call, call.url ?? '')
    },
    /** The overflow number was rung, and this is how it ended. */
    dialEnds: (call: PretendCall, status: string) => ask(call, call.dialled?.action ?? '', { DialCallStatus: status }),
    /** Somebody writes to one of our numbers. */
    async texts(from: string, body: string, more: Record<string, string> = {}) {
      const sid = nextSid('SM')
      const form = {
        MessageSid: sid,
        AccountSid: parts.accountSid,
        From: from,
        To: '+8657112349000',
        Body: body,
        NumMedia: '0',
        ...more,
      }
      return { sid, form, ...(await webhook(`${parts.baseUrl}/twilio/sms`, form)) }
    },
    async messageStatus(message: PretendMessage, status: string, code?: number) {
      const form = { MessageSid: message.sid, MessageStatus: status, ...(code && { ErrorCode: String(code) }) }
      return webhook(message.statusCallback, form)
    },
    async close(): Promise<void> {
      closing = true
      for (const call of calls.values()) call.stream?.terminate()
      await closed(rest)
    },
  }
}
export type PretendTwilio = Awaited<ReturnType<typeof pretendTwilio>>

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.closeAllConnections()
    server.close(() => resolve())
  })
