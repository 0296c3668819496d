import type { FastifyInstance } from 'fastify'
import { auditList, auditLook } from '../access/audit.ts'
import { residentRoutes as api } from '../contracts/residents.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { saveHousehold, saveResident } from './commands.ts'
import { loadHousehold, loadResidentView, searchHouseholds, searchResidents } from './queries.ts'
import { householdView } from './view.ts'

export function residentRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.residents, async ({ caller, query }) => {
    const answer = await searchResidents(parts, caller.pathsFor('read-file'), query)
    return auditList(parts, { accountId: caller.id, subjectKind: 'resident-list' }, query, answer)
  })
  serve(app, api.resident, async ({ caller, params }) => {
    const view = await loadResidentView(parts, params.id, caller.pathsFor('read-file'))
    if (!view) return refuse('not-found')
    await auditLook(parts, { accountId: caller.id, subjectKind: 'resident', subjectId: params.id })
    return view
  })
  serve(app, api.createResident, async ({ caller, body }) => saveResident(parts, caller, body))
  serve(app, api.updateResident, async ({ caller, params, body }) =>
    saveResident(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.households, async ({ caller, query }) => {
    const answer = await searchHouseholds(parts, caller.pathsFor('read-file'), query)
    return auditList(parts, { accountId: caller.id, subjectKind: 'household-list' }, query, answer)
  })
  serve(app, api.household, async ({ caller, params }) => {
    const row = await loadHousehold(parts, params.id, caller.pathsFor('read-file'))
    if (!row) return refuse('not-found')
    await auditLook(parts, { accountId: caller.id, subjectKind: 'household', subjectId: params.id })
    return householdView(row)
  })
  serve(app, api.createHousehold, async ({ caller, body }) => saveHousehold(parts, caller, body))
  serve(app, api.updateHousehold, async ({ caller, params, body }) =>
    saveHousehold(parts, caller, body.form, { id: params.id, version: body.version }),
  )
}
