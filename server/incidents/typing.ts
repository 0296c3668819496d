import { isLive } from '../calls/machine.ts'
import { loadCall } from '../calls/store.ts'
import { type Typing, typing } from '../contracts/realtime.ts'
import type { Party } from '../contracts/voice.ts'
import type { Parts } from '../platform/parts.ts'

/**
 * Real-time text: what one side of a conversation in writing is typing is shown to the other at once, as it is when two
 * people speak. It is passed on and never stored; only a line that was sent is. Whoever has no part in it tells nobody.
 */
export async function passTyping(parts: Parts, from: Party, said: unknown): Promise<void> {
  const read = typing.safeParse(said)
  if (!read.success) return
  const call = await loadCall(parts.db, read.data.callId)
  if (!call?.deviceId || !call.operatorId || !isLive(call)) return
  const told: Typing = read.data
  if (from.kind === 'kiosk' && from.deviceId === call.deviceId)
    parts.realtime.toOperator(call.operatorId, 'typing', told)
  if (from.kind === 'operator' && from.accountId === call.operatorId)
    parts.realtime.toKiosk(call.deviceId, 'typing', told)
}
