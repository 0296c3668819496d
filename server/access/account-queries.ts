import type { AccountView } from '../contracts/access.ts'
import type { Parts } from '../platform/parts.ts'

export const withRoles = { roles: true, askedRoles: true } as const
type Held = { role: string; areaId: string }
type Row = { id: string; roles: Held[]; askedRoles: (Held & { askedBy: string })[] }

export function accountView(row: Row): AccountView {
  const { id, username, name, phone, locale, languages, skills, capacity, active, version } =
    row as unknown as AccountView
  const roles = row.roles.map(({ role, areaId }) => ({ role, areaId })) as AccountView['roles']
  const asked = row.askedRoles.map(({ role, areaId, askedBy }) => ({ role, areaId, askedBy })) as AccountView['asked']
  return { id, username, name, phone, locale, languages, skills, capacity, active, version, roles, asked }
}

export async function listAccounts(
  { prisma }: Pick<Parts, 'prisma'>,
  paths: string[],
  { q, limit, cursor }: { q?: string | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: AccountView[]; next: string | null }> {
  const offset = Number(cursor ?? 0)
  const reach = { roles: { some: { area: { OR: paths.map((path) => ({ path: { startsWith: path } })) } } } }
  const named = q ? { OR: [{ username: { contains: q } }, { name: { contains: q } }] } : {}
  const rows = await prisma.account.findMany({
    where: { AND: [reach, named] },
    include: withRoles,
    orderBy: { username: 'asc' },
    skip: offset,
    take: limit + 1,
  })
  const next = rows.length > limit ? String(offset + limit) : null
  return { items: rows.slice(0, limit).map(accountView), next }
}
