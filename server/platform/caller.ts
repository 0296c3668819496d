import type { Permission } from '../contracts/route.ts'
import type { Locale, Role } from '../contracts/vocabulary.ts'

export type HeldRole = { role: Role; areaId: string; areaPath: string }

/** Who asks, and how far their word reaches. Made by access; known here because every route is handed one. */
export type Caller = {
  id: string
  username: string
  name: string
  locale: Locale
  sessionId: string
  roles: HeldRole[]
  permissions: Set<Permission>
  /** May they do this to something that lies in this area? */
  may(permission: Permission, areaPath: string): boolean
  /** The area path prefixes in which they may do it. */
  pathsFor(permission: Permission): string[]
}
