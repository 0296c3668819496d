import type { Permission } from '../../server/contracts/route.ts'

/** The navigation: where, which permission opens it. A new page is a row here and a route in app.tsx. */
export const places: { to: string; name: string; needs: Permission; group: 'work' | 'files' | 'admin' }[] = [
  { to: '/', name: 'board', needs: 'handle-incident', group: 'work' },
  { to: '/calls', name: 'calls', needs: 'handle-incident', group: 'work' },
  { to: '/alerts', name: 'alerts', needs: 'supervise', group: 'work' },
  { to: '/follow-ups', name: 'followUps', needs: 'handle-incident', group: 'work' },
  { to: '/phone-test', name: 'phoneTest', needs: 'handle-incident', group: 'work' },
  { to: '/wallboard', name: 'wallboard', needs: 'read-board', group: 'work' },
  { to: '/residents', name: 'residents', needs: 'read-file', group: 'files' },
  { to: '/households', name: 'households', needs: 'read-file', group: 'files' },
  { to: '/devices', name: 'devices', needs: 'read-file', group: 'files' },
  { to: '/unprotected', name: 'unprotected', needs: 'read-file', group: 'files' },
  { to: '/providers', name: 'providers', needs: 'read-providers', group: 'files' },
  { to: '/responders', name: 'responders', needs: 'read-providers', group: 'files' },
  { to: '/catalogue', name: 'catalogue', needs: 'signed-in', group: 'files' },
  { to: '/hotlines', name: 'hotlines', needs: 'signed-in', group: 'files' },
  { to: '/areas', name: 'areas', needs: 'administer', group: 'admin' },
  { to: '/accounts', name: 'accounts', needs: 'administer', group: 'admin' },
  { to: '/device-types', name: 'deviceTypes', needs: 'administer', group: 'admin' },
  { to: '/prompts', name: 'prompts', needs: 'administer', group: 'admin' },
  { to: '/audit', name: 'audit', needs: 'read-audit', group: 'admin' },
]
