import { z } from 'zod'
import { type At, commaList, listenAt, listenList, portOrOff } from './listen-list.ts'
import { StartFault } from './start-fault.ts'

/** The settings of the alarm protocols. */
export const alarmSettings = {
  DC09_PORT: portOrOff(12_009),
  DC09_LISTEN: listenList(['tcp', 'udp'], 'tcp:192.0.2.1:12000,udp:192.0.2.1:12000'),
  MQTT_PORT: portOrOff(1_883),
  MQTT_LISTEN: listenList(['tcp', 'tls'], 'tls:192.0.2.1:8883'),
  MQTT_TLS_CERT: z.string().min(1).optional(),
  MQTT_TLS_KEY: z.string().min(1).optional(),
  MQTT_URL: z.url({ protocol: /^mqtts?$/ }).optional(),
  MQTT_CLIENT_ID: z
    .string()
    .regex(/^[\w-]{1,20}$/, 'must be 1 to 20 letters, digits, - or _')
    .default('yihu'),
  MQTT_ACCOUNT: z.string().min(1).max(60).optional(),
  COAP_PORT: portOrOff(5_683),
  COAP_LISTEN: listenList(['udp'], 'udp:10.0.0.1:5683'),
  CONTACT_ID_NUMBERS: commaList.pipe(
    z.array(z.string().regex(/^\+?\d{3,15}$/, 'must be numbers as the trunk dials them, separated by commas')),
  ),
}
const schema = z.object(alarmSettings)

/** Where alarm devices report, and the broker of others at which we listen. */
export type AlarmEnv = {
  alarmPorts: { dc09: At<'tcp' | 'udp'>[]; mqtt: At<'tcp' | 'tls'>[]; coap: At<'udp'>[] }
  mqttTls: { certFile: string; keyFile: string } | undefined
  /** Numbers that alarm panels call to press their messages (Contact ID). */
  contactIdNumbers: string[]
  /** `account`: the gateway device that stands for the broker. */
  mqttBroker: { url: string; clientId: string; account: string | undefined } | undefined
}

/** Throws a StartFault for TLS without a certificate. */
export function alarmEnv(env: z.output<typeof schema>, host: string): AlarmEnv {
  const { MQTT_TLS_CERT: certFile, MQTT_TLS_KEY: keyFile, MQTT_URL: url } = env
  const mqttTls = certFile && keyFile ? { certFile, keyFile } : undefined
  if (env.MQTT_LISTEN.some((one) => one.transport === 'tls') && !mqttTls)
    throw new StartFault(
      'MQTT_LISTEN has tls, which needs MQTT_TLS_CERT and MQTT_TLS_KEY: the files of its certificate and key.',
    )
  return {
    alarmPorts: {
      dc09: listenAt(env.DC09_LISTEN, env.DC09_PORT, host, ['tcp', 'udp']),
      mqtt: listenAt(env.MQTT_LISTEN, env.MQTT_PORT, host, ['tcp']),
      coap: listenAt(env.COAP_LISTEN, env.COAP_PORT, host, ['udp']),
    },
    mqttTls,
    contactIdNumbers: env.CONTACT_ID_NUMBERS,
    mqttBroker: url ? { url, clientId: env.MQTT_CLIENT_ID, account: env.MQTT_ACCOUNT } : undefined,
  }
}
