import { brokenSeals, sealAudit } from '../access/audit-seal.ts'
import { sweepSessions } from '../access/session.ts'
import { alarmIntake } from '../alarms/open-from-alarm.ts'
import { supervise } from '../alarms/supervise.ts'
import { compareCalls, sweepCalls } from '../calls/sweep.ts'
import { sendQueued } from '../dispatch/deliver.ts'
import { sweepLedger } from '../incidents/ledger.ts'
import type { Parts } from '../platform/parts.ts'
import { sweepOffers } from '../queue/jobs.ts'
import { measure } from './measure.ts'

const sweepEveryMs = 5_000
/** Three sweeps missed: no worker is alive anywhere. */
export const workerGoneAfterMs = 15_000 + sweepEveryMs

/** The continuous self-check: ledger, lost timers, and the figures that only the database knows. Runs in the worker role. */
export const startSweeps = (parts: Parts): (() => void) => everyFewSeconds(parts, () => sweep(parts))

/** Seals what the audit has got, and compares what was sealed; apart, since it may read much, and nothing else waits for it. */
export const startAuditSeals = (parts: Parts): (() => void) =>
  everyFewSeconds(parts, async () => {
    await sealAudit(parts)
    await checkAudit(parts)
  })

/** Looks after the devices that fell silent. It has a way in of its own: a storm of them stands in no press's line. */
export function startSupervision(parts: Parts): () => void {
  const intake = alarmIntake(parts, { watched: false })
  return everyFewSeconds(parts, () => supervise(parts, intake))
}

/** What only a media host can know of its calls. */
export const startCallSweep = (parts: Parts): (() => void) => everyFewSeconds(parts, () => compareCalls(parts))

function everyFewSeconds(parts: Parts, work: () => Promise<void>): () => void {
  let busy = false
  const timer = setInterval(async () => {
    if (busy) return
    busy = true
    try {
      await work()
    } catch (error) {
      parts.log.warn({ fault: (error as Error).message }, 'sweep failed; trying again')
    }
    busy = false
  }, sweepEveryMs)
  return () => clearInterval(timer)
}

// Somebody who changes what was written wants it unnoticed for longer than an hour.
const auditCheckedEveryMs = 60 * 60_000
let auditCheckedAt: Date | undefined
let auditCheckedTo: number | undefined

/** What the audit says must be what it said: a leader hears when it is not. */
async function checkAudit(parts: Parts): Promise<void> {
  const now = parts.clock.now()
  if (auditCheckedAt && now.getTime() - auditCheckedAt.getTime() < auditCheckedEveryMs) return
  auditCheckedAt = now
  // The newest each time, and a piece of the older ones in turn, until all were looked at.
  const older = await brokenSeals(parts, auditCheckedTo)
  auditCheckedTo = older.next
  const broken = [...(await brokenSeals(parts)).broken, ...older.broken]
  await parts.db.query(
    'UPDATE system SET audit_broken_at = $1 WHERE (audit_broken_at IS NULL) <> ($1::timestamptz IS NULL)',
    [broken.length > 0 ? now : null],
  )
  if (broken.length === 0) return
  parts.log.error({ batches: broken.slice(0, 20) }, 'the audit is not what was sealed')
  const at = now.toISOString()
  parts.realtime.toLeaders('alert.raised', { id: 'audit-changed', kind: 'audit-changed', incidentId: null, at })
}

export async function sweep(parts: Parts): Promise<void> {
  await parts.db.query('UPDATE system SET worker_seen_at = $1', [parts.clock.now()])
  await sweepLedger(parts)
  await sweepOffers(parts)
  await sweepCalls(parts)
  await sweepSessions(parts)
  await sendQueued(parts)
  await measure(parts)
}
