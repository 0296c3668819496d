import type { FastifyInstance } from 'fastify'
import { accessRoutes as api } from '../contracts/access.ts'
import type { Parts } from '../platform/parts.ts'
import { serve } from '../platform/serve.ts'
import { mayChange, saveAccount } from './account-commands.ts'
import { listAccounts } from './account-queries.ts'
import { approveRole } from './approve-role.ts'
import { auditList } from './audit.ts'
import { listAudit } from './audit-queries.ts'
import { looksToReview, reviewOneLook } from './looks.ts'
import { makePasswordLink } from './password-link.ts'

export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  serve(app, api.accounts, async ({ caller, query }) => {
    const answer = await listAccounts(parts, caller.pathsFor('administer'), query)
    return auditList(parts, { accountId: caller.id, subjectKind: 'account-list' }, query, answer)
  })
  serve(app, api.createAccount, async ({ caller, body }) => saveAccount(parts, caller, body))
  serve(app, api.updateAccount, async ({ caller, params, body }) =>
    saveAccount(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.makePasswordLink, async ({ caller, params }) => {
    const no = await mayChange(parts, caller, params.id)
    return no ?? makePasswordLink(parts, caller, params.id)
  })
  serve(app, api.approveRole, ({ caller, params, body }) => approveRole(parts, caller, params.id, body))
  serve(app, api.looksToReview, async ({ caller }) => ({ items: await looksToReview(parts, caller), next: null }))
  serve(app, api.reviewLook, ({ caller, params, body }) => reviewOneLook(parts, caller, params.id, body))
  serve(app, api.audit, async ({ caller, query }) => listAudit(parts, caller.pathsFor('read-audit'), query))
}
