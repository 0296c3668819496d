import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import twilio from 'twilio'
import type { SmsIn } from '../../server/contracts/sms.ts'
import type { TwilioCarrier } from './carrier.ts'
import type { Form } from './incoming.ts'
import { readSms, readSmsStatus } from './sms.ts'
import { noMessage } from './twiml.ts'

/** Who answers behind Twilio's doors. */
export type TwilioDoors = {
  signingToken: string
  baseUrl: string
  carrier: TwilioCarrier
  sms: SmsIn
  /** The upgrade to the stream of a call is made where its sound is. */
  takeSocket(request: IncomingMessage, socket: Socket, first: Uint8Array): void
}

// Twilio's longest webhook, a message of 1,600 characters with ten pictures, has less than a quarter of it.
const bodyMaxBytes = 32 * 1024

/**
 * Twilio's webhooks. Only what Twilio has signed is read, and the signature is checked for the address under which we are
 * configured: behind a proxy the request itself does not know it. Whoever else comes is told nothing.
 */
export async function twilioRoutes(app: FastifyInstance, doors: TwilioDoors): Promise<void> {
  const { carrier, sms } = doors
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: bodyMaxBytes },
    (_request, body, done) => done(null, readForm(body as string)),
  )
  app.setErrorHandler((error: { statusCode?: number; message: string }, request, reply) => {
    const status = error.statusCode ?? 500
    if (status >= 400 && status < 500) return reply.code(403).send()
    request.log.error({ fault: error.message, route: request.routeOptions.url }, 'webhook failed')
    return reply.code(503).send()
  })
  const signed = (request: FastifyRequest): boolean => {
    const signature = request.headers['x-twilio-signature']
    if (typeof signature !== 'string' || typeof request.body !== 'object' || request.body === null) return false
    return twilio.validateRequest(doors.signingToken, signature, doors.baseUrl + request.raw.url, request.body)
  }
  const door = (
    path: string,
    answer: (form: Form, request: FastifyRequest) => Promise<string | undefined> | string | undefined,
  ) =>
    app.post(path, { bodyLimit: bodyMaxBytes }, async (request, reply): Promise<FastifyReply> => {
      if (!signed(request)) return reply.code(403).send()
      const twiml = await answer(request.body as Form, request)
      return twiml === undefined ? reply.code(204).send() : reply.type('text/xml').send(twiml)
    })

  door('/twilio/voice', (form) => carrier.voice(form))
  door('/twilio/connect/:legId', (_form, { params }) => carrier.connect((params as { legId: string }).legId))
  door('/twilio/stream-over', (form) => carrier.streamOver(form))
  door('/twilio/call-status', (form, { query }) => {
    carrier.callStatus(form, (query as { leg?: string }).leg)
    return undefined
  })
  door('/twilio/sms', async (form) => {
    const heard = readSms(form)
    if (heard) await sms.heard(heard)
    return noMessage()
  })
  door('/twilio/sms-status', async (form, { query }) => {
    const reported = readSmsStatus(form, (query as { line?: string }).line ?? '')
    if (reported) await sms.reported(reported)
    return undefined
  })

  app.server.on('upgrade', (request, socket, first) => {
    if (pathOf(request) === '/twilio/media') doors.takeSocket(request, socket as Socket, first)
  })
}

const pathOf = ({ url }: IncomingMessage) => url?.split('?')[0]

/** Fields as they were sent; one that came twice is a list, as the signature counts it. */
function readForm(body: string): Form {
  const form: Form = Object.create(null)
  for (const [name, value] of new URLSearchParams(body)) {
    const before = form[name]
    form[name] = before === undefined ? value : [before, value].flat()
  }
  return form
}
