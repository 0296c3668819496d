import { z } from 'zod'
import { type IceServer, iceServer } from '../contracts/voice.ts'
import { type AlarmEnv, alarmEnv, alarmSettings } from './alarm-env.ts'
import { type At, commaList, listenAt, listenList, portOrOff } from './listen-list.ts'
import { isLoopback } from './loopback.ts'
import { StartFault } from './start-fault.ts'
import { type TwilioEnv, twilioEnv, twilioRoles, twilioSettings } from './twilio-env.ts'

const port = z.coerce.number().int().min(0).max(65535)
const flag = z.enum(['0', '1']).transform((value) => value === '1')

/** A trunk or a telephone of the house, as SIP_PEERS lists them; see docs/telephony.md 2. */
const sipPeer = z.strictObject({
  name: z.string().regex(/^[\w-]{1,40}$/),
  kind: z.enum(['trunk', 'telephone']),
  from: z.array(z.union([z.cidrv4(), z.cidrv6()])).default([]),
  at: z
    .object({
      host: z.string().min(1),
      port: z.number().int().min(1).max(65_535),
      transport: z.enum(['udp', 'tcp', 'tls']),
    })
    .optional(),
  user: z.string().max(60).optional(),
  password: z.string().min(8, 'must have at least 8 characters').optional(),
  digest: z.enum(['MD5', 'SHA-256']).optional(),
  register: z.object({ expiresSeconds: z.number().int().min(60).max(86_400) }).optional(),
  number: z
    .string()
    .regex(/^\+\d{5,15}$/)
    .optional(),
  callerId: z.string().max(20).optional(),
  secure: z.boolean().optional(),
})

const schema = z.object({
  PORT: port.default(3000),
  HOST: z.string().min(1).default('127.0.0.1'),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgres://')
    .optional(),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must start with redis://')
    .optional(),
  ROLES: z
    .string()
    .default('web,worker,media')
    .transform((list) => list.split(',').map((role) => role.trim()))
    .pipe(z.array(z.enum(['web', 'worker', 'media'])).min(1)),
  DEMO: flag.optional(),
  ICE_SERVERS: z
    .string()
    .default('[]')
    .transform((text, context) => {
      try {
        return z.array(iceServer).parse(JSON.parse(text))
      } catch {
        context.addIssue('must be a JSON list like [{"urls":"stun:host:3478"}]')
        return z.NEVER
      }
    }),
  MEDIA_PUBLIC_ADDRESSES: commaList,
  MEDIA_PORTS: z
    .string()
    .regex(/^\d{4,5}-\d{4,5}$/, 'must be a range like 40000-40999')
    .optional(),
  SIP_PORT: portOrOff(5_060),
  SIPS_PORT: portOrOff(5_061),
  SIP_LISTEN: listenList(['udp', 'tcp', 'tls'], 'udp:192.0.2.1:5060,tls:192.0.2.1:5061'),
  SIP_PEERS: z
    .string()
    .default('[]')
    .transform((text, context) => {
      try {
        return z.array(sipPeer).parse(JSON.parse(text))
      } catch (error) {
        const why =
          error instanceof z.ZodError
            ? error.issues.map((one) => `${one.path.join('.')} ${one.message}`).join(', ')
            : 'not JSON'
        context.addIssue(`must be a JSON list of trunks and telephones as in docs/telephony.md, section 2 (${why})`)
        return z.NEVER
      }
    }),
  SIP_REALM: z.string().min(1).max(60).default('yihu'),
  SIP_TLS_CERT: z.string().min(1).optional(),
  SIP_TLS_KEY: z.string().min(1).optional(),
  MEDIA_LEGS_MAX: z.coerce.number().int().min(1).max(2000).default(200),
  TEST_CALL_HOURS: z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$/, 'must be hours of a day like 09:00-18:00')
    .default('09:00-18:00')
    .transform((hours) => ({ from: hours.slice(0, 5), to: hours.slice(6) })),
  HOTLINE_NUMBER: z.string().trim().max(20).default('12349'),
  PUBLIC_BASE_URL: z
    .url({ protocol: /^https?$/ })
    .refine((url) => new URL(url).pathname === '/', 'must be an address without a path, such as https://yihu.example')
    .transform((url) => new URL(url).origin)
    .optional(),
  TRUST_PROXY: flag.default(false),
  LOG_LEVEL: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info'),
  METRICS_PORT: port.optional(),
  METRICS_TOKEN: z.string().min(16, 'must have at least 16 characters').optional(),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
  FIELD_KEY: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits (32 bytes)')
    .optional(),
  ...alarmSettings,
  ...twilioSettings,
})

/** How voice reaches this host; the media process is told at its start. */
export type MediaEnv = {
  iceServers: IceServer[]
  publicAddresses: string[]
  portRange: [number, number] | null
  legsMax: number
}

