import { v7 } from 'uuid'
import type { VoiceAddress } from '../contracts/voice.ts'
import type { Stored } from '../incidents/store.ts'
import type { Tx } from '../platform/db.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { stampHost } from './hosts.ts'
import { type StoredCall, untouchedCall } from './model.ts'
import { handOnCall } from './move.ts'
import { insertCall, insertLeg } from './store.ts'

type Outgoing = { address: VoiceAddress; label: string } & Pick<StoredCall, 'locale'> &
  Partial<Pick<StoredCall, 'operatorId' | 'contactId' | 'asks' | 'asksId'>>

/** Writes a call out, ringing, at this media host; the job places it. Inside the transaction that decided it. */
export async function ringOut(
  parts: Parts,
  tx: Tx,
  incident: Stored,
  { address, label, ...more }: Outgoing,
  host: Parameters<typeof stampHost>[2],
): Promise<StoredCall> {
  const now = parts.clock.now()
  const call = await insertCall(tx, {
    ...untouchedCall,
    id: v7(),
    incidentId: incident.id,
    direction: 'out',
    medium: 'voice',
    status: 'ringing',
    line: '',
    number: 'phone' in address ? address.phone : null,
    deviceId: 'kiosk' in address ? address.kiosk : 'unit' in address ? address.unit : null,
    areaPath: incident.areaPath,
    offeredAt: now,
    ...more,
  })
  await stampHost(tx, call.id, host)
  await insertLeg(tx, { callId: call.id, legId: v7(), side: 'caller', address, label, status: 'new' }, now)
  await enqueue(tx, 'place-leg', call.id, now)
  await handOnCall(parts, tx, call)
  return call
}
