import type { CallRow, CallView, RecordingView } from '../contracts/calls.ts'
import type { CallLeg, StoredCall } from './model.ts'

const iso = (time: Date | null): string | null => time?.toISOString() ?? null

/** Nothing personal in it: it may travel in a push. */
export function callRowView(call: StoredCall): CallRow {
  const { id, incidentId, direction, medium, status, areaPath, operatorId, endedBecause, version, seq } = call
  return {
    id,
    incidentId,
    direction,
    medium,
    status,
    areaPath,
    operatorId,
    offeredAt: call.offeredAt.toISOString(),
    queuedAt: iso(call.queuedAt),
    waitingSince: iso(call.waitingSince),
    answeredAt: iso(call.answeredAt),
    heldAt: iso(call.heldAt),
    endedAt: iso(call.endedAt),
    endedBecause,
    greeting: call.direction === 'in' && call.medium === 'voice' && call.greetedAt === null,
    lastKey: call.keyed.slice(-1),
    asking: call.askedAt !== null,
    asks: call.asks,
    outcome: call.outcome,
    aside: call.aside,
    version,
    seq,
  }
}

export const callPush = (call: StoredCall) => ({
  id: call.id,
  version: call.version,
  seq: call.seq,
  row: callRowView(call),
})

export function callView(
  call: StoredCall,
  legs: CallLeg[],
  recordings: RecordingView[],
  unit: CallView['unit'],
): CallView {
  return {
    ...callRowView(call),
    number: call.number,
    withheld: call.number === null && call.deviceId === null,
    verified: call.verified,
    line: call.line,
    contactId: call.contactId,
    unit,
    keyed: call.keyed,
    rating: call.rating,
    legs: legs.map(({ legId, side, mode, label, status, address }) => ({
      legId,
      side,
      mode,
      label,
      status,
      operatorId: 'operator' in address ? address.operator : null,
    })),
    recordings,
  }
}
