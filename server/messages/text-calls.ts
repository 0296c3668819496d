import { v5 } from 'uuid'
import { changeCall } from '../calls/change.ts'
import { isByMessage, isLive } from '../calls/machine.ts'
import type { StoredCall } from '../calls/model.ts'
import { openFromCall } from '../calls/open-from-call.ts'
import { positionOf } from '../calls/sound/sync-media.ts'
import { loadCall, lockCall } from '../calls/store.ts'
import { addText, textsOf } from '../calls/texts.ts'
import type { CallText } from '../contracts/calls.ts'
import type { KioskCall } from '../contracts/kiosk.ts'
import type { PromptLocale } from '../contracts/voice.ts'
import { hashKey } from '../devices/key.ts'
import type { Caller } from '../platform/caller.ts'
import { after, minutes } from '../platform/clock.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { tellWritten, writeMessage } from './commands.ts'

// Makes the id of a conversation from its first line's, so that a first line sent twice opens one.
const textCallSpace = '9b7e8a52-7a52-5c0e-9d6a-0c9f5a2a7d11'

// A person writes at a kiosk, and one before them may have walked away. Hundreds are somebody with a copied key.
const conversationsMax = 3
const pageGoneAfterMs = minutes(1)

/** The kiosk that holds this key and is in service; undefined for anything else. */
export async function kioskOf(
  { db }: Pick<Parts, 'db'>,
  authorization: string | undefined,
): Promise<string | undefined> {
  const key = /^Bearer (\S{16,200})$/.exec(authorization ?? '')?.[1]
  if (!key) return undefined
  const [row] = await db.query<{ id: string }>(
    `SELECT id FROM device WHERE key_hash = $1 AND kind = 'kiosk' AND state <> 'out-of-service'`,
    [hashKey(key)],
    'kiosk-by-key',
  )
  return row?.id
}

/** Which of these key hashes, as hex, are of kiosks in service. */
export async function kiosksInService({ db }: Pick<Parts, 'db'>, keyHashes: Buffer[]): Promise<Set<string>> {
  const rows = await db.query<{ key: string }>(
    `SELECT encode(key_hash, 'hex') AS key FROM device WHERE key_hash = ANY ($1) AND kind = 'kiosk' AND state <> 'out-of-service'`,
    [keyHashes],
  )
  return new Set(rows.map(({ key }) => key))
}

/** The first line opens the incident and the conversation in one go; from there it waits in the queue like any call. */
export async function beginText(
  parts: Parts,
  deviceId: string,
  said: { clientId: string; text: string; locale: PromptLocale },
): Promise<KioskCall | Refusal> {
  const callId = v5(`${deviceId}:${said.clientId}`, textCallSpace)
  const arrival = {
    callId,
    legId: null,
    party: { kind: 'kiosk' as const, deviceId },
    medium: 'text' as const,
    line: 'kiosk',
    locale: said.locale,
  }
  const tooMany = refuse('too-many-requests', 'Several people write at this kiosk already. Wait a minute, or call.')
  // Looked at before anything is opened: a copied key that opens hundreds costs one look each.
  if ((await othersOpen(parts.db, deviceId, callId, parts.clock.now())) >= conversationsMax) return tooMany
  const first = { side: 'caller' as const, authorId: null, clientId: said.clientId, text: said.text }
  try {
    const call = await openFromCall(parts, arrival, async (tx) => {
      await isNotOneTooMany(tx, deviceId, callId, parts.clock.now())
      await addText(parts, tx, callId, first)
    })
    return kioskView(parts, call)
  } catch (error) {
    if (error instanceof TooManyAtOnce) return tooMany
    throw error
  }
}

class TooManyAtOnce extends Error {}

/**
 * Throws, and with that takes back what was opened, when there are more than one kiosk can have. Those who open some at the same moment
 * wait here for each other, so that each is counted.
 */
async function isNotOneTooMany(tx: Tx, deviceId: string, callId: string, now: Date): Promise<void> {
  await tx.query('SELECT pg_advisory_xact_lock(hashtext($1))', [`kiosk:${deviceId}`])
  if ((await othersOpen(tx, deviceId, callId, now)) >= conversationsMax) throw new TooManyAtOnce()
}

/** How many conversations are open at this kiosk besides this one; one whose page has gone is none. */
async function othersOpen(db: Pick<Tx, 'query'>, deviceId: string, callId: string, now: Date): Promise<number> {
  const [row] = await db.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM call WHERE device_id = $1 AND medium = 'text' AND offered_at > $3 AND status <> 'ended'
       AND coalesce(seen_at, offered_at) > $2 AND id <> $4`,
    [deviceId, after(now, -pageGoneAfterMs), after(now, -minutes(24 * 60)), callId],
    'open-conversations',
  )
  return row?.n ?? 0
}

/** How the conversation of this kiosk stands; asking says that its page is still there. */
export async function kioskCall(parts: Parts, deviceId: string, callId: string): Promise<KioskCall | Refusal> {
  const call = await loadCall(parts.db, callId)
  if (call?.deviceId !== deviceId) return refuse('not-found')
  if (isLive(call) && call.medium === 'text')
    await parts.db.query('UPDATE call SET seen_at = $2 WHERE id = $1', [callId, parts.clock.now()])
  return kioskView(parts, call)
}

async function kioskView(parts: Parts, call: StoredCall): Promise<KioskCall> {
  const { id, status, medium } = call
  return { id, status, medium, position: await positionOf(parts, call), texts: await textsOf(parts, id) }
}

type Line = { clientId: string; text: string }

async function write(
  parts: Parts,
  callId: string,
  said: Line & { side: 'caller' | 'operator'; authorId: string | null },
  may: (call: StoredCall) => Refusal | undefined,
): Promise<StoredCall | Refusal> {
  return parts.db.transaction(async (tx) => {
    const call = await lockCall(tx, callId)
    if (!call) return refuse('not-found')
    const no = may(call) ?? (isLive(call) ? undefined : refuse('call-over', 'The conversation has ended.'))
    if (no) return no
    if (isByMessage(call)) await writeMessage(parts, tx, callId, said)
    else await addText(parts, tx, callId, said)
    await tellWritten(parts, tx, call, said.side === 'caller')
    return call
  })
}

export async function kioskText(
  parts: Parts,
  deviceId: string,
  callId: string,
  said: Line,
): Promise<KioskCall | Refusal> {
  const written = await write(parts, callId, { ...said, side: 'caller', authorId: null }, (call) =>
    call.deviceId === deviceId ? undefined : refuse('not-found'),
  )
  return isRefusal(written) ? written : kioskCall(parts, deviceId, callId)
}

export async function kioskEnd(parts: Parts, deviceId: string, callId: string): Promise<KioskCall | Refusal> {
  const ended = await changeCall(parts, {
    callId,
    decide: (call) => (call.deviceId === deviceId ? { say: 'end', because: 'hung-up' } : refuse('not-found')),
  })
  return isRefusal(ended) ? ended : kioskView(parts, ended)
}

/** An operator writes: who has the conversation. */
export async function operatorText(
  parts: Parts,
  caller: Caller,
  callId: string,
  said: Line,
): Promise<CallText | Refusal> {
  const written = await write(parts, callId, { ...said, side: 'operator', authorId: caller.id }, (call) => {
    if (!caller.may('handle-incident', call.areaPath)) return refuse('not-found')
    return call.operatorId === caller.id ? undefined : refuse('not-owner', 'A colleague talks with them.')
  })
  if (isRefusal(written)) return written
  return (await textsOf(parts, callId)).at(-1) ?? refuse('not-found')
}
