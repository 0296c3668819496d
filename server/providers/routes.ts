import type { FastifyInstance } from 'fastify'
import { auditList, auditLook } from '../access/audit.ts'
import { providerRoutes as api } from '../contracts/providers.ts'
import type { Parts } from '../platform/parts.ts'
import { refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { saveProvider, saveResponder } from './commands.ts'
import { loadProvider, loadResponder, searchProviders, searchResponders } from './queries.ts'

export function providerRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.providers, async ({ caller, query }) =>
    searchProviders(parts, caller.pathsFor('read-providers'), query),
  )
  serve(
    app,
    api.provider,
    async ({ caller, params }) =>
      (await loadProvider(parts, params.id, caller.pathsFor('read-providers'))) ?? refuse('not-found'),
  )
  serve(app, api.createProvider, async ({ caller, body }) => saveProvider(parts, caller, body))
  serve(app, api.updateProvider, async ({ caller, params, body }) =>
    saveProvider(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.responders, async ({ caller, query }) => {
    const answer = await searchResponders(parts, caller.pathsFor('read-providers'), query)
    return auditList(parts, { accountId: caller.id, subjectKind: 'responder-list' }, query, answer)
  })
  serve(app, api.responder, async ({ caller, params }) => {
    const responder = await loadResponder(parts, params.id, caller.pathsFor('read-providers'))
    if (!responder) return refuse('not-found')
    await auditLook(parts, { accountId: caller.id, subjectKind: 'responder', subjectId: params.id })
    return responder
  })
  serve(app, api.createResponder, async ({ caller, body }) => saveResponder(parts, caller, body))
  serve(app, api.updateResponder, async ({ caller, params, body }) =>
    saveResponder(parts, caller, body.form, { id: params.id, version: body.version }),
  )
}
