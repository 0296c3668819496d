import { isByMessage, isLive } from '../calls/machine.ts'
import type { StoredCall } from '../calls/model.ts'
import { callColumns, loadCall } from '../calls/store.ts'
import { type Typing, typing } from '../contracts/realtime.ts'
import type { Party } from '../contracts/voice.ts'
import type { Parts } from '../platform/parts.ts'

/** The conversation by message that this telephone has now. */
async function conversationOf({ db }: Pick<Parts, 'db'>, number: string): Promise<StoredCall | undefined> {
  const [call] = await db.query<StoredCall>(
    `SELECT ${callColumns} FROM call WHERE number = $1 AND medium = 'text' AND status <> 'ended' ORDER BY offered_at DESC LIMIT 1`,
    [number],
  )
  return call
}

/**
 * Real-time text: what one side of a conversation in writing is typing is shown to the other at once, as it is when two
 * people speak. It is passed on and never stored; only a line that was sent is. Whoever has no part in it tells nobody.
 */
export async function passTyping(parts: Parts, from: Party, said: unknown): Promise<void> {
  const read = typing.safeParse(said)
  if (!read.success) return
  const { callId, text } = read.data
  const number = from.kind === 'phone' ? from.number : null
  const call = callId ? await loadCall(parts.db, callId) : number ? await conversationOf(parts, number) : undefined
  if (!call?.operatorId || !isLive(call)) return
  const told: Typing = { callId: call.id, text }
  const theirs = isByMessage(call) ? call.number : null
  if (from.kind === 'operator') {
    if (from.accountId !== call.operatorId) return
    if (call.deviceId) parts.realtime.toKiosk(call.deviceId, 'typing', told)
    else if (theirs) parts.realtime.toPhone(theirs, 'typing', told)
  } else if (from.kind === 'kiosk' ? from.deviceId === call.deviceId : number !== null && number === theirs)
    parts.realtime.toOperator(call.operatorId, 'typing', told)
}
