import type { Permission } from '../contracts/route.ts'
import type { Role } from '../contracts/vocabulary.ts'

/** What each role may do in its area. Whatever is not here is refused. */
const grants: Record<Role, Permission[]> = {
  operator: ['read-board', 'handle-incident', 'read-file', 'write-file', 'reveal-access', 'read-providers'],
  supervisor: [
    'read-board',
    'handle-incident',
    'supervise',
    'read-file',
    'write-file',
    'reveal-access',
    'read-providers',
    'read-audit',
  ],
  dispatcher: ['read-board', 'handle-incident', 'read-file', 'reveal-access', 'read-providers'],
  'provider-manager': ['read-providers', 'write-providers'],
  'volunteer-coordinator': ['read-providers', 'write-providers'],
  'area-administrator': [
    'read-board',
    'read-file',
    'write-file',
    'read-providers',
    'write-providers',
    'administer',
    'read-audit',
  ],
  auditor: ['read-audit'],
}

/** Pure: does one of these roles give this permission? */
export function grantedBy(role: Role): readonly Permission[] {
  return grants[role]
}