/** The SIP edge; undefined where it is closed. */
export type SipEnv = {
  listen: At<'udp' | 'tcp' | 'tls'>[]
  tls: { certFile: string; keyFile: string } | undefined
  publicAddress: string | undefined
  realm: string
  peers: z.output<typeof sipPeer>[]
}

function mediaEnv(env: z.output<typeof schema>): MediaEnv {
  const range = env.MEDIA_PORTS?.split('-').map(Number)
  return {
    iceServers: env.ICE_SERVERS,
    publicAddresses: env.MEDIA_PUBLIC_ADDRESSES,
    portRange: range ? [range[0] as number, range[1] as number] : null,
    legsMax: env.MEDIA_LEGS_MAX,
  }
}

function sipEnv(env: z.output<typeof schema>): SipEnv | undefined {
  const { SIP_TLS_CERT: certFile, SIP_TLS_KEY: keyFile } = env
  const tls = certFile && keyFile ? { certFile, keyFile } : undefined
  const plain = listenAt(env.SIP_LISTEN, env.SIP_PORT, env.HOST, ['udp', 'tcp'])
  // Without a certificate there is nothing to be secure with.
  const secure = tls && env.SIP_LISTEN.length === 0 ? listenAt([], env.SIPS_PORT, env.HOST, ['tls' as const]) : []
  const listen = [...plain, ...secure]
  if (listen.length === 0) return undefined
  if (!tls && listen.some((one) => one.transport === 'tls'))
    throw new StartFault(
      'SIP_LISTEN has tls, which needs SIP_TLS_CERT and SIP_TLS_KEY: the files of its certificate and key.',
    )
  return { listen, tls, publicAddress: env.MEDIA_PUBLIC_ADDRESSES[0], realm: env.SIP_REALM, peers: env.SIP_PEERS }
}

export type Env = AlarmEnv & {
  port: number
  host: string
  dataDir: string
  databaseUrl: string | undefined
  redisUrl: string | undefined
  roles: ('web' | 'worker' | 'media')[]
  demo: boolean
  /** Scheme, host and port, without a slash at the end: links and Origin headers are compared with it. */
  publicBaseUrl: string | undefined
  /** The one number, as it is shown to people. 12349 is the usual one of community services in China. */
  hotline: string
  voice: MediaEnv
  sip: SipEnv | undefined
  /** Within these hours of each day residents are called for a test, by the centre's clock. */
  testCallHours: { from: string; to: string }
  trustProxy: boolean
  logLevel: string
  fieldKey: string | undefined
  /** Where this process alone tells its figures, besides the web role's own port. */
  metricsPort: number | undefined
  /** Whoever shows it may read /metrics; without one, only this machine. */
  metricsToken: string | undefined
  /** Where traces go, by OTLP over HTTP; without it nothing is traced and nothing of it is loaded. */
  tracesTo: string | undefined
  /** The carrier Twilio, when it is configured. */
  twilio: TwilioEnv | undefined
  /** Who is rung when no call can be taken here. */
  overflowNumber: string | undefined
}

/** Reads the configuration once, at start. A setting that cannot be used is named with what would do. Throws a StartFault. */
export function readEnv(source: NodeJS.ProcessEnv): Env {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''))
  const parsed = schema.safeParse(given)
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
    throw new StartFault(`The configuration cannot be used. ${faults.join('; ')}.`)
  }
  const env = parsed.data
  // The embedded profile is for trying out; a configured one never gets pretend people unless asked.
  const demo = env.DEMO ?? env.DATABASE_URL === undefined
  if (demo && env.DEMO === undefined && !isLoopback(env.HOST))
    throw new StartFault(
      `HOST=${env.HOST} can be reached from outside, and the fictional district is on. Set DEMO=1 to show it there all the same, or DEMO=0 to start without.`,
    )
  if (env.CONTACT_ID_NUMBERS.includes(env.HOTLINE_NUMBER))
    throw new StartFault(
      'CONTACT_ID_NUMBERS has the number of the residents (HOTLINE_NUMBER). Who calls there hears a person, not tones: give panels a number of their own.',
    )
  const twilio = twilioEnv(env)
  twilioRoles(twilio, env.ROLES)
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir: env.DATA_DIR,
    databaseUrl: env.DATABASE_URL,
    redisUrl: env.REDIS_URL,
    roles: env.ROLES,
    demo,
    publicBaseUrl: env.PUBLIC_BASE_URL,
    hotline: env.HOTLINE_NUMBER,
    voice: mediaEnv(env),
    sip: sipEnv(env),
    ...alarmEnv(env, env.HOST),
    testCallHours: env.TEST_CALL_HOURS,
    trustProxy: env.TRUST_PROXY,
    logLevel: env.LOG_LEVEL,
    fieldKey: env.FIELD_KEY,
    metricsPort: env.METRICS_PORT,
    metricsToken: env.METRICS_TOKEN,
    tracesTo: env.OTEL_EXPORTER_OTLP_ENDPOINT,
    twilio,
    overflowNumber: env.OVERFLOW_NUMBER,
  }
}
