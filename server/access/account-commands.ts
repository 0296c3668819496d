import { v7 } from 'uuid'
import type { AccountForm, AccountView } from '../contracts/access.ts'
import type { Caller } from '../platform/caller.ts'
import type { Parts } from '../platform/parts.ts'
import { phoneField } from '../platform/phone.ts'
import { isRefusal, type Refusal, refuse } from '../platform/refusal.ts'
import { accountView, withRoles } from './account-queries.ts'
import { audit } from './audit.ts'
import { mustConfirm } from './session.ts'
import { withSecondYes } from './too-mighty.ts'

type Held = { role: string; areaId: string }
type Before = { id: string; active: boolean; roles: Held[] }

/** Which of these roles lie where the caller administers. */
export async function withinReach<R extends Held>({ prisma }: Parts, caller: Caller, roles: R[]): Promise<R[]> {
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
  const refusal = (await mayNot(parts, caller, form, before)) ?? (await mustConfirm(parts, caller))
  if (refusal) return refusal
  const phone = phoneField(form.phone, existing ? 'form.phone' : 'phone')
  if (isRefusal(phone)) return phone
  const { roles: wanted, ...plain } = form
  const { held: roles, asked } = withSecondYes(wanted, before?.roles ?? [])
  const data = { ...plain, ...phone }
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
        await tx.askedRole.deleteMany({ where: { accountId: id } })
        // A withdrawn account ends what was signed in with it.
        if (!form.active) await tx.session.deleteMany({ where: { accountId: id } })
      } else await tx.account.create({ data: { id, passwordHash: '', ...data } })
      await tx.accountRole.createMany({ data: roles.map((role) => ({ accountId: id, ...role })), skipDuplicates: true })
      const by = { accountId: id, askedBy: caller.id, askedAt: parts.clock.now() }
      await tx.askedRole.createMany({ data: asked.map((role) => ({ ...role, ...by })), skipDuplicates: true })
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
  for (const { role, areaId } of asked)
    await audit(parts, {
      accountId: caller.id,
      action: 'ask-role',
      subjectKind: 'account',
      subjectId: id,
      reason: `${role} ${areaId}`,
    })
  return accountView(await prisma.account.findUniqueOrThrow({ where: { id }, include: withRoles }))
}

/** May this person be changed by the caller, and has the caller shown lately who they are? */
export async function mayChange(parts: Parts, caller: Caller, id: string): Promise<Refusal | undefined> {
  const account = await parts.prisma.account.findUnique({ where: { id }, include: withRoles })
  const within = account ? await withinReach(parts, caller, account.roles) : []
  if (!account || within.length === 0) return refuse('not-found')
  if (within.length < account.roles.length)
    return refuse('forbidden', 'This person also works outside of your area; ask the administrator of both.')
  return mustConfirm(parts, caller)
}
