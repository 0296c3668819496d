import type { FastifyInstance } from 'fastify'
import { auditLook } from '../access/audit.ts'
import { callRoutes as api } from '../contracts/calls.ts'
import { operatorLegId } from '../contracts/voice.ts'
import { changeIncident } from '../incidents/change.ts'
import { mayOpenFiles } from '../incidents/file-commands.ts'
import { candidates, enterNewCaller, identify } from '../incidents/identify.ts'
import { actorOf } from '../incidents/model.ts'
import { columns, load, type Stored } from '../incidents/store.ts'
import { rowView } from '../incidents/view.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import * as commands from './commands.ts'
import * as thirds from './conference.ts'
import { endLadder, noResponse, rungFailed } from './ladder-jobs.ts'
import type { StoredCall } from './model.ts'
import { callOut } from './outbound.ts'
import { viewOf, viewsOf } from './queries.ts'
import { callColumns, loadCall } from './store.ts'
import { superviseCall } from './supervise.ts'
import { textsOf } from './texts.ts'
import { commandUnit } from './unit.ts'
import { callRowView } from './view.ts'

const scope = (caller: Caller) => caller.pathsFor('handle-incident').map((path) => `${path}%`)
const rowOf = (answer: Stored | Refusal) => (isRefusal(answer) ? answer : rowView(answer))

