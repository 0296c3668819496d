import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Navigate,
  RouterProvider,
} from '@tanstack/react-router'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { z } from 'zod'
import { auditActions } from '../server/contracts/vocabulary.ts'
import { BoardPage } from './board-page.tsx'
import { board } from './lib/board.ts'
import { may, useMe } from './lib/session.ts'
import { disconnect, onSessionDoubt } from './lib/socket.ts'
import { OfferBanner } from './queue/banner.tsx'
import { AlertBadge, AlertStrip } from './queue/leader-alerts.tsx'
import { startLive } from './queue/live.ts'
import { Frame } from './shell/frame.tsx'
import { SignIn } from './shell/sign-in.tsx'
import { ErrorNote } from './ui/marks.tsx'
import { Themed } from './ui/theme.tsx'

const client = new QueryClient({
  defaultOptions: { queries: { retry: 1, refetchOnWindowFocus: false }, mutations: { retry: 0 } },
})

const root = createRootRoute()
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Gate })
const one = z.object({ id: z.string().optional(), q: z.string().optional() })
const file = { getParentRoute: () => frame, validateSearch: one } as const

const routes = [
  createRoute({
    getParentRoute: () => frame,
    path: '/',
    validateSearch: z.object({ incident: z.string().optional() }),
    component: Home,
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/alerts',
    component: lazyRouteComponent(() => import('./queue/alerts.tsx'), 'AlertsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/wallboard',
    component: lazyRouteComponent(() => import('./queue/wallboard.tsx'), 'WallboardPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/follow-ups',
    component: lazyRouteComponent(() => import('./follow-up/follow-ups.tsx'), 'FollowUpsPage'),
  }),
  createRoute({
    ...file,
    path: '/residents',
    component: lazyRouteComponent(() => import('./residents/residents.tsx'), 'ResidentsPage'),
  }),
  createRoute({
    ...file,
    path: '/households',
    component: lazyRouteComponent(() => import('./residents/households.tsx'), 'HouseholdsPage'),
  }),
  createRoute({
    ...file,
    path: '/devices',
    component: lazyRouteComponent(() => import('./devices/devices.tsx'), 'DevicesPage'),
  }),
  createRoute({
    ...file,
    path: '/providers',
    component: lazyRouteComponent(() => import('./providers/providers.tsx'), 'ProvidersPage'),
  }),
  createRoute({
    ...file,
    path: '/responders',
    component: lazyRouteComponent(() => import('./providers/responders.tsx'), 'RespondersPage'),
  }),
  createRoute({
    ...file,
    path: '/catalogue',
    component: lazyRouteComponent(() => import('./catalogue/catalogue.tsx'), 'CataloguePage'),
  }),
  createRoute({
    ...file,
    path: '/areas',
    component: lazyRouteComponent(() => import('./access/areas.tsx'), 'AreasPage'),
  }),
  createRoute({
    ...file,
    path: '/accounts',
    component: lazyRouteComponent(() => import('./access/accounts.tsx'), 'AccountsPage'),
  }),
  createRoute({
    getParentRoute: () => frame,
    path: '/audit',
    validateSearch: z.object({ action: z.enum(auditActions).optional().catch(undefined) }),
    component: lazyRouteComponent(() => import('./access/audit.tsx'), 'AuditPage'),
  }),
] as const

const router = createRouter({
  routeTree: root.addChildren([frame.addChildren(routes)]),
  defaultErrorComponent: ({ error, reset }) => <ErrorNote error={error} retry={reset} />,
  defaultNotFoundComponent: () => <Navigate to="/" search={{}} />,
})
declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Themed>
        <RouterProvider router={router} />
      </Themed>
    </QueryClientProvider>
  )
}

/** Signed in or not; the live connection runs as long as somebody is. */
function Gate() {
  const { t } = useTranslation()
  const { me, loading } = useMe()
  const id = me && may(me, 'read-board') ? me.id : undefined
  const operator = me !== undefined && may(me, 'handle-incident')
  useEffect(() => (id ? startLive(id, operator) : undefined), [id, operator])
  useEffect(() => onSessionDoubt(() => void client.invalidateQueries({ queryKey: ['me'] })), [])
  // However the session ended, nothing of it stays on the screen.
  const over = !loading && !me
  useEffect(() => {
    if (!over) return
    disconnect()
    board.clear()
    client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'me' })
  }, [over])
  if (loading) return <p className="page-inner">{t('ui.loading')}</p>
  if (!me) return <SignIn />
  const leads = may(me, 'supervise')
  const above = (
    <>
      {leads && <AlertStrip />}
      {operator && <OfferBanner />}
    </>
  )
  return <Frame above={above} badges={leads ? { alerts: <AlertBadge /> } : {}} />
}

/** The board for who handles incidents; others start at what their role opens. */
function Home() {
  const { me } = useMe()
  if (me && may(me, 'handle-incident')) return <BoardPage />
  if (me && may(me, 'administer')) return <Navigate to="/residents" search={{}} />
  if (me && may(me, 'read-providers')) return <Navigate to="/providers" search={{}} />
  return <Navigate to="/audit" search={{}} />
}
