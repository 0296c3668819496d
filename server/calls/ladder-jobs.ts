import { alertLeaders, changeIncident } from '../incidents/change.ts'
import { ensureTimer } from '../incidents/jobs.ts'
import { climb, failRung, ladderOf, mayClimb, skipRung, startLadder, stopLadder } from '../incidents/ladder.ts'
import { actorOf, type Fact, type LadderStep } from '../incidents/model.ts'
import type { Stored } from '../incidents/store.ts'
import type { Caller } from '../platform/caller.ts'
import type { Tx } from '../platform/db.ts'
import type { Jobs } from '../platform/jobs.ts'
import { enqueue } from '../platform/outbox.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal } from '../platform/refusal.ts'
import { addressOf, canRing, placeCall, placedFact } from './outbound.ts'
import { loadCall, operatorLegUp, talkingCall } from './store.ts'

/** N: nobody speaks. The first rung is climbed in the same transaction. */
export function noResponse(parts: Parts, caller: Caller, id: string): Promise<Stored | Refusal> {
  return changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: async (incident, tx) => {
      const may = startLadder(incident, { operatorId: caller.id })
      if (isRefusal(may)) return may
      return { facts: await climbTo(parts, tx, incident, 0, actorOf.operator(caller.id)) }
    },
  })
}

export const rungFailed = (parts: Parts, caller: Caller, id: string): Promise<Stored | Refusal> =>
  changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: (incident) => failRung(incident, { operatorId: caller.id, now: parts.clock.now() }),
  })

export const endLadder = (parts: Parts, caller: Caller, id: string, reason: string): Promise<Stored | Refusal> =>
  changeIncident(parts, {
    id,
    inScope: (path) => caller.may('handle-incident', path),
    decide: (incident) => stopLadder(incident, { operatorId: caller.id, reason, now: parts.clock.now() }),
  })

async function stepsFor(tx: Pick<Tx, 'query'>, incident: Stored): Promise<LadderStep[]> {
  const rows = await tx.query<{ id: string }>('SELECT id FROM contact WHERE resident_id = $1 ORDER BY position', [
    incident.residentId,
  ])
  return ladderOf(rows.map((row) => row.id))
}

/** Climbs one rung: places its call, or says that it is to be dialled by hand; or asks for a helper. */
async function climbTo(parts: Parts, tx: Tx, incident: Stored, rung: number, actor: string): Promise<Fact[]> {
  const at = parts.clock.now()
  const steps = await stepsFor(tx, incident)
  const step = steps[rung] ?? { step: 'advice' as const }
  if (step.step === 'helper') {
    await enqueue(tx, 'send-ladder-helper', incident.id, at)
    return climb(steps, rung, { callId: null, byHand: false }, { at, actor })
  }
  if (step.step === 'advice') {
    tx.afterCommit(() => alertLeaders(parts, incident, 'ambulance-advice'))
    return climb(steps, rung, { callId: null, byHand: false }, { at, actor })
  }
  const target = await addressOf(
    tx,
    incident,
    step.step === 'contact' ? { contactId: step.contactId } : { resident: true },
  )
  const address = target && !('operator' in target.address) ? target.address : undefined
  // Without a number nobody can dial it by hand either.
  if (!target || !address)
    return [skipRung(step, rung, 'no-number', at), ...(await climbTo(parts, tx, incident, rung + 1, actor))]
  const owner = incident.ownerId ?? ''
  const free = (await operatorLegUp(tx, owner)) && !(await talkingCall(tx, owner))
  if (!free || !(await canRing(parts, tx, address)))
    return climb(steps, rung, { callId: null, byHand: true }, { at, actor })
  const call = await placeCall(parts, tx, incident, owner, { ...target, address })
  return [placedFact(call, at, actor), ...climb(steps, rung, { callId: call.id, byHand: false }, { at, actor })]
}

type Climbed = { callId: string | null; step: string; contactId?: string; byHand: boolean; at: Date; seq: number }

/** The newest rung that was climbed. */
async function lastRung(tx: Pick<Tx, 'query'>, incidentId: string): Promise<Climbed | undefined> {
  const [row] = await tx.query<{ data: Omit<Climbed, 'at' | 'seq'>; at: Date; seq: number }>(
    `SELECT data, at, seq FROM fact WHERE incident_id = $1 AND type = 'ladder-climbed' ORDER BY seq DESC LIMIT 1`,
    [incidentId],
  )
  return row && { ...row.data, at: row.at, seq: row.seq }
}

/** Has this rung come to nothing already, or does a helper go? A call that is answered ends the ladder by itself. */
async function stateOf(tx: Pick<Tx, 'query'>, incident: Stored, last: Climbed): Promise<'over' | 'open' | 'goes'> {
  if (last.callId) {
    const call = await loadCall(tx, last.callId)
    return call?.status === 'ended' ? 'over' : 'open'
  }
  if (last.step === 'helper') {
    const going = await tx.query(
      `SELECT 1 FROM assignment WHERE incident_id = $1 AND status IN ('accepted', 'en-route', 'on-scene', 'cleared') LIMIT 1`,
      [incident.id],
    )
    return going.length > 0 ? 'goes' : 'open'
  }
  const results = await tx.query(
    `SELECT 1 FROM fact WHERE incident_id = $1 AND type = 'contact-result' AND at >= $2 AND data->>'contactId' = $3 AND data->>'result' <> 'reached' LIMIT 1`,
    [incident.id, last.at, last.contactId ?? ''],
  )
  return results.length > 0 ? 'over' : 'open'
}

/** It was to be dialled by hand: has anybody dialled, or said what came of it? */
async function wasDialled(tx: Pick<Tx, 'query'>, incidentId: string, { seq }: Climbed): Promise<boolean> {
  const said = await tx.query(
    `SELECT 1 FROM fact WHERE incident_id = $1 AND seq > $2 AND type IN ('call-placed', 'rung-failed', 'contact-result') LIMIT 1`,
    [incidentId, seq],
  )
  return said.length > 0
}

/** A rung's time is over, or its call has ended unanswered. Late, early or twice: it is read again, and climbs only when it is so. */
async function climbOn(parts: Parts, id: string): Promise<void> {
  await changeIncident(parts, {
    id,
    decide: async (incident, tx) => {
      const now = parts.clock.now()
      const last = await lastRung(tx, id)
      if (!last || incident.ladderRung === null) return { facts: [] }
      const state = await stateOf(tx, incident, last)
      if (state === 'goes')
        return {
          facts: [
            { at: now, actor: actorOf.system, type: 'ladder-ended', data: { because: 'helper-goes', reason: '' } },
          ],
        }
      if (mayClimb(incident, state === 'over', now)) {
        const rung = incident.ladderRung
        const idle = last.byHand && !(await wasDialled(tx, id, last))
        const step = (await stepsFor(tx, incident))[rung]
        const skipped = idle && step ? [skipRung(step, rung, 'not-dialled', now)] : []
        return { facts: [...skipped, ...(await climbTo(parts, tx, incident, rung + 1, actorOf.system))] }
      }
      const due =
        incident.ladderUntil && incident.ladderUntil > now ? incident.ladderUntil : new Date(now.getTime() + 5_000)
      await ensureTimer(tx, 'climb-ladder', id, due)
      return { facts: [] }
    },
  })
}

export function ladderJobs(parts: Parts) {
  return {
    'climb-ladder': async (ids) => {
      for (const id of ids) await climbOn(parts, id)
    },
  } satisfies Jobs
}
