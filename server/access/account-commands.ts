import { v7 } from 'uuid'
import type { AccountForm, AccountView } from '../contracts/access.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { accountView, withRoles } from './account-queries.ts'
import { audit } from './audit.ts'
import { hashPassword } from './password.ts'

type Held = { role: string; areaId: string }
type Before = { id: string; active: boolean; roles: Held[] }

/** Which of these roles lie where the caller administers. */
async function withinReach<R extends Held>({ prisma }: Parts, caller: Caller, roles: R[]): Promise<R[]> {
  const areas = await prisma.area.findMany({ where: { id: { in: roles.map((role) => role.areaId) } } })
  const own = new Set(areas.filter((area) => caller.may('administer', area.path)).map((area) => area.id))
  return roles.filter((role) => own.has(role.areaId))
}

const named = (roles: Held[]) => [...new Set(roles.map(({ role, areaId }) => `${role} ${areaId}`))].sort().join()

/**
 * Nobody gives, changes or takes away what lies outside of their own area; nobody changes their own roles at all, so that
 * no account can raise itself; and nobody withdraws themselves, so that the last administrator does not lock the door.
 */
async function mayNot(
  parts: Parts,
  caller: Caller,
  form: AccountForm,
  before: Before | null | undefined,
): Promise<Refusal | undefined> {
  if (before) {
    const within = await withinReach(parts, caller, before.roles)
    if (within.length === 0) return refuse('not-found')
    if (within.length < before.roles.length)
      return refuse('forbidden', 'This person also works outside of your area; ask the administrator of both.')
    if (before.id === caller.id && (named(before.roles) !== named(form.roles) || !form.active))
      return refuse('forbidden', 'Ask another administrator to change your own roles.')
  }
  if ((await withinReach(parts, caller, form.roles)).length < form.roles.length)
    return refuse('forbidden', 'Give roles only within your own area.')
  return undefined
}

const taken = () => refuse('username-taken', 'Another account has this name.')
const hasCode = (error: unknown, code: string) => (error as { code?: string }).code === code

export async function saveAccount(
  parts: Parts,
  caller: Caller,
  form: AccountForm,
  existing?: { id: string; version: number },
): Promise<AccountView | Refusal> {
  const { prisma } = parts
  const before = existing && (await prisma.account.findUnique({ where: { id: existing.id }, include: withRoles }))
  if (existing && !before) return refuse('not-found')
  const refusal = await mayNot(parts, caller, form, before)
  if (refusal) return refusal
  if (!existing && !form.password)
    return refuse('invalid', 'A new account needs a password.', [{ path: 'password', message: 'too-short:10' }])
  const phone = phoneField(form.phone, existing ? 'form.phone' : 'phone')
  if (isRefusal(phone)) return phone
  const { roles, password, ...plain } = form
  const data = {
    ...plain,
    ...phone,
    ...(password && { passwordHash: await hashPassword(password), failedLogins: 0, lockedUntil: null }),
  }
  const id = existing?.id ?? v7()
  try {
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
  } catch (error) {
    if (hasCode(error, 'P2002')) return taken()
    throw error
  }
  // Their consoles come back with what they may now; whoever may no more does not.
  if (existing) parts.realtime.disconnect(`account:${id}`)
  await audit(parts, {
    accountId: caller.id,
    action: existing ? 'change' : 'create',
    subjectKind: 'account',
    subjectId: id,
  })
  return accountView(await prisma.account.findUniqueOrThrow({ where: { id }, include: withRoles }))
}
