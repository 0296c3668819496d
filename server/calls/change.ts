import { commitFacts } from '../incidents/change.ts'
import type { Fact } from '../incidents/model.ts'
import { lock, type Stored } from '../incidents/store.ts'
import type { Tx } from '../platform/db.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import type { CallCommand, StoredCall } from './model.ts'
import { handOnCall, move } from './move.ts'
import { loadCall, lockCall } from './store.ts'

type Said = CallCommand | 'legs' | null | Refusal
type Change = {
  callId: string
  inScope?: (areaPath: string) => boolean
  /** What to say to the call; `legs` when only its legs changed, null when nothing is to be done; or a refusal. */
  decide: (call: StoredCall, incident: Stored, tx: Tx) => Said | Promise<Said>
  /** Who does it; the system when left out. */
  operatorId?: string
  /** Further facts of the incident, e.g. the new owner at a hand-over. */
  facts?: (call: StoredCall, incident: Stored) => Fact[]
  also?: (tx: Tx, call: StoredCall, incident: Stored) => Promise<void>
}

/**
 * The one way in which a call changes: its incident's row is locked first, then the call; both commit together with the
 * facts; then the push, and the media is made to follow. What was known already changes nothing.
 */
export async function changeCall(parts: Parts, change: Change): Promise<StoredCall | Refusal> {
  const found = await loadCall(parts.db, change.callId)
  if (!found || (change.inScope && !change.inScope(found.areaPath))) return refuse('not-found')
  return parts.db.transaction(async (tx) => {
    const incident = await lock(tx, found.incidentId)
    const call = await lockCall(tx, change.callId)
    if (!incident || !call) return refuse('not-found')
    const command = await change.decide(call, incident, tx)
    if (isRefusal(command)) return command
    if (command === null) return call
    const moved =
      command === 'legs' ? { call, facts: [], changed: true } : await move(parts, tx, call, command, change.operatorId)
    if (isRefusal(moved)) return moved
    const facts = [...moved.facts, ...(change.facts?.(moved.call, incident) ?? [])]
    if (facts.length > 0) await commitFacts(parts, tx, incident, facts)
    await change.also?.(tx, moved.call, incident)
    if (moved.changed) await handOnCall(parts, tx, moved.call)
    return moved.call
  })
}
