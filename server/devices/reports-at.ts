import type { Protocol } from '../contracts/vocabulary.ts'
import type { Env } from '../platform/env.ts'

type Known = Pick<Env, 'publicBaseUrl' | 'host' | 'port' | 'alarmPorts' | 'contactIdNumbers' | 'sip'>
const everywhere = ['0.0.0.0', '::', '']

/** What an installer enters as the server of a device; empty where it is not open here. Pure. */
export function reportsAt(env: Known, protocol: Protocol): string {
  const own = env.publicBaseUrl ?? `http://${env.host}:${env.port}`
  // Who listens everywhere is reached where the pages are.
  const at = (one: { transport: string; host: string; port: number }) =>
    `${one.transport}:${everywhere.includes(one.host) ? (env.sip?.publicAddress ?? new URL(own).hostname) : one.host}:${one.port}`
  switch (protocol) {
    case 'http':
    case 'web':
      return own
    case 'dc09':
    case 'mqtt':
    case 'coap':
      return env.alarmPorts[protocol].map(at).join(' ')
    case 'scaip':
      return (env.sip?.listen ?? []).map(at).join(' ')
    case 'webhook':
      return `${own}/signals`
    case 'contact-id':
      return env.contactIdNumbers.join(' ')
    case 'lorawan':
      return `${own}/lorawan/`
  }
}
