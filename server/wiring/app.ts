import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { constants } from 'node:zlib'
import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import helmet from '@fastify/helmet'
import rateLimit from '@fastify/rate-limit'
import statics from '@fastify/static'
import fastify, { type FastifyBaseLogger, type FastifyError, type FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { lorawanRoutes } from '../../telephony/alarm/lorawan/routes.ts'
import { webhookRoutes } from '../../telephony/alarm/webhook/routes.ts'
import { type TwilioDoors, twilioRoutes } from '../../telephony/twilio/routes.ts'
import { accountRoutes } from '../access/account-routes.ts'
import { areaRoutes } from '../access/area-routes.ts'
import { deskCookie, deskOf, usernameOf } from '../access/desk.ts'
import { makeGuard } from '../access/guard.ts'
import { sessionRoutes } from '../access/session-routes.ts'
import { confirmRoutes } from '../alarms/confirm-routes.ts'
import type { AlarmIntake } from '../alarms/open-from-alarm.ts'
import { outageRoutes } from '../alarms/outage.ts'
import { alarmRoutes } from '../alarms/routes.ts'
import { nuisanceRoutes } from '../calls/nuisance.ts'
import { callRoutes } from '../calls/routes.ts'
import { recordingRoutes } from '../calls/sound/routes.ts'
import { catalogueRoutes } from '../catalogue/routes.ts'
import type { AlarmIn } from '../contracts/alarms.ts'
import { api } from '../contracts/api.ts'
import { dispatchRoutes as dispatchApi } from '../contracts/dispatch.ts'
import { deviceRoutes } from '../devices/routes.ts'
import { demoRoutes } from '../dispatch/demo-routes.ts'
import { dispatchRoutes } from '../dispatch/routes.ts'
import { campaignRoutes } from '../follow-up/campaign-routes.ts'
import { followUpRoutes } from '../follow-up/routes.ts'
import { hotlineRoutes } from '../hotlines/routes.ts'
import { fileRoutes } from '../incidents/file-routes.ts'
import { incidentRoutes } from '../incidents/routes.ts'
import { kioskRoutes } from '../messages/kiosk-routes.ts'
import { messageRoutes } from '../messages/routes.ts'
import { keepRoom } from '../platform/http-connections.ts'
import { openMetrics } from '../platform/metrics-route.ts'
import { openapi } from '../platform/openapi.ts'
import type { Parts } from '../platform/parts.ts'
import { lastAnswersMs } from '../platform/realtime.ts'
import { sendProblem, serve, setGuard } from '../platform/serve.ts'
import { providerRoutes } from '../providers/routes.ts'
import { allHandsDoors } from '../queue/all-hands.ts'
import { queueRoutes } from '../queue/routes.ts'
import { residentRoutes } from '../residents/routes.ts'

// The largest form is a resident with twelve contacts; an alarm is a hundredth of it.
const bodyMaxBytes = 64 * 1024

// Who sends slower than this is no browser on a weak line but somebody who holds connections open. A large upload over 50 kB/s fits.
const patience = { headersMs: 10_000, requestMs: 60_000, lookEveryMs: 5_000 }

// Smaller ones are one packet either way.
const compressedFromBytes = 1024

type Options = {
  intake: AlarmIntake
  /** Reasons why the product is not ready; none when it is. */
  unready(): Promise<string[]>
  /** Ways in that could not be opened; the rest of the product is ready without them. */
  closedWays?(): string[]
  consoleDir: string
  map(): z.input<typeof dispatchApi.map.reply>
  /** Twilio's webhooks, where it is configured. */
  twilio?: TwilioDoors | undefined
  /** Where alarm devices behind a LoRaWAN network server or a platform of others are heard. */
  alarms?: AlarmIn | undefined
  /** How long who sends slowly is waited for. */
  patience?: typeof patience
}

/** The web role: every route of the contract table, each behind the guard, then the pages. */
export async function buildApp(parts: Parts, options: Options): Promise<FastifyInstance> {
  const { headersMs, requestMs, lookEveryMs } = options.patience ?? patience
  const app: FastifyInstance = fastify({
    // No access log: its paths hold the tokens of responders' links, and it would drown what matters.
    loggerInstance: parts.log.child(
      {},
      { level: parts.log.levelVal >= 40 ? parts.log.level : 'warn' },
    ) as FastifyBaseLogger,
    requestTimeout: requestMs,
    http: { headersTimeout: headersMs, connectionsCheckingInterval: lookEveryMs },
    bodyLimit: bodyMaxBytes,
    routerOptions: { maxParamLength: 200 },
    // Only the proxy right before us is believed; what stands further left in the header, anybody may have written.
    trustProxy: (_address, hop) => parts.env.trustProxy && hop === 0,
  })
  keepRoom(app.server)
  app.addHook('preClose', async () => {
    setTimeout(() => app.server.closeAllConnections(), lastAnswersMs).unref()
  })
  // Only JSON is read; a text would otherwise arrive as a body without fields, and be told of each that is missing.
  app.removeContentTypeParser('text/plain')
  await app.register(cookie)
  await app.register(helmet, {
    contentSecurityPolicy: { directives: policy },
    strictTransportSecurity: parts.env.publicBaseUrl?.startsWith('https:') ?? false,
  })
  await app.register(compress, {
    threshold: compressedFromBytes,
    encodings: ['br', 'gzip'],
    customTypes: /^(application\/(json|problem\+json)|text\/)/,
    // A list is compressed for one reader: the quickest of the good ones.
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  })
  await app.register(rateLimit, {
    global: false,
    // Once the body is read: it says for whom the try is.
    hook: 'preHandler',
    // The people of a desk have its own share: who tries from the same address takes it from nobody. For the accounts of others
    // the address counts, whatever desk is shown: one who may sign in could make a desk with each try.
    keyGenerator: (request) => {
      const desk = deskOf(parts.seal, request.cookies[deskCookie])
      const { username } = (request.body ?? {}) as { username?: unknown }
      return desk?.knows(usernameOf(username)) ? desk.name : request.ip
    },
  })
  app.addHook('onSend', async (request, reply) => {
    reply.header('permissions-policy', 'microphone=(self), camera=(), geolocation=(self), payment=(), usb=()')
    // Answers are about people: no cache keeps them, unless a route says otherwise.
    if (request.url.startsWith('/api') && !reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
  setGuard(app, makeGuard(parts))
  answerFaults(app)
  openPlainRoutes(app, parts, options)

  // What people look at has connections of its own: no list, however long, keeps a press, a call or an operator's answer waiting.
  const pages = { ...parts, db: parts.db.forPages() }
  alarmRoutes(app, parts, options.intake)
  sessionRoutes(app, pages)
  areaRoutes(app, pages)
  accountRoutes(app, pages)
  catalogueRoutes(app, pages)
  hotlineRoutes(app, pages)
  nuisanceRoutes(app, pages)
  residentRoutes(app, pages)
  deviceRoutes(app, pages)
  providerRoutes(app, pages)
  incidentRoutes(app, parts)
  confirmRoutes(app, parts)
  outageRoutes(app, pages)
  callRoutes(app, parts)
  messageRoutes(app, parts)
  kioskRoutes(app, parts)
  recordingRoutes(app, pages)
  fileRoutes(app, pages)
  queueRoutes(app, parts)
  allHandsDoors(app, pages)
  dispatchRoutes(app, parts)
  followUpRoutes(app, pages)
  campaignRoutes(app, pages, options.intake)
  demoRoutes(app, pages, { on: false })
  if (options.twilio) await app.register(twilioRoutes, options.twilio)
  const { log, clock } = parts
  const { alarms } = options
  if (alarms) await app.register(webhookRoutes, { alarms, now: clock.now, log })
  if (alarms) await app.register(lorawanRoutes, { alarms, log })
  const town = options.map()
  serve(app, dispatchApi.map, async ({ reply }) => {
    reply.header('cache-control', 'private, max-age=3600')
    return town
  })

  if (existsSync(join(options.consoleDir, 'index.html'))) {
    await app.register(statics, {
      root: options.consoleDir,
      maxAge: '1y',
      immutable: true,
      index: false,
      wildcard: false,
      preCompressed: true,
    })
  }
  app.setNotFoundHandler((request, reply) => {
    const page =
      request.method === 'GET' && !request.url.startsWith('/api') && existsSync(join(options.consoleDir, 'index.html'))
    if (page)
      return reply
        .header('cache-control', 'no-cache')
        .type('text/html')
        .sendFile('index.html', { maxAge: 0, immutable: false })
    return sendProblem(reply, {
      refused: 'not-found',
      detail: 'There is nothing here. GET /api/openapi.json lists what there is.',
    })
  })
  return app
}

const policy = {
  defaultSrc: ["'self'"],
  // antd writes its styles at run time.
  styleSrc: ["'self'", "'unsafe-inline'"],
  imgSrc: ["'self'", 'data:', 'blob:'],
  fontSrc: ["'self'", 'data:'],
  connectSrc: ["'self'", 'ws:', 'wss:'],
  scriptSrc: ["'self'"],
  frameAncestors: ["'none'"],
  upgradeInsecureRequests: null,
}

/** Whatever goes wrong becomes problem+json; a bug is logged with its stack, the caller is told nothing of it. */
function answerFaults(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status === 429)
      return sendProblem(reply, { refused: 'too-many-requests', detail: 'Wait a minute and try again.' })
    if (status === 413)
      return reply
        .status(413)
        .header('content-type', 'application/problem+json')
        .send({
          type: 'urn:yihu:problem:too-large',
          title: 'too large',
          status: 413,
          code: 'too-large',
          detail: `Send at most ${request.routeOptions.bodyLimit} bytes.`,
        })
    if (status >= 400 && status < 500)
      return sendProblem(reply, {
        refused: 'bad-request',
        detail: 'Send a JSON body with content-type application/json.',
      })
    request.log.error({ fault: error.message, stack: error.stack, route: request.routeOptions.url }, 'request failed')
    reply.status(503).header('retry-after', '5').header('content-type', 'application/problem+json').send({
      type: 'urn:yihu:problem:outage',
      title: 'outage',
      status: 503,
      code: 'outage',
      detail: 'Nothing was changed. Send it again in a moment.',
    })
  })
}

function openPlainRoutes(app: FastifyInstance, parts: Parts, options: Options): void {
  app.get('/healthz', async () => ({ ok: true }))
  app.get('/readyz', async (_request, reply) => {
    const reasons = await options.unready()
    return reply
      .status(reasons.length > 0 ? 503 : 200)
      .send({ ready: reasons.length === 0, reasons: [...reasons, ...(options.closedWays?.() ?? [])] })
  })
  openMetrics(app, parts)
  const described = openapi(api)
  app.get('/api/openapi.json', async () => described)
}
