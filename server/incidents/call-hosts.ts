import { forgetHost, type HostWork, hostWork, orphans, silentHosts } from '../calls/hosts.ts'
import { settleHere } from '../calls/settle.ts'
import { handOn } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { changeCall } from './call-change.ts'
import { placeLegs } from './call-jobs.ts'

/** Does at this media host what other processes ask of it for the calls that live here. */
export function workAsHost(parts: Parts): void {
  parts.bus.on('ping', () => true)
  parts.bus.on(hostWork, (work: HostWork) => {
    switch (work.do) {
      case 'settle':
        return settleHere(parts, work.callId)
      case 'place':
        return placeLegs(parts, work.callId)
      case 'hang-up':
        return parts.voice.hangUp(work.legId, work.because)
    }
  })
}

// A host that only stalls says again that it is there; what it carries must not be ended for a moment's sake.
const goneAfterMs = 10_000

/**
 * Media hosts that are silent, and cannot be asked or are silent for long, are gone. Voice calls without a living host end as
 * media-lost and are called back before everybody; operators' lines that were there are down.
 */
export async function sweepHosts(parts: Parts): Promise<void> {
  for (const { id, silentMs } of await silentHosts(parts.db)) {
    if (id === parts.bus.id) continue
    const answers =
      silentMs < goneAfterMs &&
      (await parts.bus.ask(id, 'ping', null).then(
        () => true,
        () => false,
      ))
    if (!answers) await forgetHost(parts.db, id)
  }
  const { calls, lines } = await orphans(parts.db, parts.bus.id)
  for (const callId of calls) await changeCall(parts, { callId, decide: () => ({ say: 'end', because: 'media-lost' }) })
  if (lines.length === 0) return
  const now = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    const rows = await tx.query<{ id: string }>(
      'UPDATE operator_leg SET up = false, since = $2 WHERE up AND account_id = ANY ($1) RETURNING account_id AS id',
      [lines, now],
    )
    for (const { id } of rows) await handOn(tx, 'operator-leg-lost', id, now)
  })
  for (const id of lines)
    parts.realtime.toOperator(id, 'presence.changed', { id, version: 0, seq: 0, row: { line: false } })
}
