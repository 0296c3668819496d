import type { FastifyInstance } from 'fastify'
import { v7 } from 'uuid'
import { type AccountForm, type AccountView, accessRoutes as api } from '../contracts/access.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { type Refusal, refuse } from '../platform/refusal.ts'
import { serve } from '../platform/serve.ts'
import { audit } from './audit.ts'
import { hashPassword } from './password.ts'

const withRoles = { roles: true } as const
type Row = { id: string; roles: { role: string; areaId: string }[] }

function view(row: Row): AccountView {
  const { id, username, name, phone, locale, languages, skills, capacity, active, version } =
    row as unknown as AccountView
  return {
    id,
    username,
    name,
    phone,
    locale,
    languages,
    skills,
    capacity,
    active,
    version,
    roles: row.roles.map(({ role, areaId }) => ({ role, areaId })) as AccountView['roles'],
  }
}

/** Nobody gives, changes or takes away what lies outside of their own area, their own reach included. */
async function withinReach({ prisma }: Parts, caller: Caller, roles: { areaId: string }[]): Promise<boolean> {
  const areas = await prisma.area.findMany({ where: { id: { in: roles.map((role) => role.areaId) } } })
  return roles.every((role) => areas.some((area) => area.id === role.areaId && caller.may('administer', area.path)))
}

async function save(
  parts: Parts,
  caller: Caller,
  form: AccountForm,
  existing?: { id: string; version: number },
): Promise<AccountView | Refusal> {
  const { prisma } = parts
  if (!(await withinReach(parts, caller, form.roles)))
    return refuse('forbidden', 'Give roles only within your own area.')
  const before = existing ? await prisma.account.findUnique({ where: { id: existing.id }, include: withRoles }) : null
  if (existing && (!before || !(await withinReach(parts, caller, before.roles)))) return refuse('not-found')
  if (!existing && !form.password)
    return refuse('invalid', 'A new account needs a password.', [
      { path: 'password', message: 'at least 10 characters' },
    ])
  const taken = await prisma.account.findUnique({ where: { username: form.username } })
  if (taken && taken.id !== existing?.id) return refuse('username-taken', 'Another account has this name.')
  const { roles, password, ...plain } = form
  const data = {
    ...plain,
    ...(password && { passwordHash: await hashPassword(password), failedLogins: 0, lockedUntil: null }),
  }
  const id = existing?.id ?? v7()
  const saved = await prisma.$transaction(async (tx) => {
    if (existing) {
      const { count } = await tx.account.updateMany({
        where: { id, version: existing.version },
        data: { ...data, version: { increment: 1 } },
      })
      if (count === 0) return false
      await tx.accountRole.deleteMany({ where: { accountId: id } })
      // A new password or a withdrawn account ends what was signed in with the old one.
      if (password || !form.active) await tx.session.deleteMany({ where: { accountId: id } })
    } else await tx.account.create({ data: { id, passwordHash: '', ...data } })
    await tx.accountRole.createMany({ data: roles.map((role) => ({ accountId: id, ...role })), skipDuplicates: true })
    return true
  })
  if (!saved)
    return refuse('stale-version', 'Somebody has changed it meanwhile. Look again and enter your change anew.')
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'account',
    subjectId: id,
  })
  return view(await prisma.account.findUniqueOrThrow({ where: { id }, include: withRoles }))
}

export function accountRoutes(app: FastifyInstance, parts: Parts): void {
  const { prisma } = parts
  serve(app, api.accounts, async ({ caller, query }) => {
    const offset = query.cursor && /^\d{1,6}$/.test(query.cursor) ? Number(query.cursor) : 0
    const reach = {
      roles: { some: { area: { OR: caller.pathsFor('administer').map((path) => ({ path: { startsWith: path } })) } } },
    }
    const named = query.q ? { OR: [{ username: { contains: query.q } }, { name: { contains: query.q } }] } : {}
    const rows = await prisma.account.findMany({
      where: { AND: [reach, named] },
      include: withRoles,
      orderBy: { username: 'asc' },
      skip: offset,
      take: query.limit + 1,
    })
    return {
      items: rows.slice(0, query.limit).map(view),
      next: rows.length > query.limit ? String(offset + query.limit) : null,
    }
  })
  serve(app, api.createAccount, async ({ caller, body }) => save(parts, caller, body))
  serve(app, api.updateAccount, async ({ caller, params, body }) =>
    save(parts, caller, body.form, { id: params.id, version: body.version }),
  )
  serve(app, api.audit, async ({ query }) => {
    const before = query.cursor && /^\d+$/.test(query.cursor) ? Number(query.cursor) : null
    const rows = await parts.db.query<{
      id: number
      at: Date
      accountId: string | null
      accountName: string | null
      action: string
      subjectKind: string
      subjectId: string
      reason: string | null
    }>(
      `SELECT u.id, u.at, u.account_id AS "accountId", a.name AS "accountName", u.action, u.subject_kind AS "subjectKind", u.subject_id AS "subjectId", u.reason
       FROM audit u LEFT JOIN account a ON a.id = u.account_id
       WHERE ($1::text IS NULL OR u.subject_id = $1) AND ($2::bigint IS NULL OR u.id < $2) ORDER BY u.id DESC LIMIT $3`,
      [query.subjectId ?? null, before, query.limit + 1],
    )
    const items = rows.slice(0, query.limit).map((row) => ({ ...row, id: String(row.id), at: row.at.toISOString() }))
    return { items, next: rows.length > query.limit ? (items.at(-1)?.id ?? null) : null }
  })
}
