import type { AlarmIn } from '../../server/contracts/alarms.ts'

/** What a protocol works with. */
export type ProtocolParts = {
  alarms: AlarmIn
  now(): Date
  log: { warn(about: object, words: string): void; info(about: object, words: string): void }
}

export type Listening = { port: number; stop(): Promise<void> }
export type ListenAt = { transport: 'tcp' | 'udp'; host: string; port: number }
