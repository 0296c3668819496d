import type { SmsGateway } from '../contracts/sms.ts'
import type { Recordings, Voice } from '../contracts/voice.ts'
import type { Bus } from './bus.ts'
import type { Clock } from './clock.ts'
import type { Db, PrismaClient, Tx } from './db.ts'
import type { Env } from './env.ts'
import type { Drainer } from './jobs.ts'
import type { Logger } from './log.ts'
import type { Metrics } from './metrics.ts'
import type { Realtime } from './realtime.ts'
import type { Seal } from './seal.ts'
import type { Trace } from './trace.ts'

/** What talks in an incident; it belongs to a room that comes after the incident's, and is handed in. */
export type Conversations = {
  /** The incident went to somebody else, or to nobody: who talks in it follows. */
  follow(
    parts: Parts,
    tx: Tx,
    incident: { id: string; ownerId: string | null },
    facts: { type: string; data: object }[],
  ): Promise<void>
  /** Is somebody on the line, besides those who are only being asked? */
  isOnLine(tx: Tx, incidentId: string): Promise<boolean>
}

/** What a room is given; it makes none of it itself. */
export type Parts = {
  env: Env
  clock: Clock
  db: Db
  prisma: PrismaClient
  seal: Seal
  realtime: Realtime
  bus: Bus
  voice: Voice
  conversations: Conversations
  /** The way to telephones by message; none where none is configured. */
  sms: SmsGateway | undefined
  recordings: Recordings
  /** Where a prompt of our own voice lies, so that the media process finds it. */
  promptFile(locale: string, key: string): string
  /** The folder of the shipped placeholders, with texts.json and <locale>/<key>.wav. */
  shippedPrompts: string
  outbox: Drainer
  metrics: Metrics
  trace: Trace
  log: Logger
}
