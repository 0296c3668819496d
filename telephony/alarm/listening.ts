import type { AlarmIn } from '../../server/contracts/alarms.ts'

/** What a protocol works with. */
export type ProtocolParts = {
  alarms: AlarmIn
  now(): Date
  /** For those who listen over TLS: certificate and key, PEM. */
  tls?: { cert: Buffer; key: Buffer } | undefined
  log: { warn(about: object, words: string): void; info(about: object, words: string): void }
}

export type Listening = { port: number; stop(): Promise<void> }
export type ListenAt = { transport: 'tcp' | 'udp' | 'tls'; host: string; port: number }
