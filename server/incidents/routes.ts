import type { FastifyInstance } from 'fastify'
import { incidentRoutes as api } from '../contracts/incidents.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { isRefusal, type Refusal } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import * as commands from './commands.ts'
import { readLedger } from './ledger.ts'
import { listIncidents, readBoard } from './queries.ts'
import type { Stored } from './store.ts'
import { rowView } from './view.ts'

export function incidentRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.board, async ({ caller, query }) => readBoard(parts, caller.pathsFor('read-board'), query))
  serve(app, api.incidents, async ({ caller, query }) =>
    listIncidents(parts, caller.pathsFor('read-board'), { ...query, ownerId: query.mine ? caller.id : undefined }),
  )
  serve(app, api.ledger, async ({ caller }) => readLedger(parts, caller.pathsFor('read-board')))

  type Said = { version?: number | undefined }
  /** A command's answer is the row as it now is. */
  const command =
    <B extends Said>(run: (caller: Caller, target: commands.Target, said: B) => Promise<Stored | Refusal>) =>
    async ({ caller, params, body }: { caller: Caller; params: { id: string }; body: B }) => {
      const answer = await run(caller, { id: params.id, version: body.version }, body)
      return isRefusal(answer) ? answer : rowView(answer)
    }
  serve(
    app,
    api.classify,
    command((caller, target, said) => commands.classifyIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.note,
    command((caller, target, said) => commands.noteIncident(parts, caller, target, said.text)),
  )
  serve(
    app,
    api.hold,
    command((caller, target, said) => commands.holdIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.resume,
    command((caller, target) => commands.resumeIncident(parts, caller, target)),
  )
  serve(
    app,
    api.requeue,
    command((caller, target, said) => commands.requeueIncident(parts, caller, target, said.reason)),
  )
  serve(
    app,
    api.takeOver,
    command((caller, target, said) => commands.takeOverIncident(parts, caller, target, said.reason)),
  )
  serve(
    app,
    api.resolve,
    command((caller, target) => commands.resolveIncident(parts, caller, target)),
  )
  serve(
    app,
    api.extendWrapUp,
    command((caller, target) => commands.extendWrapUp(parts, caller, target)),
  )
  serve(
    app,
    api.close,
    command((caller, target, said) => commands.closeIncident(parts, caller, target, said)),
  )
  serve(
    app,
    api.dismissLimit,
    command((caller, target, said) => commands.dismissLimit(parts, caller, target, said.reason)),
  )
}
