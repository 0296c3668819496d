import type { Permission } from '../contracts/route.ts'
import type { Caller } from '../platform/caller.ts'
import { grantedBy } from './policy.ts'

export type { Caller, HeldRole } from '../platform/caller.ts'

export function makeCaller(
  account: Pick<Caller, 'id' | 'username' | 'name' | 'locale' | 'sessionId' | 'roles'>,
): Caller {
  const pathsFor = (permission: Permission) => [
    ...new Set(account.roles.filter((held) => grantedBy(held.role).includes(permission)).map((held) => held.areaPath)),
  ]
  return {
    ...account,
    permissions: new Set(account.roles.flatMap((held) => grantedBy(held.role))),
    pathsFor,
    may: (permission, areaPath) => pathsFor(permission).some((path) => areaPath.startsWith(path)),
  }
}

/** For routes without an account: a device, a signed link, the public. */
export const nobody: Caller = makeCaller({ id: '', username: '', name: '', locale: 'zh-CN', sessionId: '', roles: [] })

/** What is one for the whole centre (the catalogue, what callers hear) is changed by who administers a district. */
export const administersDistrict = (caller: Caller): boolean =>
  caller.pathsFor('administer').some((path) => path.split('/').filter(Boolean).length === 1)
