import type { FastifyInstance } from 'fastify'
import { accessRoutes as api } from '../contracts/access.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { saveAccount } from './account-commands.ts'
import { listAccounts } from './account-queries.ts'
import { auditList } from './audit.ts'
import { listAudit } from './audit-queries.ts'
import { looksToReview, reviewOneLook } from './looks.ts'

export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.accounts, async ({ caller, query }) => {
    await auditList(parts, { accountId: caller.id, subjectKind: 'account-list' }, query)
    return listAccounts(parts, caller.pathsFor('administer'), query)
  })
  serve(app, api.createAccount, async ({ caller, body }) => saveAccount(parts, caller, body))
  serve(app, api.updateAccount, async ({ caller, params, body }) =>
    saveAccount(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.looksToReview, async ({ caller }) => ({ items: await looksToReview(parts, caller), next: null }))
  serve(app, api.reviewLook, ({ caller, params, body }) => reviewOneLook(parts, caller, params.id, body))
  serve(app, api.audit, async ({ caller, query }) => listAudit(parts, caller.pathsFor('read-audit'), query))
}
