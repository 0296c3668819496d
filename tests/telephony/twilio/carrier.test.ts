import type { AddressInfo } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import type { SmsHeard, SmsReported } from '../../../server/contracts/sms.ts'
import type { VoiceEvent } from '../../../server/contracts/voice.ts'
import type { MediaProcess } from '../../../telephony/media-process/start.ts'
import { createArrivals } from '../../../telephony/switching/arrivals.ts'
import { createDelivery } from '../../../telephony/switching/deliver.ts'
import { createLegs, type Legs } from '../../../telephony/switching/legs.ts'
import { type TwilioCarrier, twilioCarrier } from '../../../telephony/twilio/carrier.ts'
import { twilioRest } from '../../../telephony/twilio/rest.ts'
import { twilioRoutes } from '../../../telephony/twilio/routes.ts'
import { type PretendCall, type PretendTwilio, pretendTwilio } from '../../support/twilio.ts'

const account = { accountSid: `AC${'a'.repeat(32)}`, token: 'b'.repeat(32), baseUrl: 'https://yihu.example' }
const [wang, line, ours, overflowNumber] = ['+8613800000001', '+8657112349000', '+8657112345678', '+8657187654321']

let peer: PretendTwilio
let carrier: TwilioCarrier
let legs: Legs
let app: FastifyInstance
let sockets: WebSocketServer
let at: number
let events: VoiceEvent[]
let warned: string[]
let expected: Map<string, string>
let texts: (SmsHeard | SmsReported)[]
/** What the media and the server do when they are asked. */
let media: { refuses: boolean; forgets: boolean; legs: number }
let stores: (event: VoiceEvent) => Promise<void>

beforeEach(() => start({ overflow: overflowNumber }))
afterEach(stop)

async function stop() {
  await carrier.stop()
  legs.stop()
  await peer.close()
  for (const socket of sockets.clients) socket.terminate()
  sockets.close()
  await app.close()
}