export function callRoutes(app: FastifyInstance, parts: Parts): void {
  const shown = async (answer: StoredCall | Refusal) => (isRefusal(answer) ? answer : viewOf(parts, answer))
  serve(app, api.answerCall, async ({ caller, params }) => shown(await commands.answerCall(parts, caller, params.id)))
  serve(app, api.holdCall, async ({ caller, params }) => shown(await commands.holdCall(parts, caller, params.id)))
  serve(app, api.resumeCall, async ({ caller, params }) => shown(await commands.resumeCall(parts, caller, params.id)))
  serve(app, api.askByKeys, async ({ caller, params }) => shown(await commands.askByKeys(parts, caller, params.id)))
  serve(app, api.hangUpCall, async ({ caller, params }) => shown(await commands.hangUpCall(parts, caller, params.id)))
  serve(app, api.commandUnit, async ({ caller, params, body }) =>
    shown(await commandUnit(parts, caller, params.id, body.command)),
  )
  serve(app, api.joinCall, async ({ caller, params, body }) =>
    shown(await thirds.joinCall(parts, caller, params.id, body.to)),
  )
  serve(app, api.superviseCall, async ({ caller, params, body }) => {
    const call = await superviseCall(parts, caller, params.id, body.mode)
    return isRefusal(call) ? call : callRowView(call)
  })
  serve(app, api.acceptJoin, async ({ caller, params }) => shown(await thirds.acceptJoin(parts, caller, params.id)))
  serve(app, api.dropLeg, async ({ caller, params, body }) =>
    shown(await thirds.dropLeg(parts, caller, params.id, body.legId)),
  )
  serve(app, api.handOver, async ({ caller, params, body }) =>
    shown(await thirds.handOver(parts, caller, params.id, body.operatorId)),
  )
  serve(app, api.callOut, async ({ caller, params, body }) => shown(await callOut(parts, caller, params.id, body.to)))
  serve(app, api.startLadder, async ({ caller, params }) => rowOf(await noResponse(parts, caller, params.id)))
  serve(app, api.rungFailed, async ({ caller, params }) => rowOf(await rungFailed(parts, caller, params.id)))
  serve(app, api.stopLadder, async ({ caller, params, body }) =>
    rowOf(await endLadder(parts, caller, params.id, body.reason)),
  )
  serve(app, api.candidates, async ({ caller, params }) => candidates(parts, caller, params.id))
  serve(app, api.identify, async ({ caller, params, body }) =>
    rowOf(await identify(parts, caller, params.id, body.residentId)),
  )
  serve(app, api.newCaller, async ({ caller, params, body }) =>
    rowOf(await enterNewCaller(parts, caller, params.id, body)),
  )
  serve(app, api.calledBack, async ({ caller, params, body }) => {
    const done = await changeIncident(parts, {
      id: params.id,
      inScope: (path) => caller.may('handle-incident', path),
      decide: (incident) => {
        if (incident.ownerId !== caller.id) return refuse('not-owner', 'Take the incident first.')
        const by = { at: parts.clock.now(), actor: actorOf.operator(caller.id) }
        return { facts: incident.callBack ? [{ ...by, type: 'called-back', data: { reason: body.reason } }] : [] }
      },
    })
    return rowOf(done)
  })

  serve(app, api.calls, async ({ caller, query }) => {
    const rows = await parts.db.query<{ call: string } & StoredCall>(
      `SELECT ${callColumns} FROM call WHERE area_path LIKE ANY ($1)
         AND ($2::boolean IS NOT TRUE OR status <> 'ended')
         AND ($3::boolean IS NOT TRUE OR (direction = 'in' AND ended_because IN ('abandoned', 'lost', 'media-lost', 'not-taken', 'asked-call-back')))
         AND ($4::timestamptz IS NULL OR offered_at < $4) ORDER BY offered_at DESC LIMIT $5`,
      [scope(caller), query.live ?? null, query.missed ?? null, timeOf(query.cursor), query.limit + 1],
    )
    const items = rows.slice(0, query.limit)
    const incidents = await parts.db.query<Stored>(`SELECT ${columns} FROM incident WHERE id = ANY ($1)`, [
      items.map((call) => call.incidentId),
    ])
    const byId = new Map(incidents.map((incident) => [incident.id, rowView(incident)]))
    return {
      items: items.flatMap((call) => {
        const row = byId.get(call.incidentId)
        return row ? [{ ...callRowView(call), row }] : []
      }),
      next: rows.length > query.limit ? (items.at(-1)?.offeredAt.toISOString() ?? null) : null,
    }
  })
  serve(app, api.invitations, async ({ caller }) => {
    const rows = await parts.db.query<StoredCall & { from: string }>(
      `SELECT ${callColumns}, a.name AS "from" FROM call JOIN call_leg leg ON leg.call_id = call.id JOIN account a ON a.id = call.operator_id
       WHERE leg.leg_id = $1 AND leg.status = 'early' AND call.status <> 'ended' ORDER BY leg.created_at`,
      [operatorLegId(caller.id)],
    )
    const items = []
    for (const { from, ...call } of rows) {
      const incident = await load(parts.db, call.incidentId)
      if (incident) items.push({ call: callRowView(call), from, row: rowView(incident) })
    }
    return { items, next: null }
  })
  serve(app, api.callBacks, async ({ caller }) => {
    const rows = await parts.db.query<Stored>(
      `SELECT ${columns} FROM incident WHERE call_back IS NOT NULL AND status <> 'closed' AND area_path LIKE ANY ($1)
       ORDER BY class, queued_at LIMIT 200`,
      [scope(caller)],
    )
    return { items: rows.map(rowView), next: null }
  })

  /** Number and words are the owner's and the supervisor's; everybody else takes the incident first. */
  const mayHear = async (caller: Caller, incidentId: string): Promise<Refusal | undefined> => {
    const incident = await load(parts.db, incidentId)
    if (!incident || !caller.may('handle-incident', incident.areaPath)) return refuse('not-found')
    if (!mayOpenFiles(caller, incident, parts.clock.now())) return refuse('not-owner', 'Take the incident first.')
    return undefined
  }
  serve(app, api.incidentCalls, async ({ caller, params }) => {
    const no = await mayHear(caller, params.id)
    if (no) return no
    await auditLook(parts, { accountId: caller.id, subjectKind: 'incident', subjectId: params.id })
    return { items: await viewsOf(parts, params.id), next: null }
  })
  serve(app, api.callTexts, async ({ caller, params }) => {
    const call = await loadCall(parts.db, params.id)
    const no = call ? await mayHear(caller, call.incidentId) : refuse('not-found')
    if (no) return no
    await auditLook(parts, { accountId: caller.id, subjectKind: 'call', subjectId: params.id })
    return { items: await textsOf(parts, params.id), next: null }
  })
}

const timeOf = (cursor: string | undefined): Date | null => {
  const at = cursor ? new Date(cursor) : undefined
  return at && !Number.isNaN(at.getTime()) ? at : null
}
