import { NobodyThere } from '../platform/bus.ts'
import { after, minutes } from '../platform/clock.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { changeCall } from './change.ts'
import { forgetHost, type HostWork, hostWork, orphans, silentHosts } from './hosts.ts'
import { placeLegs } from './jobs.ts'
import { syncHere } from './sound/sync-media.ts'

/** Does at this media host what other processes ask of it for the calls that live here. */
export function workAsHost(parts: Parts): void {
  parts.bus.on('ping', () => true)
  parts.bus.on(hostWork, (work: HostWork) => {
    switch (work.do) {
      case 'settle':
        return syncHere(parts, work.callId)
      case 'place':
        return placeLegs(parts, work.callId)
      case 'hang-up':
        return parts.voice.hangUp(work.legId, work.because)
      case 'press':
        return parts.voice.press(work.legId, work.keys, work.pressMs)
    }
  })
}

// A host that only stalls says again that it is there; what it carries must not be ended for a moment's sake.
const goneAfterMs = 10_000
const silentBefore = new WeakMap<Parts['bus'], Set<string>>()

/**
 * Is a silent host gone? Surely when nobody of that name listens. One that answers is not, however long it could not say so
 * (the database was away). One that does not answer is when it was silent a sweep ago as well.
 */
async function isGone({ bus }: Parts, { id, silentMs }: { id: string; silentMs: number }): Promise<boolean> {
  try {
    await bus.ask(id, 'ping', null)
    return false
  } catch (error) {
    return error instanceof NobodyThere || (silentMs > goneAfterMs && (silentBefore.get(bus)?.has(id) ?? false))
  }
}

/** Media hosts that are gone are forgotten. Voice calls without a host end as media-lost and are called back before everybody; operators' lines that were there are down. */
export async function sweepHosts(parts: Parts): Promise<void> {
  const silent = (await silentHosts(parts.db)).filter(({ id }) => id !== parts.bus.id)
  for (const host of silent) if (await isGone(parts, host)) await forgetHost(parts.db, host.id)
  silentBefore.set(parts.bus, new Set(silent.map(({ id }) => id)))
  const { calls, lines } = await orphans(parts.db, parts.bus.id)
  for (const callId of calls) await changeCall(parts, { callId, decide: () => ({ say: 'end', because: 'media-lost' }) })
  if (lines.length === 0) return
  const now = parts.clock.now()
  await parts.db.transaction(async (tx) => {
    const rows = await tx.query<{ id: string }>(
      'UPDATE operator_leg SET up = false, since = $2 WHERE up AND account_id = ANY ($1) RETURNING account_id AS id',
      [lines, now],
    )
    for (const { id } of rows) await enqueue(tx, 'operator-leg-lost', id, now)
  })
  for (const id of lines)
    parts.realtime.toOperator(id, 'presence.changed', { id, version: 0, seq: 0, row: { line: false } })
}

/** This host was thought gone and its calls were ended: whoever still talks or is recorded here is let go. */
export async function letGoEnded(parts: Parts): Promise<void> {
  const ended = await parts.db.query<{ id: string }>(
    `SELECT id FROM call WHERE media_host_id = $1 AND status = 'ended' AND ended_at > $2`,
    [parts.bus.id, after(parts.clock.now(), -minutes(60))],
  )
  for (const { id } of ended) await syncHere(parts, id)
}