async function start({ overflow }: { overflow: string | undefined }) {
  at = Date.parse('2026-11-25T08:00:00Z')
  events = []
  warned = []
  texts = []
  expected = new Map()
  media = { refuses: false, forgets: false, legs: 0 }
  stores = async () => {}
  peer = await pretendTwilio(account)
  const now = () => new Date(at)
  const log = { warn: (what: object, words: string) => void warned.push(JSON.stringify(what) + words), info: () => {} }
  const delivery = createDelivery(log)
  delivery.onEvent(async (event) => {
    await stores(event)
    events.push(event)
  })
  const process = {
    command: async () => ({ ok: true }),
    stats: () => ({ legs: media.legs }),
  } as unknown as MediaProcess
  const telephones = { tell: () => {}, isOpen: async () => false }
  legs = createLegs({ media: process, delivery, telephones, now })
  carrier = twilioCarrier({
    rest: twilioRest({ ...account, username: account.accountSid, password: account.token }, peer.http()),
    baseUrl: account.baseUrl,
    number: ours,
    overflowNumber: overflow,
    legs,
    arrivals: createArrivals({ legsMax: 10, media: process, legs, delivery, now }),
    async expectStream(legId, token) {
      if (media.refuses) return { refused: 'overloaded' }
      if (!media.forgets) expected.set(token, legId)
      return { ok: true }
    },
    now,
    log,
  })
  app = fastify()
  sockets = new WebSocketServer({ noServer: true })
  await app.register(twilioRoutes, {
    signingToken: account.token,
    baseUrl: account.baseUrl,
    carrier,
    sms: {
      heard: async (message: SmsHeard) => void texts.push(message),
      reported: async (report: SmsReported) => void texts.push(report),
    },
    takeSocket: (request, socket, first) =>
      sockets.handleUpgrade(request, socket, Buffer.from(first), (stream) => {
        stream.on('message', (data) => {
          const { event, start } = JSON.parse(String(data)) as {
            event: string
            start?: { customParameters: { token: string } }
          }
          if (event !== 'start') return
          const token = start?.customParameters.token ?? ''
          const legId = expected.get(token)
          expected.delete(token)
          if (!legId) return stream.close()
          legs.up(legId)
          stream.on('close', () => legs.lose(legId))
        })
      }),
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  peer.finds(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
}

const told = <T extends VoiceEvent['type']>(type: T) =>
  events.filter((event): event is Extract<VoiceEvent, { type: T }> => event.type === type)
const untilTold = (type: VoiceEvent['type'], n = 1) => expect.poll(() => told(type).length).toBe(n)
const talking = async (from = wang): Promise<{ call: PretendCall; legId: string; callId: string }> => {
  const call = await peer.dial(from)
  await untilTold('leg-up')
  const { legId, callId } = told('arrived')[0] as Extract<VoiceEvent, { type: 'arrived' }>
  return { call, legId, callId }
}
const order = { callId: 'c1', legId: 'l1', number: wang }
const rung = () => [...peer.calls.values()].find((call) => call.direction === 'outbound-api') as PretendCall
const endsAsked = () => peer.asked.filter((line) => /^POST \/Calls\/CA/.test(line)).length

describe('a call comes in', () => {
  test('it is stored before Twilio is answered, and the stream it is answered with brings its sound', async () => {
    let commit = () => {}
    stores = () => new Promise((resolve) => (commit = resolve))
    const dialling = peer.dial(wang)
    await expect.poll(() => expected.size).toBe(1)
    expect(peer.calls.values().next().value?.heard).toEqual([])
    stores = async () => {}
    commit()
    const call = await dialling
    await untilTold('leg-up')
    expect(told('arrived')).toMatchObject([{ party: { kind: 'phone', number: wang }, line, locale: 'zh-CN' }])
    expect(call.heard).toHaveLength(1)
    expect(call.heard[0]).toMatch(
      /^<\?xml version="1.0" encoding="UTF-8"\?><Response><Connect><Stream url="wss:\/\/yihu.example\/twilio\/media"><Parameter name="token" value="[\w-]{32}"\/><\/Stream><\/Connect><Redirect method="POST">https:\/\/yihu.example\/twilio\/stream-over<\/Redirect><\/Response>$/,
    )
  })

  test('the webhook sent again is answered the same and makes no second call', async () => {
    const { call } = await talking()
    const again = await peer.webhook(`${account.baseUrl}/twilio/voice`, peer.formOf(call))
    expect(again).toMatchObject({ status: 200, text: call.heard[0] })
    expect(told('arrived')).toHaveLength(1)
  })

  test('two webhooks at the same moment make one call', async () => {
    let commit = () => {}
    stores = () => new Promise((resolve) => (commit = resolve))
    const dialling = peer.dial(wang)
    await expect.poll(() => expected.size).toBe(1)
    const again = peer.webhook(
      `${account.baseUrl}/twilio/voice`,
      peer.formOf([...peer.calls.values()][0] as PretendCall),
    )
    stores = async () => {}
    commit()
    const call = await dialling
    expect((await again).text).toBe(call.heard[0])
    expect(told('arrived')).toHaveLength(1)
  })

  test.each(['anonymous', '+266696687', '+86282452253', 'Restricted', '', 'sip:1000@pbx.example'])(
    'a number shown as "%s" is withheld, and each such call is one of its own',
    async (from) => {
      await peer.dial(from)
      await peer.dial(from)
      await untilTold('arrived', 2)
      expect(told('arrived').map(({ party }) => party)).toEqual([
        { kind: 'phone', number: null },
        { kind: 'phone', number: null },
      ])
    },
  )

  test('a foreign telephone is spoken to in English', async () => {
    await peer.dial('+447700900123')
    await untilTold('arrived')
    expect(told('arrived')[0]?.locale).toBe('en')
  })

  test('who hangs up ends the leg once, whatever reports come after and however often', async () => {
    const { call, legId } = await talking()
    await peer.end(call, 'completed')
    await peer.report(call)
    await peer.report(call, 'in-progress')
    await peer.report(call, 'ringing')
    await untilTold('leg-down')
    expect(told('leg-down')).toMatchObject([{ legId, because: 'hung-up' }])
  })

  test('when we hang up, the telephone at the other end is put down', async () => {
    const { call, legId } = await talking()
    legs.end(legs.get(legId) as never, 'hung-up')
    await expect.poll(() => call.status).toBe('completed')
    expect(call.dialled).toBeUndefined()
    expect(told('leg-down')).toHaveLength(1)
  })

  test('who hangs up while the call is being stored has a call that ended', async () => {
    let commit = () => {}
    stores = () => new Promise((resolve) => (commit = resolve))
    const dialling = peer.dial(wang)
    await expect.poll(() => expected.size).toBe(1)
    const call = [...peer.calls.values()][0] as PretendCall
    call.status = 'canceled'
    await peer.report(call)
    stores = async () => {}
    commit()
    await dialling
    await expect.poll(() => told('leg-down').map(({ because }) => because)).toContain('hung-up')
    expect(told('leg-down').every(({ because }) => because === 'hung-up')).toBe(true)
    expect(call.heard[0]).toContain('<Hangup/>')
  })
})

describe('no sound can be had', () => {
  test('with the media overloaded they are put through to the overflow number, and the call is told as one that was not taken', async () => {
    media.legs = 8
    const call = await peer.dial(wang)
    expect(call.dialled).toEqual({
      number: overflowNumber,
      callerId: undefined,
      action: `${account.baseUrl}/twilio/stream-over`,
    })
    await untilTold('leg-down')
    expect(events).toMatchObject([
      { type: 'arrived', party: { number: wang }, line },
      { type: 'leg-down', because: 'not-taken' },
    ])
    expect(events[0]).toMatchObject({ legId: told('leg-down')[0]?.legId })
  })

  test('with the media refusing, and when the call cannot be stored, it is the same', async () => {
    media.refuses = true
    expect((await peer.dial(wang)).dialled?.number).toBe(overflowNumber)
    media.refuses = false
    let first = true
    stores = async () => {
      if (first) {
        first = false
        throw new Error('no database')
      }
    }
    const call = await peer.dial('+8613800000002')
    expect(call.dialled?.number).toBe(overflowNumber)
    expect(call.status).toBe('in-progress')
    await expect
      .poll(() => told('arrived').map(({ party }) => 'number' in party && party.number))
      .toEqual([wang, '+8613800000002'])
    expect(endsAsked()).toBe(0)
  })

  test('a call of a withheld number that is committed after we gave it up is not told of as a second one', async () => {
    let first = true
    stores = async (event) => {
      if (!first) return
      first = false
      events.push(event) // committed, but nobody heard of it in time
      throw new Error('not handled in time')
    }
    expect((await peer.dial('anonymous')).dialled?.number).toBe(overflowNumber)
    await untilTold('leg-down')
    const [one, again] = told('arrived')
    expect(told('arrived')).toHaveLength(2)
    expect([again?.callId, again?.legId]).toEqual([one?.callId, one?.legId])
    expect(told('leg-down')).toMatchObject([{ callId: one?.callId, because: 'not-taken' }])
  })

  test('whom the overflow number does not answer hears that they are called back; whom it does, nothing more', async () => {
    media.refuses = true
    const [one, two] = [await peer.dial(wang), await peer.dial('+8613800000002')]
    await peer.dialEnds(one, 'no-answer')
    expect(one.said).toContain('回电')
    expect(one.status).toBe('completed')
    await peer.dialEnds(two, 'completed')
    expect(two.said).toBe('')
    expect(two.status).toBe('completed')
  })

  test('without an overflow number they hear at once that they are called back, in both languages', async () => {
    await stop()
    await start({ overflow: undefined })
    media.refuses = true
    const call = await peer.dial(wang)
    expect(call.said).toMatch(/回电.*call you back/)
    expect(call.status).toBe('completed')
  })

  test('a withheld number is shown to the overflow number as ours', async () => {
    media.refuses = true
    expect((await peer.dial('anonymous')).dialled?.callerId).toBe(ours)
  })

  test('when the media dies in the middle, who is still there is put through, and the sweep lets them talk', async () => {
    const { call } = await talking()
    legs.endAll()
    call.stream?.close()
    await expect.poll(() => call.dialled?.number).toBe(overflowNumber)
    at += 60_000
    await carrier.sweep()
    expect(call.status).toBe('in-progress')
    expect(told('leg-down')).toMatchObject([{ because: 'media-lost' }])
  })

  test('a caller from before our restart is put through as well; whom we had rung is put down', async () => {
    const form = { CallSid: `CA${'f'.repeat(32)}`, From: wang, Direction: 'inbound' }
    const stream = `${account.baseUrl}/twilio/stream-over`
    expect((await peer.webhook(stream, form)).text).toContain(`>${overflowNumber}</Dial>`)
    expect((await peer.webhook(stream, { ...form, Direction: 'outbound-api' })).text).toContain('<Hangup/>')
  })

  test('a stream whose token the media does not know is closed, and its caller put through', async () => {
    media.forgets = true
    const call = await peer.dial(wang)
    await expect.poll(() => call.dialled?.number).toBe(overflowNumber)
    await untilTold('leg-down')
    expect(told('leg-down')[0]?.because).toBe('lost')
  })
})

describe('a call goes out', () => {
  test('it is ordered once by an address of ours, and talks when they pick up', async () => {
    expect(await carrier.place(order)).toBe('ringing')
    expect(await carrier.place(order)).toBe('ringing')
    const call = rung()
    expect(peer.asked.filter((line) => line === 'POST /Calls.json')).toHaveLength(1)
    expect(call).toMatchObject({ from: ours, to: wang, url: `${account.baseUrl}/twilio/connect/l1` })
    await peer.picksUp(call)
    await untilTold('leg-up')
    expect(told('leg-up')[0]).toMatchObject({ legId: 'l1', callId: 'c1', party: { number: wang } })
    await peer.end(call, 'completed')
    await untilTold('leg-down')
  })

  test.each([
    ['busy', 'declined'],
    ['no-answer', 'no-answer'],
    ['failed', 'refused'],
    ['canceled', 'hung-up'],
  ])('%s is told as %s, once, with late and repeated reports', async (status, because) => {
    await carrier.place(order)
    const call = rung()
    await peer.end(call, status)
    for (const late of ['initiated', 'ringing', status, 'completed']) await peer.report(call, late)
    await untilTold('leg-down')
    expect(told('leg-down')).toMatchObject([{ legId: 'l1', because }])
  })

  test('who is given up while it rings is no longer rung, and hears nobody if they pick up all the same', async () => {
    await carrier.place(order)
    const call = rung()
    legs.end(legs.get('l1') as never, 'no-answer')
    await expect.poll(() => call.status).toBe('completed')
    const { text } = await peer.webhook(call.url as string, peer.formOf(call))
    expect(text).toContain('<Hangup/>')
  })

  test('a number that Twilio refuses cannot be reached; what it says of it stays out of the log', async () => {
    peer.refuses({ status: 400, code: 21211 })
    expect(await carrier.place(order)).toBe('unreachable')
    expect(legs.get('l1')).toBeUndefined()
    expect(warned.join()).toContain('21211')
    expect(warned.join()).not.toMatch(/\d{7}/)
    peer.refuses({ status: 429, code: 20429 })
    expect(await carrier.place({ ...order, legId: 'l2' })).toBe('overloaded')
    expect(events).toEqual([])
  })

  test('no media for who picks up: they are put down, and it is told', async () => {
    await carrier.place(order)
    media.refuses = true
    await peer.picksUp(rung())
    await untilTold('leg-down')
    expect(rung().status).toBe('completed')
  })

  test('a report that overtakes the answer to our order is not lost', async () => {
    await carrier.place(order)
    const call = rung()
    await peer.webhook(call.statusCallback as string, { ...peer.formOf(call), CallStatus: 'busy', SequenceNumber: '2' })
    await untilTold('leg-down')
    expect(told('leg-down')[0]?.because).toBe('declined')
  })
})

describe('reports that never come', () => {
  test('a call that rang out without a word is found by the sweep', async () => {
    await carrier.place(order)
    peer.silent(true)
    await peer.end(rung(), 'no-answer')
    await carrier.sweep()
    expect(events).toEqual([])
    at += 91_000
    await carrier.sweep()
    await untilTold('leg-down')
    expect(told('leg-down')[0]?.because).toBe('no-answer')
  })

  test('a call that we could not end is ended by the sweep, once Twilio can be reached again', async () => {
    const { call, legId } = await talking()
    peer.refuses({ status: 503, code: 0 })
    legs.end(legs.get(legId) as never, 'hung-up')
    await expect.poll(endsAsked).toBe(2) // asked again once
    peer.refuses(undefined)
    expect(call.status).toBe('in-progress')
    at += 16_000
    await carrier.sweep()
    expect(call.status).toBe('completed')
  })

  test('a call that talks is left alone', async () => {
    const { call } = await talking()
    at += 6 * 60_000
    await carrier.sweep()
    expect(call.status).toBe('in-progress')
    expect(peer.asked).toContain(`GET /Calls/${call.sid}.json`)
  })
})

describe('the door', () => {
  const voice = `${account.baseUrl}/twilio/voice`
  const form = { CallSid: `CA${'e'.repeat(32)}`, From: wang, To: line, Direction: 'inbound' }
  test.each(['voice', 'connect/l1', 'stream-over', 'call-status', 'sms', 'sms-status'])(
    '/twilio/%s tells nothing to who has no signature of Twilio',
    async (door) => {
      for (const signature of ['', 'bm8=', 'RSOYDt4T1cUTdK1PDd93/VVr8B8='])
        expect(await peer.webhook(`${account.baseUrl}/twilio/${door}`, form, signature)).toMatchObject({
          status: 403,
          text: '',
        })
      expect(events).toEqual([])
      expect(texts).toEqual([])
    },
  )
  test('a body that is too large, or none of a form, tells nothing either', async () => {
    expect(await peer.webhook(voice, { ...form, more: 'x'.repeat(40_000) })).toMatchObject({ status: 403, text: '' })
    for (const contentType of ['application/json', 'text/xml']) {
      const reply = await app.inject({
        method: 'POST',
        url: '/twilio/voice',
        headers: { 'content-type': contentType },
        payload: '{}',
      })
      expect(reply).toMatchObject({ statusCode: 403, body: '' })
    }
  })
  test('a signature for another address, or for other words, is none', async () => {
    const twilio = await import('twilio')
    const elsewhere = twilio.default.getExpectedTwilioSignature(account.token, voice.replace('https', 'http'), form)
    expect((await peer.webhook(voice, form, elsewhere)).status).toBe(403)
    const good = twilio.default.getExpectedTwilioSignature(account.token, voice, form)
    expect((await peer.webhook(voice, { ...form, From: '+8613800000009' }, good)).status).toBe(403)
    expect((await peer.webhook(voice, form, good)).status).toBe(200)
  })
})

describe('messages', () => {
  test('one that comes is handed on with its words as they are, and answered with nothing', async () => {
    const { status, text, sid } = await peer.texts(wang, '我摔倒了 🆘 & <help>', { NumMedia: '2' })
    expect({ status, text }).toEqual({ status: 200, text: '<?xml version="1.0" encoding="UTF-8"?><Response/>' })
    expect(texts).toEqual([{ id: sid, from: wang, to: line, text: '我摔倒了 🆘 & <help>', media: 2, keyword: null }])
  })
  test('the words by which somebody chooses to be written to or not are told as such; HELP is not one of them', async () => {
    for (const body of ['Stop ', 'UNSTOP', 'HELP', 'please stop']) await peer.texts(wang, body)
    await peer.texts(wang, '退订', { OptOutType: 'STOP' })
    expect(texts.map((text) => 'keyword' in text && text.keyword)).toEqual(['stop', 'start', null, null, 'stop'])
  })
  test('what became of one of ours is handed on; a state that says nothing yet is not', async () => {
    const message = {
      sid: `SM${'1'.repeat(32)}`,
      to: wang,
      from: ours,
      body: '',
      statusCallback: `${account.baseUrl}/twilio/sms-status?line=a%3A1`,
    }
    for (const status of ['queued', 'sent', 'delivered']) await peer.messageStatus(message, status)
    await peer.messageStatus(message, 'undelivered', 21610)
    expect(texts).toEqual([
      { reference: 'a:1', state: 'sent', refused: null },
      { reference: 'a:1', state: 'delivered', refused: null },
      { reference: 'a:1', state: 'failed', refused: 'opted-out' },
    ])
  })
})
